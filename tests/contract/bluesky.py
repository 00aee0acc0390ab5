"""The stage of Bluesky: the official PDS on loopback, an account lent to a site with a public address."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from bot.model.calls import Scope
from bot.model.notice import PostRef
from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.api.bluesky_posts import BlueskyPublisher
from bot.networks.atproto.client import COLLECTIVE_SCOPE
from bot.networks.atproto.records import POSTS, written
from bot.networks.connect.bluesky import BlueskyConnect
from bot.networks.http import Http, anywhere
from tests.contract.stage import BACK
from tests.fakes.wire import whole
from tests.pds import CLIENT, Pds

_SECRET = ("code", "code_verifier", "refresh_token", "token", "client_assertion")


class BlueskyStage:
    """See `tests.contract.stage.Stage`."""

    full_scope = Scope.ACCOUNT
    edits = True
    deadline_s = 3.0

    lent: Lent

    def __init__(self, pds: Pds, http: Http) -> None:
        self.pds, self.proxy = pds, pds.proxy
        self.api = BlueskyApi(http, CLIENT, pds.plc, pds.url, self.deadline_s)
        self.publisher = BlueskyPublisher(http, pds.plc, pds.url, self.deadline_s)
        self.connect = BlueskyConnect(http, CLIENT, pds.plc, pds.url)
        self._wide = BlueskyConnect(http, CLIENT, pds.plc, pds.url, COLLECTIVE_SCOPE)
        self.nadia, self.samir, self.lea = (pds.someone(name) for name in ("nadia", "samir", "lea"))
        self.account = Account(1, 1, "bluesky", self.samir.handle)

    async def post(self, words: str) -> PostRef:
        """Let somebody post."""
        return await asyncio.to_thread(self.pds.post, self.nadia, words)

    async def edit(self, post: PostRef, words: str) -> None:
        """Put another record in its place."""
        record = {"$type": POSTS, "text": words, "createdAt": written(datetime.now().astimezone())}
        body = {"repo": self.nadia.did, "collection": POSTS, "rkey": _key(post), "record": record}
        await asyncio.to_thread(self.pds.call, "com.atproto.repo.putRecord", body, self.nadia.session)

    async def delete(self, post: PostRef) -> None:
        """Delete the record."""
        await asyncio.to_thread(self.pds.delete, self.nadia, post.remote_id)

    async def boosts(self, post: PostRef) -> int:
        """Count the volunteer's reposts of it."""
        found = await asyncio.to_thread(self.pds.records, self.samir)
        return sum(one["value"]["subject"]["uri"].endswith(f"/{_key(post)}") for one in found)

    async def dead(self) -> Lent:
        """Give another grant of the account, which was given back."""
        lent = await self.lend()
        await self.connect.revoke(lent.token)
        return lent

    async def lend(self) -> Lent:
        """Connect the account for posts as well."""
        begun = await self._wide.begin(self.account, BACK)
        given = await self._wide.finish(begun.kept, BACK, await self.consent(begun.url))
        return Lent(self.account, given.token)

    def full(self, until: datetime) -> bytes:
        """Answer as a PDS does when an account has written enough: Unix seconds, and the window's length."""
        headers = ["RateLimit-Limit: 5000", "RateLimit-Remaining: 0", "RateLimit-Policy: 5000;w=3600"]
        headers.append(f"RateLimit-Reset: {int(until.timestamp())}")
        return whole(b'{"error":"RateLimitExceeded"}', 429, *headers)

    async def consent(self, url: str, *, yes: bool = True, as_another: bool = False) -> Mapping[str, str]:
        """Decide on the PDS's page."""
        who, says = self.lea if as_another else self.samir, "consent" if yes else "reject"
        return await asyncio.to_thread(self.pds.consent, url, who, says)

    def canaries(self) -> list[str]:
        """Give tokens, codes, verifiers and proofs of the client."""
        found = set()
        for request, answer in self.proxy.seen:
            found |= {request.header("authorization").removeprefix("DPoP ")} - {""}
            if request.path.startswith("/oauth/"):
                found |= {value for name, value in request.form().items() if name in _SECRET}
                body = answer.partition(b"\r\n\r\n")[2]
                given = (
                    json.loads(body[body.index(b"{") : body.rindex(b"}") + 1]) if b"_token" in body else {}
                )
                found |= {value for name, value in given.items() if name in {"access_token", "refresh_token"}}
        return sorted(found)


def _key(post: PostRef) -> str:
    return post.remote_id.rpartition("/")[2]


_lent: dict[str, Lent] = {}
"""By PDS: one grant serves every play, since none spoils it."""


@asynccontextmanager
async def bluesky_real(pds: Pds) -> AsyncIterator[BlueskyStage]:
    """A repost is a record under a key of ours; putting it twice is one commit."""
    async with Http(anywhere) as http:
        stage = BlueskyStage(pds, http)
        if pds.url not in _lent:
            _lent[pds.url] = await stage.lend()
        stage.lent = _lent[pds.url]
        yield stage


bluesky_real.fixtures = ("pds",)  # type: ignore[attr-defined]

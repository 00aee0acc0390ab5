"""A stage of two servers that speak Mastodon's API and federate, known by their addresses and tokens alone.

`MASTODON_BASE_A` and `MASTODON_TOKEN_A` are where somebody posts, `MASTODON_BASE_B` and `MASTODON_TOKEN_B`
where the volunteer boosts; the tokens need `read write`. See docs/networks/mastodon.md. Where the environment
names none, two fakes stand in for them, so that the stage itself is known to work.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.model.notice import PostRef
from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.api.mastodon import MastodonApi
from bot.networks.api.mastodon_client import scope_of
from bot.networks.api.mastodon_posts import MastodonPublisher
from bot.networks.connect.mastodon_key import App, Key
from bot.networks.connect.mastodon_oauth import Desk
from bot.networks.http import Http, anywhere
from tests.contract.mastodon import HERE, THERE, WHO, MastodonStage
from tests.fakes.mastodon import mastodon
from tests.fakes.proxy import Proxy, proxy

NEEDED = ("MASTODON_BASE_A", "MASTODON_TOKEN_A", "MASTODON_BASE_B", "MASTODON_TOKEN_B")
NAMED = all(name in os.environ for name in NEEDED)
FEDERATION_S = 20
"""How long a deletion may take from one server to the other."""


@dataclass(frozen=True, slots=True)
class Door:
    """A server and a token of somebody there."""

    base: str
    token: str
    http: Http

    async def call(self, method: str, path: str, **values: Any) -> Any:
        """Call the API, which must do it."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.base}/api/{path}"
        answer = await self.http.request(method, url, headers=headers, body_max=2**22, **values)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json()

    async def has(self, number: str) -> bool:
        """Whether the server has a post under its own id."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.request("GET", f"{self.base}/api/v1/statuses/{number}", headers=headers)
        assert answer.status in {200, 404}, answer.body
        return answer.status == 200

    async def found(self, kind: str, address: str, *, resolve: bool) -> Any:
        """Search for the address of a post or a person."""
        params = {"q": address, "type": kind, "resolve": "true" if resolve else "false"}
        return (await self.call("GET", "v2/search", params=params))[kind]


class RealStage:
    """See `tests.contract.stage.Stage`. The volunteer follows who posts, so that deletions arrive."""

    connect = None
    edits = False
    """Whether and when an edit arrives is the servers' affair."""

    def __init__(self, there: Door, here: Door, before: Proxy, key: Key, who: str, deadline_s: float) -> None:
        self._there, self._here, self.proxy, self._key = there, here, before, key
        http = here.http
        self.deadline_s = deadline_s
        self.api = MastodonApi(http)
        self.publisher = MastodonPublisher(http)
        self.full_scope = scope_of(key)
        self._account = Account(1, 1, "mastodon", f"{who}@{urlsplit(here.base).netloc}")
        self.lent = Lent(self._account, key.text())

    async def post(self, words: str) -> PostRef:
        """Post on the other server."""
        form = {"status": words, "visibility": "public"}
        made = await self._there.call("POST", "v1/statuses", form=form)
        return PostRef("mastodon", made["url"], made["url"], "")

    async def edit(self, post: PostRef, words: str) -> None:
        """Not staged."""
        raise NotImplementedError

    async def delete(self, post: PostRef) -> None:
        """Delete it on the other server, and wait until both know: a queue may do it after the answer."""
        number = post.url.rpartition("/")[2]
        await self._there.call("DELETE", f"v1/statuses/{number}")
        for _ in range(FEDERATION_S):
            gone = not await self._there.has(number)
            if gone and not await self._here.found("statuses", post.url, resolve=False):
                return
            await asyncio.sleep(1)
        pytest.skip(f"the servers did not tell each other of a deletion in {FEDERATION_S} s")

    async def boosts(self, post: PostRef) -> int:
        """Count the account's boosts of the post among its own posts, where each shows alone."""
        path = f"v1/accounts/{self._key.account_id}/statuses"
        rows = await self._here.call("GET", path, params={"limit": "40"})
        return sum(bool(row["reblog"]) and row["reblog"]["url"] == post.url for row in rows)

    async def dead(self) -> Lent:
        """Give a token that the server never gave."""
        return Lent(self._account, replace(self._key, access="canary" + self._key.access[::-1]).text())

    def full(self, until: datetime) -> bytes:
        """Answer as the fakes do."""
        return MastodonStage.full(self, until)  # type: ignore[arg-type]

    async def consent(self, url: str, *, yes: bool = True, as_another: bool = False) -> Mapping[str, str]:
        """Not staged."""
        raise NotImplementedError

    def canaries(self) -> list[str]:
        """Give the volunteer's token."""
        return [self._key.access]


@asynccontextmanager
async def servers(http: Http) -> AsyncIterator[tuple[Door, Door]]:
    """Give where somebody posts and where the volunteer boosts: as the environment says, else two fakes."""
    if NAMED:
        base_a, token_a, base_b, token_b = (os.environ[name].rstrip("/") for name in NEEDED)
        yield Door(base_a, token_a, http), Door(base_b, token_b, http)
        return
    switches = {"duplicating": True, "ulids": True, "modern": False}
    async with (
        mastodon(name=THERE, **switches) as there,
        mastodon(name=HERE, peers=[there], **switches) as here,
    ):
        yield Door(there.url, there.join("nadia"), http), Door(here.url, here.join(WHO), http)


async def follow(here: Door, there: Door, who: str) -> None:
    """Follow who posts; they accept it, where their server lets them be asked first."""
    told = await here.call("POST", f"v1/accounts/{who}/follow")
    for _ in range(FEDERATION_S):
        if told["following"]:
            return
        await asyncio.sleep(1)
        for asked in await there.call("GET", "v1/follow_requests"):
            await there.call("POST", f"v1/follow_requests/{asked['id']}/authorize")
        [told] = await here.call("GET", "v1/accounts/relationships", params={"id[]": who})
    pytest.skip(f"nobody is followed in {FEDERATION_S} s")


@asynccontextmanager
async def real() -> AsyncIterator[RealStage]:
    """Stand before the volunteer's server."""
    deadline_s = 10.0 if NAMED else 1.0
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(Http(anywhere, deadline_s))
        there, here = await stack.enter_async_context(servers(http))
        before = await stack.enter_async_context(proxy(here.base))
        desk = Desk(http)
        server = await desk.discover(before.url)
        key = Key(before.url, server.software, "", App("none", "none"), here.token)
        account_id, who = await desk.who(key)
        author = await there.call("GET", "v1/accounts/verify_credentials")
        for one in await here.found("accounts", author["url"], resolve=True):
            await follow(here, there, one["id"])
        before.seen.clear()
        yield RealStage(there, here, before, replace(key, account_id=account_id), who, deadline_s)

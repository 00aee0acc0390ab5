"""Stages of Mastodon and its kin: two linked fakes, the volunteer on one, everybody else on both."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeVar

from bot.model.calls import Scope
from bot.model.notice import PostRef
from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.api.mastodon import MastodonApi
from bot.networks.api.mastodon_posts import MastodonPublisher
from bot.networks.connect.mastodon import MastodonConnect
from bot.networks.connect.mastodon_key import App, Key
from bot.networks.http import Http, anywhere
from tests.fakes.mastodon import FakeMastodon, mastodon
from tests.fakes.mastodon_oauth import decide
from tests.fakes.proxy import Proxy, proxy
from tests.fakes.wire import whole

HERE, THERE, NOBODY = "b.example", "a.example", "c.example"
WHO, ANOTHER = "samir", "lea"
T = TypeVar("T")
CLIENT_SECRET = "canary-of-the-application"


class MastodonStage:
    """See `tests.contract.stage.Stage`. Posts are written there, and boosted here."""

    deadline_s = 1.0
    edits = True

    def __init__(self, here: FakeMastodon, there: FakeMastodon, before: Proxy, http: Http) -> None:
        self.here, self.there, self.proxy = here, there, before
        self.api = MastodonApi(http)
        self.publisher = MastodonPublisher(http)
        self.connect = MastodonConnect(http, "Languette", "https://languette.example")
        self.full_scope = Scope.INSTANCE if here.duplicating else Scope.ACCOUNT
        self._token = here.join(WHO)
        self.lent = self.lend(self._token)

    def lend(self, token: str, who: str = WHO) -> Lent:
        """Give an account here with a token: the volunteer's, or somebody else's."""
        software = "gotosocial" if self.here.duplicating else "mastodon"
        key = Key(f"https://{HERE}", software, self.here.people[who], App("client", CLIENT_SECRET), token)
        return Lent(Account(1, 1, "mastodon", f"{who}@{HERE}"), key.text())

    async def post(self, words: str) -> PostRef:
        """Let somebody on the other instance post."""
        self.there.post(words, author="nadia", home=THERE)
        url = self.there.statuses[-1]["url"]
        return PostRef("mastodon", url, url, f"nadia@{THERE}")

    async def edit(self, post: PostRef, words: str) -> None:
        """Change the words; the change is sent to whoever has a copy."""
        for one in (*self.there.statuses, *self.here.statuses):
            if one["url"] == post.url:
                one["content"] = f"<p>{words}</p>"

    async def delete(self, post: PostRef) -> None:
        """Delete the post there; the copy here stays, as was measured."""
        [found] = [one for one in self.there.statuses if one["url"] == post.url]
        self.there.delete(found)

    async def boosts(self, post: PostRef) -> int:
        """Count at the volunteer's instance."""
        mine = [one for one in self.here.boosts if one["account"]["acct"] == f"{WHO}@{HERE}"]
        return sum(one["reblog"]["url"] == post.url for one in mine)

    async def dead(self) -> Lent:
        """Forget the token at the instance."""
        self.here.tokens.clear()
        return self.lent

    def full(self, until: datetime) -> bytes:
        """Answer as rack_attack does: an ISO time, no `Retry-After`."""
        reset = until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        headers = ["X-RateLimit-Limit: 300", "X-RateLimit-Remaining: 0", f"X-RateLimit-Reset: {reset}"]
        return whole(json.dumps({"error": "Too many requests"}).encode(), 429, *headers)

    async def consent(self, url: str, *, yes: bool = True, as_another: bool = False) -> Mapping[str, str]:
        """Decide as the volunteer, or as somebody else at the same machine."""
        page = url.replace(f"https://{HERE}", self.proxy.url)
        return await decide(page, ANOTHER if as_another else WHO, yes=yes)

    def canaries(self) -> list[str]:
        """Tokens, codes' verifiers and secrets of applications, as they went over the wire."""
        found = {self._token, CLIENT_SECRET, *self.here.tokens}
        for request, _ in self.proxy.seen:
            form = request.form() if request.header("content-type").startswith("application/x-www") else {}
            found |= {
                form[name] for name in ("code", "code_verifier", "client_secret", "token") if name in form
            }
        return sorted(found)


@asynccontextmanager
async def stage(**switches: bool) -> AsyncIterator[MastodonStage]:
    """Set up two instances and the proxy before the volunteer's."""
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(mastodon(name=THERE, **switches))
        here = await stack.enter_async_context(mastodon(name=HERE, peers=[there], **switches))
        before = await stack.enter_async_context(proxy(here.url))
        own = {HERE: before.url, THERE: there.url, NOBODY: "http://127.0.0.1:1"}
        http = await stack.enter_async_context(Http(anywhere, MastodonStage.deadline_s, own))
        yield MastodonStage(here, there, before, http)


@asynccontextmanager
async def mastodon_like() -> AsyncIterator[MastodonStage]:
    """A boost is one however often it is asked for; numbers for ids; each account has its window."""
    async with stage() as made:
        yield made


@asynccontextmanager
async def gotosocial_like() -> AsyncIterator[MastodonStage]:
    """Each boost is another; ULIDs for ids; one window for all calls from one machine; an older OAuth."""
    async with stage(duplicating=True, ulids=True, per_ip=True, modern=False) as made:
        yield made


def play(scene: Callable[[MastodonStage], Awaitable[T]], **switches: bool) -> T:
    """Run a scene of Mastodon's own on a stage with these switches."""

    async def run() -> T:
        async with stage(**switches) as made:
            return await scene(made)

    return asyncio.run(run())

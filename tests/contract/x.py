"""The stage of X: one fake for everybody, a proxy before it for the volunteer."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from bot.model.calls import Scope
from bot.model.notice import PostRef
from bot.networks.api.base import Lent
from bot.networks.api.x import XApi
from bot.networks.connect.x import XConnect
from bot.networks.http import Http, anywhere
from tests.fakes.proxy import Proxy, proxy
from tests.fakes.wire import whole
from tests.fakes.x import FakeX, x
from tests.networks.purse import Counted
from tests.networks.x_lent import lent


class XStage:
    """See `tests.contract.stage.Stage`."""

    publisher = None
    deadline_s = 1.0
    full_scope = Scope.ACCOUNT
    edits = True

    def __init__(self, fake: FakeX, before: Proxy, http: Http) -> None:
        self.fake, self.proxy = fake, before
        self.me, self.another = fake.user("sam"), fake.user("lea")
        client = (http, before.url, fake.oauth.client_id, fake.oauth.client_secret)
        self.api = XApi(*client)
        self.connect = XConnect(*client, Counted())
        self.lent = lent(fake, self.me)

    async def post(self, words: str) -> PostRef:
        """Let somebody post."""
        number = self.fake.post(words)
        return PostRef("x", f"https://x.com/nadia/status/{number}", number, "nadia")

    async def edit(self, post: PostRef, words: str) -> None:
        """Edit it: the first number stays, and knows the new one."""
        self.fake.edit(post.remote_id, words)

    async def delete(self, post: PostRef) -> None:
        """Delete it; its boosts go with it."""
        self.fake.delete(post.remote_id)
        self.fake.boosts = {one for one in self.fake.boosts if one[1] != post.remote_id}

    async def boosts(self, post: PostRef) -> int:
        """Count the volunteer's."""
        return sum(one == (self.me, post.remote_id) for one in self.fake.boosts)

    async def dead(self) -> Lent:
        """Let the volunteer take the consent back on X's own page."""
        self.fake.oauth.end(self.me)
        return self.lent

    def full(self, until: datetime) -> bytes:
        """Answer as X does: Unix seconds."""
        headers = ["x-rate-limit-limit: 50", "x-rate-limit-remaining: 0"]
        headers.append(f"x-rate-limit-reset: {int(until.timestamp())}")
        return whole(b'{"title":"Too Many Requests","status":429}', 429, *headers)

    async def consent(self, url: str, *, yes: bool = True, as_another: bool = False) -> Mapping[str, str]:
        """Decide on X's page, as whoever is logged in there."""
        return self.fake.oauth.consent(url, self.another if as_another else self.me, yes=yes)

    def canaries(self) -> list[str]:
        """Tokens, codes, verifiers and the app's secrets."""
        oauth = self.fake.oauth
        found = {oauth.client_secret, *oauth.access, *oauth.refresh}
        for request, _ in self.proxy.seen:
            if request.path.startswith("/2/oauth2/"):
                found |= set(request.form().values()) - {
                    "authorization_code",
                    "refresh_token",
                    "access_token",
                }
        return sorted(found)


@asynccontextmanager
async def x_like() -> AsyncIterator[XStage]:
    """A second boost is a 400; nothing reads back; tokens rotate."""
    async with AsyncExitStack() as stack:
        fake = await stack.enter_async_context(x())
        before = await stack.enter_async_context(proxy(fake.url))
        http = await stack.enter_async_context(Http(anywhere, XStage.deadline_s))
        yield XStage(fake, before, http)

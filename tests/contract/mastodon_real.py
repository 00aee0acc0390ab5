"""A stage of two real servers that speak Mastodon's API and federate, named by the environment.

`MASTODON_BASE_A` and `MASTODON_TOKEN_A` are where somebody posts, `MASTODON_BASE_B` and `MASTODON_TOKEN_B`
where the volunteer boosts; the tokens need `read write`. See docs/networks/mastodon.md.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.model.notice import PostRef
from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.api.mastodon import MastodonApi
from bot.networks.api.mastodon_client import scope_of
from bot.networks.api.mastodon_posts import MastodonPublisher
from bot.networks.connect.mastodon_key import App, Key
from bot.networks.connect.mastodon_oauth import Desk
from bot.networks.http import Http, anywhere
from tests.contract.mastodon import MastodonStage
from tests.fakes.proxy import Proxy, proxy

NEEDED = ("MASTODON_BASE_A", "MASTODON_TOKEN_A", "MASTODON_BASE_B", "MASTODON_TOKEN_B")


class RealStage:
    """See `tests.contract.stage.Stage`."""

    connect = None
    deadline_s = 10.0
    edits = False
    """Whether and when an edit arrives is the servers' affair."""

    def __init__(self, http: Http, before: Proxy, key: Key, who: str) -> None:
        self._http, self.proxy, self._key = http, before, key
        self.api = MastodonApi(http)
        self.publisher = MastodonPublisher(http)
        self.full_scope = scope_of(key)
        self._account = Account(1, 1, "mastodon", f"{who}@{urlsplit(os.environ['MASTODON_BASE_B']).netloc}")
        self.lent = Lent(self._account, key.text())

    async def _there(self, method: str, path: str, **values: Any) -> Any:
        """Call as the one who posts."""
        headers = {"Authorization": f"Bearer {os.environ['MASTODON_TOKEN_A']}"}
        url = f"{os.environ['MASTODON_BASE_A']}/api/v1/{path}"
        answer = await self._http.request(method, url, headers=headers, **values)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.json()

    async def post(self, words: str) -> PostRef:
        """Post on the other server."""
        made = await self._there("POST", "statuses", form={"status": words, "visibility": "public"})
        return PostRef("mastodon", made["url"], made["url"], "")

    async def edit(self, post: PostRef, words: str) -> None:
        """Not staged."""
        raise NotImplementedError

    async def delete(self, post: PostRef) -> None:
        """Delete it on the other server."""
        await self._there("DELETE", f"statuses/{post.url.rpartition('/')[2]}")

    async def boosts(self, post: PostRef) -> int:
        """Count the account's boosts of the post among its own posts, where each shows alone."""
        rows = await self._http.request(
            "GET",
            f"{os.environ['MASTODON_BASE_B']}/api/v1/accounts/{self._key.account_id}/statuses",
            params={"limit": "40"},
            headers={"Authorization": f"Bearer {self._key.access}"},
            body_max=2**22,
        )
        assert rows.status == 200, rows.body
        return sum(bool(row["reblog"]) and row["reblog"]["url"] == post.url for row in rows.json())

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
async def real() -> AsyncIterator[RealStage]:
    """Stand before the volunteer's server."""
    async with AsyncExitStack() as stack:
        before = await stack.enter_async_context(proxy(os.environ["MASTODON_BASE_B"]))
        http = await stack.enter_async_context(Http(anywhere))
        desk = Desk(http)
        server = await desk.discover(before.url)
        app = App("none", "none")
        key = Key(before.url, server.software, "", app, os.environ["MASTODON_TOKEN_B"])
        account_id, who = await desk.who(key)
        yield RealStage(http, before, replace(key, account_id=account_id), who)

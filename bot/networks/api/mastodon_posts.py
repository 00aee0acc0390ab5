"""What the collective's own account posts on its instance, for notices whose seeker has no post there.

The account is marked as a bot by hand, once, in its own profile: a scope for that would let a thief change
the profile (docs/networks/mastodon.md).
"""

import asyncio
import html
from hashlib import sha256

from bot.networks.api.base import Draft, Lent, Made
from bot.networks.api.mastodon import SKEW
from bot.networks.api.mastodon_answers import GoneError, object_of
from bot.networks.api.mastodon_client import TRIES_S, Client, host_of
from bot.networks.connect.mastodon_key import read_key
from bot.networks.errors import UnavailableError
from bot.networks.http import Http
from bot.networks.urls import cut

TEXT_MAX = 500
"""Characters of a post on an instance that changed nothing."""
LINK_LEN = 23
"""Characters that a link counts for, when it is not shorter on an instance that counts all."""
VISIBILITY = "unlisted"
"""Followers see it and anybody may boost it, but it fills no public timeline: what instances ask of bots."""


class MastodonPublisher:
    """See `bot.networks.api.base.Publisher`."""

    name = "mastodon"

    def __init__(self, http: Http) -> None:
        self._client = Client(http)

    async def publish(self, lent: Lent, draft: Draft) -> Made:
        """Post the words and the link, unless they were: a key holds for an hour only, and not everywhere."""
        if made := await self.find(lent, draft):
            return made
        form = {"status": text_of(draft), "language": draft.lang, "visibility": VISIBILITY}
        key = {"Idempotency-Key": sha256(f"languette {draft.key}".encode()).hexdigest()}
        answer = await self._client.change(read_key(lent.token), "v1/statuses", form=form, headers=key)
        return Made(str(object_of(answer, "a post")["id"]))

    async def find(self, lent: Lent, draft: Draft) -> Made | None:
        """Look for the link among the account's own posts since the first try."""
        async for row in self._client.own(read_key(lent.token), draft.at - SKEW):
            if row.get("reblog") is None and draft.url in html.unescape(str(row.get("content") or "")):
                return Made(str(row.get("id")))
        return None

    async def retract(self, lent: Lent, remote_id: str) -> None:
        """Delete the post; where the instance deletes it in the background, until it says that there is none.

        Raises:
            UnavailableError: it is still there.
        """
        key = read_key(lent.token)
        for pause_s in TRIES_S:
            await asyncio.sleep(pause_s)
            try:
                await self._client.change(key, f"v1/statuses/{remote_id}", method="DELETE")
            except GoneError:
                return
            if key.idempotent:
                return
        message = f"{host_of(key)} still has the post"
        raise UnavailableError(message)

    async def labelled(self, lent: Lent) -> bool:
        """Read the account's own flag: *This is an automated account*."""
        data = await self._client.read(read_key(lent.token), "v1/accounts/verify_credentials")
        return isinstance(data, dict) and data.get("bot") is True


def text_of(draft: Draft) -> str:
    """Give the text of a post: nobody whom the words name is called by it."""
    words = draft.words.replace("@", "@\N{ZERO WIDTH SPACE}")
    room = TEXT_MAX - max(LINK_LEN, len(draft.url)) - 2
    return f"{cut(words, room)}\n\n{draft.url}"

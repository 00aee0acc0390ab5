"""What the collective's own account posts on Bluesky, for notices whose seeker has no post there.

The account labels itself as a bot in its own profile, once: a scope for that would let a thief change the
profile (docs/networks/bluesky.md).
"""

import re
import unicodedata
from hashlib import sha256
from typing import Any

from bot.model.calls import Action
from bot.networks.api.base import Draft, Lent, Made
from bot.networks.atproto import answers, records
from bot.networks.atproto import token as tokens
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.identity import Directory
from bot.networks.atproto.records import POSTS, Uri
from bot.networks.atproto.repos import Repos
from bot.networks.atproto.token import Token
from bot.networks.errors import RefusedError
from bot.networks.http import DEADLINE_S, Http
from bot.networks.urls import cut

TEXT_MAX = 300
"""Graphemes of a post (lexicon app.bsky.feed.post). Code points are counted: there are never fewer.

As many code points are fewer than the 3000 bytes that a post may have, too.
"""
PROFILES, LABEL = "app.bsky.actor.profile", "bot"
"""Where an account labels itself, and as what (atproto.com/guides/bot-tutorial)."""
_TAG = re.compile(r"(?<!\w)#(\w{1,64})")
_FACET = "app.bsky.richtext.facet"


class BlueskyPublisher:
    """See `bot.networks.api.base.Publisher`. `plc` and `resolver` are addresses, see `Directory`."""

    name = "bluesky"

    def __init__(self, http: Http, plc: str, resolver: str, deadline_s: float = DEADLINE_S) -> None:
        calls = Calls(http, deadline_s)
        self._repos = Repos(calls, Directory(calls, plc, resolver), deadline_s)

    async def publish(self, lent: Lent, draft: Draft) -> Made:
        """Write the post under a key that the draft gives: written again, it stays the same."""
        token = tokens.read(lent.token)
        where = _post_of(token, draft)
        answer = await self._repos.write(token, "putRecord", where, record=post_of(draft), validate=True)
        return Made(str(where), learnt=answers.learnt(answer, Action.PUBLISH))

    async def find(self, lent: Lent, draft: Draft) -> Made | None:
        """Ask the account's PDS for the post."""
        where = _post_of(tokens.read(lent.token), draft)
        async with self._repos.in_time():
            found = await self._repos.record(where, fresh=True)
        return None if found is None else Made(str(where))

    async def retract(self, lent: Lent, remote_id: str) -> None:
        """Delete the post.

        Raises:
            RefusedError: it is no post of this account.
        """
        token = tokens.read(lent.token)
        try:
            where = Uri.read(remote_id)
        except ValueError as error:
            raise RefusedError(str(error)) from error
        if (where.did, where.collection) != (token.did, POSTS):
            message = "this is no post of the account"
            raise RefusedError(message)
        await self._repos.write(token, "deleteRecord", where)

    async def labelled(self, lent: Lent) -> bool:
        """Read the label `bot` in the account's own profile."""
        where = Uri(tokens.read(lent.token).did, PROFILES, "self")
        async with self._repos.in_time():
            found = await self._repos.record(where, fresh=True)
        labels = found.value.get("labels") if found else None
        values = labels.get("values") if isinstance(labels, dict) else None
        rows = values if isinstance(values, list) else []
        return any(isinstance(row, dict) and row.get("val") == LABEL for row in rows)


def post_of(draft: Draft) -> dict[str, Any]:
    """Give the record of a post: the words, cut to length, the link, and what makes hashtags of hashtags.

    Nobody whom the words name is called by it: that would take a facet.
    """
    words = unicodedata.normalize("NFC", draft.words).strip()
    text = f"{cut(words, TEXT_MAX - len(draft.url) - 2)}\n\n{draft.url}"
    head = text[: len(text) - len(draft.url)]
    facets = [_facet(text, found.start(), found.end(), "tag", tag=found[1]) for found in _TAG.finditer(head)]
    facets.append(_facet(text, len(head), len(text), "link", uri=draft.url))
    return {
        "$type": POSTS,
        "text": text,
        "facets": facets,
        "langs": [draft.lang],
        "createdAt": records.written(draft.at),
    }


def _facet(text: str, start: int, end: int, kind: str, **feature: str) -> dict[str, Any]:
    """Mark a part of the text; places are counted in bytes of UTF-8."""
    index = {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())}
    return {"index": index, "features": [{"$type": f"{_FACET}#{kind}", **feature}]}


def _post_of(token: Token, draft: Draft) -> Uri:
    number = int.from_bytes(sha256(draft.key.encode()).digest()[:8])
    return Uri(token.did, POSTS, records.tid(draft.at, number))

"""Boosting on X in a volunteer's name: each call costs money, and nothing tells cheaply what happened to one.

Contract: docs.x.com, x-api/posts/retweets. Sources of limits and prices stand beside them; the two forms of
field names (`tweet.*`, `post.*`) are both read.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from bot.model.budget import PRICES
from bot.model.calls import Action, Limit, Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Intent, Lent, Look, Made
from bot.networks.api.x_answers import GONE, Said, already, kind_of, learnt
from bot.networks.api.x_client import XClient
from bot.networks.connect.x_pair import FRESH, Desk, read_pair
from bot.networks.errors import RefusedError, UnavailableError
from bot.networks.http import Http, NoAnswerError

_RATES = "docs.x.com/x-api/fundamentals/rate-limits"
_QUARTER = timedelta(minutes=15)
_FIELDS = ("edit_history_tweet_ids", "note_tweet")
_ID_MAX = 19
_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, UTC)
"""From when X's numbers count milliseconds, above their lowest 22 bits."""
LIMITS = (
    Limit(Scope.ACCOUNT, frozenset({Action.BOOST}), 50, _QUARTER, _RATES),
    Limit(
        Scope.ACCOUNT,
        frozenset({Action.BOOST}),
        300,
        timedelta(hours=3),
        "docs.x.com/x-api/posts/retweets/integrate",
    ),
    # Unverified accounts make 50 posts a day; whether boosts count is not said, so they are taken to.
    Limit(
        Scope.ACCOUNT, frozenset({Action.BOOST}), 50, timedelta(days=1), "help.x.com, as the press quotes it"
    ),
    Limit(Scope.ACCOUNT, frozenset({Action.UNDO}), 50, _QUARTER, _RATES),
    Limit(Scope.ACCOUNT, frozenset({Action.LOOK}), 5_000, _QUARTER, _RATES),
    # Meant for calls with the app's own token; held for all, since X says nothing of others.
    Limit(Scope.APP, frozenset({Action.LOOK}), 3_500, _QUARTER, _RATES),
)


class XApi:
    """See `bot.networks.api.base.Api`."""

    name = "x"
    limits: tuple[Limit, ...] = LIMITS
    prices: Mapping[Action, int] = {
        action: PRICES["x", action.value] for action in (Action.LOOK, Action.BOOST, Action.UNDO)
    }
    reads_back = False
    """Who boosted a post costs a cent a person, of up to a hundred: an unknown outcome stays unknown."""

    def __init__(self, http: Http, base: str, client_id: str, client_secret: str) -> None:
        self._http = http
        self._base = base
        self._desk = Desk(http, base, client_id, client_secret)

    def place(self, account: Account) -> str:  # noqa: ARG002  X is one place
        """Give the one place there is."""
        return ""

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Give a fresh pair when the present one ends within `FRESH`; the present one is dead then.

        Raises:
            AccessLostError: X renews it no more.
            NoAnswerError: whether the present pair is dead is unknown.
        """
        pair = read_pair(lent.token)
        if pair.until - now > FRESH:
            return None
        return (await self._desk.refresh(pair)).text()

    async def locate(self, lent: Lent, post: PostRef) -> str:  # noqa: ARG002  a number is one everywhere
        """Give the post's number; makes no call.

        Raises:
            RefusedError: the post has none.
        """
        if not (post.remote_id.isdecimal() and post.remote_id.isascii() and len(post.remote_id) <= _ID_MAX):
            message = "the post has no number on X"
            raise RefusedError(message)
        return post.remote_id

    async def look(self, lent: Lent, target: str) -> Look:
        """Read the post again: $0.005, once a UTC day for one post. An edit gives it a new number."""
        client = self._client(lent)
        params = {"ids": target, "tweet.fields": ",".join(_FIELDS)}
        said = client.checked(await client.ask("GET", "/2/tweets", params))
        windows = learnt(said.headers, Action.LOOK, Scope.ACCOUNT, datetime.now(UTC))
        rows = said.body.get("data")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("id") == target:
                return Look(digest_of(row), windows, edited_at_of(row))
        if any(kind_of(one) in GONE for one in said.problems):
            return Look(None, windows)
        message = "X gave neither the post nor a reason"
        raise UnavailableError(message)

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Boost. A second time X answers 400 "already retweeted": the boost was there before.

        Raises:
            RefusedError: the post is gone, its author does not let this account, or the app may not.
        """
        client, pair = self._client(lent), read_pair(lent.token)
        said = await client.ask("POST", f"/2/users/{pair.number}/retweets", json={"tweet_id": intent.target})
        now = datetime.now(UTC)
        windows = learnt(said.headers, Action.BOOST, Scope.ACCOUNT, now)
        if already(said):
            return Made(intent.target, before=True, learnt=windows)
        if _told(client.checked(said), "retweeted", "reposted") is not True:
            message = f"X answered that it did not boost: {said.kind or 'no reason'}"
            raise RefusedError(message)
        return Made(intent.target, learnt=windows)

    async def undo(self, lent: Lent, intent: Intent, remote_id: str) -> None:  # noqa: ARG002  the number says all
        """Take a boost back; X answers the same when there is none."""
        client, pair = self._client(lent), read_pair(lent.token)
        said = await client.ask("DELETE", f"/2/users/{pair.number}/retweets/{remote_id}")
        if said.kind in GONE:  # with the post its boosts went
            return
        if _told(client.checked(said), "retweeted", "reposted") is not False:
            message = f"X answered that it did not take the boost back: {said.kind or 'no reason'}"
            raise RefusedError(message)

    async def read_back(self, lent: Lent, intent: Intent) -> Made | None:  # noqa: ARG002  see `reads_back`
        """Refuse: X has no cheap read that is strongly consistent."""
        message = "X does not say cheaply whether a boost exists"
        raise RefusedError(message)

    def _client(self, lent: Lent) -> XClient:
        return XClient(read_pair(lent.token).access.reveal(), self._http, self._base, Scope.ACCOUNT)


def _told(said: Said, *names: str) -> bool | None:
    """Read what an answer says of the boost, in either form of its name.

    Raises:
        NoAnswerError: it says neither that nor what was wrong.
    """
    data = said.body.get("data")
    for name in names:
        if isinstance(data, dict) and isinstance(data.get(name), bool):
            return bool(data[name])
    if said.kind:
        return None
    message = "X did not say whether it was done"
    raise NoAnswerError(message)


def edited_at_of(row: Mapping[str, Any]) -> datetime | None:
    """Give when the newest of several versions was made: a post's number holds the moment, aware UTC."""
    newest = _newest(row)
    if newest == str(row["id"]) or not newest.isdecimal():
        return None
    return _EPOCH + timedelta(milliseconds=int(newest) >> 22)


def _newest(row: Mapping[str, Any]) -> str:
    versions = row.get("edit_history_tweet_ids") or row.get("edit_history_post_ids")
    return str(versions[-1]) if isinstance(versions, list) and versions else str(row["id"])


def digest_of(row: Mapping[str, Any]) -> str:
    """Digest a post's words and its newest version, whichever form the fields have."""
    long = row.get("note_tweet") or row.get("note_post")
    words = long.get("text") if isinstance(long, dict) else None
    newest = _newest(row)
    text = json.dumps([str(words or row.get("text") or ""), newest], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()

"""Boosting on Bluesky: a repost is a record in the volunteer's own repository, under a key that we choose.

Key and date come from the intent, so writing the same boost again changes nothing (`putRecord` compares).
`createRecord` would replace an earlier repost of the same post instead: it would bump it and notify anew.
"""

from collections.abc import Mapping
from contextlib import aclosing, suppress
from datetime import datetime, timedelta

from bot.model.calls import Action, Limit, Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Intent, Lent, Look, Made
from bot.networks.atproto import answers, records
from bot.networks.atproto import token as tokens
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.client import Client
from bot.networks.atproto.identity import Directory
from bot.networks.atproto.oauth import Grants
from bot.networks.atproto.records import POSTS, REPOSTS, Ref, Uri
from bot.networks.atproto.repos import Repos
from bot.networks.atproto.sessions import Sessions
from bot.networks.atproto.token import Token
from bot.networks.errors import RefusedError
from bot.networks.http import DEADLINE_S, Http

_SOURCE = "docs.bsky.app/docs/advanced-guides/rate-limits"
_WRITES = frozenset({Action.BOOST, Action.UNDO, Action.PUBLISH})
_POINTS_HOUR, _POINTS_DAY, _CALLS_5_MIN = 5000, 35_000, 3000
LIMITS = (
    Limit(Scope.ACCOUNT, _WRITES, _POINTS_HOUR // answers.PUT_POINTS, timedelta(hours=1), _SOURCE),
    Limit(Scope.ACCOUNT, _WRITES, _POINTS_DAY // answers.PUT_POINTS, timedelta(days=1), _SOURCE),
    Limit(
        Scope.INSTANCE, frozenset(Action), _CALLS_5_MIN // answers.CALLS_MOST, timedelta(minutes=5), _SOURCE
    ),
)


class BlueskyApi:
    """See `bot.networks.api.base.Api`. `plc` and `resolver` are addresses, see `Directory`."""

    name = "bluesky"
    limits: tuple[Limit, ...] = LIMITS
    prices: Mapping[Action, int] = {}
    reads_back = True

    def __init__(
        self, http: Http, client: Client, plc: str, resolver: str, deadline_s: float = DEADLINE_S
    ) -> None:
        calls = Calls(http, deadline_s)
        self._directory = Directory(calls, plc, resolver)
        self._repos = Repos(calls, self._directory, deadline_s)
        self._grants = Grants(calls, client)
        self._sessions = Sessions(calls)

    def place(self, account: Account) -> str:  # noqa: ARG002  ids are the same everywhere
        """Give the one place there is."""
        return ""

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Give the next pair, from where the account lives now.

        The looking up takes half a deadline at most, so that the call that uses the pair up is not cut off.

        Raises:
            AccessLostError: the grant has ended.
            NoAnswerError: see `Grants.refresh`.
        """
        token = tokens.read(lent.token)
        if token.good(now) and not self._repos.doubts(token):
            return None
        async with self._repos.in_time(0.5):
            pds = (await self._directory.identity(token.did, fresh=True)).pds
            server = await self._grants.server_of(pds) if token.oauth else None
        if server is None:
            fresh = await self._sessions.refresh(token, pds)
        else:
            fresh = await self._grants.refresh(token, pds, server, now)
        self._repos.trust(token)
        return fresh.sealed()

    async def locate(self, lent: Lent, post: PostRef) -> str:  # noqa: ARG002  posts are public
        """Give the address and the hash of the post as it is now.

        Raises:
            RefusedError: there is no such post.
        """
        try:
            named = Uri.read(post.remote_id)
        except ValueError as error:
            raise RefusedError(str(error)) from error
        async with self._repos.in_time():
            did = await self._directory.did_of(named.did)
            found = await self._repos.record(Uri(did, POSTS, named.key))
        if found is None:
            message = "there is no such post"
            raise RefusedError(message)
        return str(Ref(found.uri, found.cid))

    async def look(self, lent: Lent, target: str) -> Look:  # noqa: ARG002  posts are public
        """Read the post at its author's PDS."""
        async with self._repos.in_time():
            try:
                found = await self._repos.record(_ref(target).uri)
            except RefusedError:  # the account itself is gone
                found = None
        return Look(None if found is None else records.digest(str(found.value.get("text")), found.cid))

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Write the repost, unless the volunteer has reposted by hand.

        Raises:
            NetworkError: one of the four; nothing was written.
            NoAnswerError: it may have been.
        """
        token, ref = tokens.read(lent.token), _ref(intent.target)
        where = _repost_of(token, intent)
        async with self._repos.in_time():
            there = await self._there(token, ref)
        if there:
            return Made(str(there), before=there != where)
        record = records.repost(ref, intent.at)
        answer = await self._repos.write(token, "putRecord", where, record=record, validate=True)
        return Made(str(where), learnt=answers.learnt(answer, Action.BOOST))

    async def undo(self, lent: Lent, intent: Intent, remote_id: str) -> None:
        """Delete the repost; deleting what is not there is a success.

        An id that is none of a repost of this account stands for the repost that the intent wrote.
        """
        token = tokens.read(lent.token)
        where = _repost_of(token, intent)
        with suppress(ValueError):
            named = Uri.read(remote_id)
            where = named if (named.did, named.collection) == (token.did, REPOSTS) else where
        await self._repos.write(token, "deleteRecord", where)

    async def read_back(self, lent: Lent, intent: Intent) -> Made | None:
        """Ask the volunteer's PDS, which is where it was written, for the record."""
        where = _repost_of(tokens.read(lent.token), intent)
        async with self._repos.in_time():
            found = await self._repos.record(where, fresh=True)
        return None if found is None else Made(str(where))

    async def _there(self, token: Token, ref: Ref) -> Uri | None:
        """Find the account's repost of a post, which cannot be older than the post."""
        async with aclosing(self._repos.newest(token, REPOSTS, ref.uri.key)) as found:
            async for one in found:
                subject = one.value.get("subject")
                if isinstance(subject, dict) and subject.get("uri") == str(ref.uri):
                    return one.uri
        return None


def _repost_of(token: Token, intent: Intent) -> Uri:
    return Uri(token.did, REPOSTS, records.tid(intent.at, intent.boost_id))


def _ref(target: str) -> Ref:
    try:
        return Ref.read(target)
    except ValueError as error:
        raise RefusedError(str(error)) from error

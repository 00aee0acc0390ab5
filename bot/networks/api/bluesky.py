"""Boosting on Bluesky: a repost is a record in the volunteer's own repository, under a key that we choose.

Key and date come from the intent, so writing the same boost again changes nothing (`putRecord` compares).
`createRecord` would replace an earlier repost of the same post instead: it would bump it and notify anew.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

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
from bot.networks.atproto.records import REPOSTS, Ref, Uri
from bot.networks.atproto.sessions import Sessions
from bot.networks.atproto.token import Token
from bot.networks.errors import AccessLostError, RefusedError, UnavailableError
from bot.networks.http import DEADLINE_S, Answer, Http, NoAnswerError

_SOURCE = "docs.bsky.app/docs/advanced-guides/rate-limits"
_WRITES = frozenset({Action.BOOST, Action.UNDO})
_POINTS_HOUR, _POINTS_DAY, _CALLS_5_MIN = 5000, 35_000, 3000
_PAGES, _PAGE = 3, 100
"""Reposts that are looked through for one made by hand: those since the post, 300 at most."""


class BlueskyApi:
    """See `bot.networks.api.base.Api`. `plc` and `resolver` are addresses, see `Directory`."""

    name = "bluesky"
    limits = (
        Limit(Scope.ACCOUNT, _WRITES, _POINTS_HOUR // answers.PUT_POINTS, timedelta(hours=1), _SOURCE),
        Limit(Scope.ACCOUNT, _WRITES, _POINTS_DAY // answers.PUT_POINTS, timedelta(days=1), _SOURCE),
        Limit(
            Scope.INSTANCE,
            frozenset(Action),
            _CALLS_5_MIN // answers.CALLS_MOST,
            timedelta(minutes=5),
            _SOURCE,
        ),
    )
    prices: Mapping[Action, int] = {}
    reads_back = True

    def __init__(
        self, http: Http, client: Client, plc: str, resolver: str, deadline_s: float = DEADLINE_S
    ) -> None:
        self._deadline_s = deadline_s
        self._calls = Calls(http, deadline_s)
        self._directory = Directory(self._calls, plc, resolver)
        self._grants = Grants(self._calls, client)
        self._sessions = Sessions(self._calls)
        self._doubted: set[str] = set()
        """Hashes of access tokens that were refused before their time: renewed at the next try."""

    def place(self, account: Account) -> str:  # noqa: ARG002  ids are the same everywhere
        """Give the one place there is."""
        return ""

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Give the next pair, from where the account lives now.

        Raises:
            AccessLostError: the grant has ended.
            NoAnswerError: see `Grants.refresh`.
        """
        token = tokens.read(lent.token)
        doubt = _hash(token.access)
        if token.good(now) and doubt not in self._doubted:
            return None
        who = await self._directory.identity(token.did, fresh=True)
        renewing = self._grants if token.oauth else self._sessions
        fresh = await renewing.refresh(token, who.pds, now)
        self._doubted.discard(doubt)
        return fresh.sealed()

    async def locate(self, lent: Lent, post: PostRef) -> str:  # noqa: ARG002  posts are public
        """Give the address and the hash of the post as it is now.

        Raises:
            RefusedError: there is no such post.
        """
        where = _uri(post.remote_id)
        async with self._in_time():
            did = await self._directory.did_of(where.did)
            found = await self._record(Uri(did, where.collection, where.key))
        if found is None:
            message = "there is no such post"
            raise RefusedError(message)
        return str(Ref(Uri.read(found["uri"]), found["cid"]))

    async def look(self, lent: Lent, target: str) -> Look:  # noqa: ARG002  posts are public
        """Read the post at its author's PDS."""
        async with self._in_time():
            try:
                found = await self._record(_ref(target).uri)
            except RefusedError:  # the account itself is gone
                found = None
        return Look(None if found is None else records.digest(str(found["value"].get("text")), found["cid"]))

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Write the repost, unless the volunteer has reposted by hand.

        Raises:
            NetworkError: one of the four; nothing was written.
            NoAnswerError: it may have been.
        """
        token, ref, key = tokens.read(lent.token), _ref(intent.target), _key(intent)
        async with self._in_time():
            there = await self._there(token, ref)
        if there:
            return Made(str(there), before=there.key != key)
        record = {"repo": token.did, "collection": REPOSTS, "rkey": key}
        answer = await self._write(
            token, "putRecord", record | {"record": records.repost(ref, intent.at), "validate": True}
        )
        return Made(str(Uri(token.did, REPOSTS, key)), learnt=answers.learnt(answer))

    async def undo(self, lent: Lent, intent: Intent, remote_id: str) -> None:
        """Delete the repost; deleting what is not there is a success.

        An id that is none of a repost of this account stands for the repost that the intent wrote.
        """
        token, key = tokens.read(lent.token), _key(intent)
        with suppress(ValueError):
            where = Uri.read(remote_id)
            key = where.key if (where.did, where.collection) == (token.did, REPOSTS) else key
        await self._write(token, "deleteRecord", {"repo": token.did, "collection": REPOSTS, "rkey": key})

    async def read_back(self, lent: Lent, intent: Intent) -> Made | None:
        """Ask the volunteer's PDS, which is where it was written, for the record."""
        did = tokens.read(lent.token).did
        where = Uri(did, REPOSTS, _key(intent))
        async with self._in_time():
            found = await self._record(where, fresh=True)
        return None if found is None else Made(str(where))

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        """Give reads that belong together one deadline.

        Raises:
            UnavailableError: they took longer; a read is just made again.
        """
        try:
            async with asyncio.timeout(self._deadline_s):
                yield
        except TimeoutError as error:
            message = f"no answer within {self._deadline_s:g} s"
            raise UnavailableError(message) from error

    async def _there(self, token: Token, ref: Ref) -> Uri | None:
        """Find the account's repost of a post: none can be older than the post, and the newest come first.

        Raises:
            AccessLostError: the account is closed, or has moved: where to is looked up at the next renewal.
        """
        params = {"repo": token.did, "collection": REPOSTS, "limit": str(_PAGE)}
        for _ in range(_PAGES):
            try:
                page = await self._read(f"{token.pds}/xrpc/com.atproto.repo.listRecords", params)
            except RefusedError as error:
                self._doubted.add(_hash(token.access))
                message = "the account is not at its PDS any more"
                raise AccessLostError(message) from error
            rows = page.get("records")
            for row in rows if isinstance(rows, list) else []:
                subject = row["value"].get("subject")
                if isinstance(subject, dict) and subject.get("uri") == str(ref.uri):
                    return Uri.read(row["uri"])
            cursor = page.get("cursor")
            if not isinstance(cursor, str) or cursor < ref.uri.key:
                break
            params["cursor"] = cursor
        return None

    async def _record(self, where: Uri, *, fresh: bool = False) -> Mapping[str, Any] | None:
        """Read a record where its account lives; None when it is not there, looked up anew."""
        who = await self._directory.identity(where.did, fresh=fresh)
        params = {"repo": where.did, "collection": where.collection, "rkey": where.key}
        try:
            return await self._read(f"{who.pds}/xrpc/com.atproto.repo.getRecord", params)
        except RefusedError:
            moved = not fresh and (await self._directory.identity(where.did, fresh=True)).pds != who.pds
            return await self._record(where, fresh=True) if moved else None

    async def _read(self, url: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Read what is public.

        Raises:
            NetworkError: one of the four; a read without a whole answer is just to be made again.
        """
        try:
            answer = await self._calls.get(url, params)
            if answers.is_success(answer):
                return answers.body(answer)
            raise answers.problem(answer, url)
        except NoAnswerError as error:
            raise UnavailableError(str(error)) from error

    async def _write(self, token: Token, method: str, record: Mapping[str, Any]) -> Answer:
        try:
            answer = await self._calls.write(token, f"com.atproto.repo.{method}", record)
            answers.body(answer)  # half an answer is none
        except AccessLostError:
            self._doubted.add(_hash(token.access))
            raise
        return answer


def _key(intent: Intent) -> str:
    return records.tid(intent.at, intent.boost_id)


def _hash(secret: Secret) -> str:
    return hashlib.sha256(secret.reveal().encode()).hexdigest()


def _uri(text: str) -> Uri:
    try:
        return Uri.read(text)
    except ValueError as error:
        raise RefusedError(str(error)) from error


def _ref(target: str) -> Ref:
    try:
        return Ref.read(target)
    except ValueError as error:
        raise RefusedError(str(error)) from error

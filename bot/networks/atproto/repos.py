"""Repositories: reading records where their accounts live, writing to the account that was lent."""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.networks.atproto import answers
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.identity import Directory
from bot.networks.atproto.records import Uri
from bot.networks.atproto.token import Token
from bot.networks.errors import AccessLostError, RefusedError, UnavailableError
from bot.networks.http import Answer, NoAnswerError

PAGES, _PAGE = 3, 100
"""Pages of the newest records that are read, and records a page."""
_CID = re.compile(r"[A-Za-z0-9]{8,128}")


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at an address: `value` is the owner's own JSON object, `cid` its hash."""

    uri: Uri
    cid: str
    value: Mapping[str, Any]


class Repos:
    """Reads and writes records. PDSs belong to anybody: nothing in an answer is believed to be in place."""

    def __init__(self, calls: Calls, directory: Directory, deadline_s: float) -> None:
        self._calls = calls
        self._directory = directory
        self._deadline_s = deadline_s
        self._doubted: set[str] = set()
        """Hashes of access tokens that were refused before their time."""

    def doubts(self, token: Token) -> bool:
        """Whether a token was refused since: it is renewed whatever the clock says."""
        return _hash(token) in self._doubted

    def trust(self, token: Token) -> None:
        """Forget that a token was refused: it is not used any more."""
        self._doubted.discard(_hash(token))

    @asynccontextmanager
    async def in_time(self, part: float = 1.0) -> AsyncIterator[None]:
        """Give reads that belong together one deadline, or a part of it.

        Raises:
            UnavailableError: they took longer; a read is just made again.
        """
        try:
            async with asyncio.timeout(self._deadline_s * part):
                yield
        except TimeoutError as error:
            message = f"no answer within {self._deadline_s * part:g} s"
            raise UnavailableError(message) from error

    async def record(self, where: Uri, *, fresh: bool = False) -> Record | None:
        """Read a record; None when it is not there, with the account's PDS looked up anew.

        Raises:
            RefusedError: there is no such account.
            UnavailableError: nothing is known now.
        """
        pds = (await self._directory.identity(where.did, fresh=fresh)).pds
        found = await self._at(pds, where)
        if found is None and not fresh:
            now = (await self._directory.identity(where.did, fresh=True)).pds
            found = await self._at(now, where) if now != pds else None
        return found

    async def _at(self, pds: str, where: Uri) -> Record | None:
        """Read a record at this PDS."""
        params = {"repo": where.did, "collection": where.collection, "rkey": where.key}
        try:
            found = await self._read(f"{pds}/xrpc/com.atproto.repo.getRecord", params)
        except RefusedError:
            return None
        cid, value = found.get("cid"), found.get("value")
        if not isinstance(cid, str) or not _CID.fullmatch(cid) or not isinstance(value, dict):
            message = "the PDS answered something else than a record"
            raise UnavailableError(message)
        return Record(where, cid, value)

    async def newest(self, token: Token, collection: str, since: str) -> AsyncGenerator[Record]:
        """Give the account's own records, the newest first, down to the key `since` and `PAGES` pages.

        Raises:
            AccessLostError: the account is closed, or has moved: where to is looked up when it is renewed.
            UnavailableError: nothing is known now.
        """
        params = {"repo": token.did, "collection": collection, "limit": str(_PAGE)}
        for _ in range(PAGES):
            try:
                page = await self._read(f"{token.pds}/xrpc/com.atproto.repo.listRecords", params)
            except RefusedError as error:
                self._doubted.add(_hash(token))
                message = "the account is not at its PDS any more"
                raise AccessLostError(message) from error
            rows = page.get("records")
            for row in rows if isinstance(rows, list) else ():
                if found := _record(row, token.did, collection):
                    yield found
            cursor = page.get("cursor")
            if not isinstance(cursor, str) or cursor < since:
                return
            params["cursor"] = cursor

    async def write(self, token: Token, method: str, where: Uri, **fields: object) -> Answer:
        """Change one record of the account, by `putRecord` or `deleteRecord`.

        Raises:
            NetworkError: one of the four; nothing was changed.
            NoAnswerError: nobody knows.
        """
        body = {"repo": where.did, "collection": where.collection, "rkey": where.key, **fields}
        try:
            answer = await self._calls.write(token, f"com.atproto.repo.{method}", body)
        except AccessLostError:
            self._doubted.add(_hash(token))
            raise
        answers.body(answer)  # half an answer is none
        return answer

    async def _read(self, url: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Read what is public; a read without a whole answer is just to be made again."""
        try:
            answer = await self._calls.get(url, params)
            if answers.is_success(answer):
                return answers.body(answer)
            raise answers.problem(answer, url)
        except NoAnswerError as error:
            raise UnavailableError(str(error)) from error


def _record(row: Any, did: str, collection: str) -> Record | None:
    """Read a row of a list; None when it is no record of this account and kind."""
    try:
        uri, cid, value = Uri.read(row["uri"]), str(row["cid"]), row["value"]
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if (uri.did, uri.collection) != (did, collection) or not isinstance(value, dict):
        return None
    return Record(uri, cid, value)


def _hash(token: Token) -> str:
    return hashlib.sha256(token.access.reveal().encode()).hexdigest()

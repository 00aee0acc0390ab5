"""The journal's chain: every line carries a keyed hash of itself and of the line before it.

So a line that was altered, taken out or put elsewhere is found, and named, by whoever has the installation's
key. Triggers refuse to change or delete a line; the chain finds what went round them. What it cannot find is
a journal cut off at its end by somebody who also turned its head back: keep heads elsewhere
(`bot audit head`; every backup notes one) and check against them.

The hash is HMAC-SHA256 over the hash before, then number, moment, actor, action, subject and details as they
are stored (RFC 2104; the scheme of Schneier and Kelsey, "Secure Audit Logs", 1999, with one key for all).
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlmodel import Session, col, delete, func, insert, select, update

from bot.storage.tables import JournalHeadRow, JournalRow

KEY = "journal_key"
"""Where a session holds the key: `session.info[KEY]`, put there by the store."""
SEAL = "checkpoint"
_NEWEST = select(JournalHeadRow.last_id, JournalHeadRow.last_chain)


class Breach(StrEnum):
    """What is wrong with a line."""

    ALTERED = "altered"
    """Its content, its place or its hash is not what was written."""
    MISSING = "missing"
    ADDED = "added"
    """It was not written by `append`."""
    REWRITTEN = "rewritten"
    """The chain holds, but it is not the one of a head that was kept elsewhere."""
    CHECKPOINT = "checkpoint"
    """The mark up to where old lines were deleted is not ours: the lines before this one are missing."""


class Head(NamedTuple):
    """The newest line of a journal: its number (0: none yet) and its hash (hex)."""

    id: int
    chain: str


class Line(NamedTuple):
    """What a line says; when and who is common to those that are written together."""

    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found. `line` is the first that is wrong, None when all hold."""

    lines: int
    """How many were checked."""
    first: int
    """Number of the oldest line kept."""
    head: Head
    line: int | None = None
    breach: Breach | None = None


def link(key: bytes, before: str, number: int, parts: Sequence[str]) -> str:
    """Give the hash (hex) of line `number` that follows one with the hash `before`.

    Args:
        key: 32 secret bytes.
        before: hash of the line before, empty for the first.
        number: of the line; counts from 1 without a gap.
        parts: moment, actor, action, subject, details, as stored; their lengths keep them apart.
    """
    at, actor, action, subject, details = parts
    sizes = f"{len(at)} {len(actor)} {len(action)} {len(subject)}"
    text = f"{before}{number} {sizes} {at}{actor}{action}{subject}{details}"
    inner, outer = _halves(key)
    of_text, of_line = inner.copy(), outer.copy()
    of_text.update(text.encode())
    of_line.update(of_text.digest())
    return of_line.hexdigest()


@lru_cache(maxsize=4)
def _halves(key: bytes) -> "tuple[hashlib._Hash, hashlib._Hash]":
    """Begin the two hashes of an HMAC (RFC 2104) with a key: kept, they spare a third of each line's time."""
    padded = key.ljust(hashlib.sha256().block_size, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in padded)) for pad in (0x36, 0x5C))
    return inner, outer


def append(session: Session, at: datetime, actor: str, lines: Sequence[Line]) -> None:
    """Add lines at the end, in three statements: their numbers, their hashes, the new head.

    The transaction writes alone, so nobody else moves the head meanwhile.
    """
    if not lines:
        return
    number, chain = head(session)
    rows, key, moment = [], session.info[KEY], stored(at)
    for action, subject, details in lines:
        number += 1
        chain = link(key, chain, number, (moment, actor, action, subject, json.dumps(details)))
        row = {"id": number, "at": at, "actor": actor, "action": action, "subject": subject}
        rows.append({**row, "details": details, "chain": chain})
    run = session.connection().execute  # lines are many: without the unit of work
    run(insert(JournalRow), rows)
    # After its lines: a number up to the head's is refused.
    run(update(JournalHeadRow), {"last_id": number, "last_chain": chain})


def head(session: Session) -> Head:
    """Give the head: note it elsewhere, and nobody can cut off what came before it unseen."""
    return Head(*session.connection().execute(_NEWEST).one())


def verify(session: Session, known: Mapping[int, str] | None = None) -> Verdict:
    """Check every line against the chain, and the chain against `known` heads from elsewhere, by number."""
    key, mark = session.info[KEY], _mark(session)
    if mark is None or mark.seal != _seal(key, mark.kept_after, mark.kept_chain):
        return Verdict(0, 1, Head(0, ""), 1, Breach.CHECKPOINT)
    cursor = session.connection().connection.cursor()  # the driver's own: a million lines in seconds
    cursor.execute("SELECT id, chain, at, actor, action, subject, details FROM journal ORDER BY id")
    first = mark.kept_after + 1
    line, breach = _walk(cast("Iterable[Any]", cursor), key, mark, known or {})
    found = Verdict(line - first, first, Head(mark.last_id, mark.last_chain), line, breach)
    return found if breach else replace(found, line=None)


def _walk(
    rows: Iterable[Any], key: bytes, mark: JournalHeadRow, known: Mapping[int, str]
) -> tuple[int, Breach | None]:
    """Give the first line that is wrong, or the number after the last one and None."""
    before, due = mark.kept_chain, mark.kept_after + 1
    for number, chain, *parts in rows:
        if number != due:
            return min(number, due), Breach.MISSING if number > due else Breach.ADDED
        if not _holds(key, before, number, chain, parts):
            return number, Breach.ALTERED
        if known.get(number, chain) != chain:
            return number, Breach.REWRITTEN
        before, due = chain, due + 1
    if due <= max(mark.last_id, *known, 0):
        return due, Breach.MISSING
    if due - 1 > mark.last_id:
        return mark.last_id + 1, Breach.ADDED
    return (due, None) if before == mark.last_chain else (mark.last_id, Breach.ALTERED)


def truncate(session: Session, before: datetime) -> tuple[int, int]:
    """Delete the oldest lines, all from before a moment; give how many, and the number of the last of them.

    A sealed mark of where the chain begins now takes their place, so that the rest can still be checked.
    """
    mark = _mark(session)
    assert mark is not None
    kept = session.exec(select(func.min(JournalRow.id)).where(col(JournalRow.at) >= before)).one()
    last = (kept or mark.last_id + 1) - 1
    if last <= mark.kept_after:
        return 0, mark.kept_after
    gone = last - mark.kept_after
    chain = session.exec(select(JournalRow.chain).where(JournalRow.id == last)).one()
    seal = _seal(session.info[KEY], last, chain)
    # The mark first: only lines before it may be deleted.
    session.exec(update(JournalHeadRow).values(kept_after=last, kept_chain=chain, seal=seal))
    session.exec(delete(JournalRow).where(col(JournalRow.id) <= last))
    return gone, last


def stored(moment: datetime) -> str:
    """Write an aware moment as the column keeps it."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


def _holds(key: bytes, before: str, number: int, chain: str, parts: list[str]) -> bool:
    try:
        return link(key, before, number, parts) == chain
    except TypeError:  # a number or a NULL where text was written
        return False


def _seal(key: bytes, number: int, chain: str) -> str:
    return hmac.digest(key, f"{SEAL} {number} {chain}".encode(), "sha256").hex()


def _mark(session: Session) -> JournalHeadRow | None:
    """Give the head's row, as it is in the database now."""
    return session.exec(select(JournalHeadRow).execution_options(populate_existing=True)).first()

"""Erase a person for good: rows, write-ahead log, and the ledger that erases them again after a restore.

`replay` is for whoever restores a backup. Backups themselves keep their people until they are rotated.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import ConflictError, NotFoundError
from bot.intake import life
from bot.model import memory
from bot.model.journal import DAEMON, Actor
from bot.model.notice import OPEN_STATES
from bot.model.volunteer import VolunteerState
from bot.roster import change
from bot.storage import Session, erasure, journal, notices, volunteers
from bot.storage.store import Store
from bot.trust.ledger import Ledger
from bot.trust.links import hash_token, new_token

SEEKER, VOLUNTEER, NOTICE = "seeker", "volunteer", "notice"
"""Kinds of the ledger's lines."""
LOOK_BACK = timedelta(days=2)
"""How far back ends are looked for that are not in the ledger yet; the tick runs every minute."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did. `whole`: the write-ahead log is empty too; else the next sweep sees to it."""

    notices: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many a replay took out again."""

    seekers: int
    volunteers: int
    notices: int


def erase_seeker(store: Store, ledger: Ledger, seeker_id: int, *, now: datetime, actor: Actor) -> Erased:
    """Erase a seeker: notices end, and every word, name, address, link and fingerprint goes.

    Raises:
        NotFoundError: there is no such seeker.
        ConflictError: the number was shared, and has nobody any more.
    """
    if parted := store.run_read(erasure.seekers_parted_from, seeker_id):
        numbers = ", ".join(map(str, parted))
        message = f"Seeker {seeker_id} was several, who have their own numbers since an upgrade: {numbers}."
        raise ConflictError(message)
    since = store.run_read(erasure.seeker_since, seeker_id)
    if since is None:
        message = f"There is no seeker {seeker_id}. `bot notices show` says whose a notice is."
        raise NotFoundError(message)
    ledger.add(SEEKER, seeker_id, since, now=now)  # first: a crash may erase twice, never not at all
    ended = store.run_write(_seeker, seeker_id, now=now, actor=actor)
    memory.forget()
    return Erased(ended, store.fold())


def erase_volunteer(
    store: Store, ledger: Ledger, volunteer_id: int, *, now: datetime, actor: Actor
) -> Erased:
    """Erase a volunteer: they leave, and what tells who they were goes. Harmless when done twice.

    Raises:
        NotFoundError: there is no such volunteer.
        ConflictError: it is the collective's own account.
    """
    found = store.run_read(volunteers.get, volunteer_id)
    if found.state is VolunteerState.COLLECTIVE:  # before the ledger has it: no start would pass it again
        raise ConflictError(change.OURS)
    since = found.joined_at
    ledger.add(VOLUNTEER, volunteer_id, since, now=now)
    store.run_write(_volunteer, volunteer_id, now=now, actor=actor)
    return Erased(0, store.fold())


def _seeker(session: Session, seeker_id: int, *, now: datetime, actor: Actor) -> int:
    found = notices.listed(session, seeker_id=seeker_id, limit=1_000_000)
    for notice in found:
        if notice.state in OPEN_STATES:
            life.withdraw(session, notice.id, now=now, actor=actor)
        journal.withdraw_consent(session, now, f"notice:{notice.id}")
        fresh = hash_token(new_token())
        erasure.notice(session, notice.id, now, token_hash=fresh, slug=new_token())
    erasure.fingerprints(session, [seeker_id])
    journal.write(session, now, actor, "seeker.erased", f"seeker:{seeker_id}", notices=len(found))
    return len(found)


def _volunteer(session: Session, volunteer_id: int, *, now: datetime, actor: Actor) -> None:
    if volunteers.get(session, volunteer_id).state is not VolunteerState.LEFT:
        change.leave(session, volunteer_id, now=now, actor=actor)
    erasure.volunteer(session, volunteer_id, alias=f"left-{volunteer_id}")


def forget_since(ledger: Ledger, moment: datetime) -> None:
    """Forget the words that this process keeps, if a seeker was erased at `moment` or later by any other."""
    if ledger.noted_since(SEEKER, moment):
        memory.forget()


def note_ends(store: Store, ledger: Ledger, *, now: datetime) -> int:
    """Put into the ledger who withdrew, found a job or left, by whatever way; give how many were new."""
    for number, since in store.run_read(erasure.notices_there):
        noted = ledger.erased_at(NOTICE, number, since)
        if noted is not None and store.run_read(erasure.undone_since, number, noted):
            ledger.take_back(NOTICE, number, since, now=now)
    ended = store.run_read(erasure.notices_ended, now, LOOK_BACK)
    left = store.run_read(erasure.volunteers_left, now, LOOK_BACK)
    added = [ledger.add(NOTICE, number, since, now=at) for number, since, at in ended]
    added += [ledger.add(VOLUNTEER, number, since, now=at) for number, since, at in left]
    return sum(added)


def replay(store: Store, ledger: Ledger, *, now: datetime) -> Replayed:
    """Erase again everybody whom the ledger names; to be called on a restored database before anything else.

    Notices that their seekers had ended end again. Harmless on any other database, and when done twice: the
    daemon does it at each start, so that a backup copied back by hand brings nobody back.
    """
    names, there = store.run_read(erasure.seekers_known_as), store.run_read(erasure.seekers_there)
    gone = [n for n, at in there if any(ledger.erased_at(SEEKER, name, at) for name in names[n])]
    for number in gone:
        store.run_write(_seeker, number, now=now, actor=DAEMON)
    left = [n for n, at in store.run_read(erasure.volunteers_there) if ledger.erased_at(VOLUNTEER, n, at)]
    for number in left:
        store.run_write(_volunteer, number, now=now, actor=DAEMON)
    ended = 0
    for number, since in store.run_read(erasure.notices_there):
        noted = ledger.erased_at(NOTICE, number, since)
        if noted is not None and not store.run_read(erasure.undone_since, number, noted):
            store.run_write(life.withdraw, number, now=now, actor=DAEMON)
            ended += 1
    store.fold()
    return Replayed(len(gone), len(left), ended)

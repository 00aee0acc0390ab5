"""Whose turns a notice has: those of a twin's person, or its own. Settled once, when it is first accepted."""

from collections.abc import Iterable
from typing import NamedTuple

from bot.errors import ConflictError, UsageError
from bot.model.notice import LIVE_STATES, OPEN_STATES, Notice
from bot.model.text import N_, Message
from bot.storage import Session, notices, twins


class Whose(NamedTuple):
    """What a moderator can say, before the first acceptance of a notice.

    `people`: of each person whose twin or near-duplicate of it went round the latest, newest first.
    `proposed`: the id of one of them, or of the notice itself, which is then another person's; None: a person
    has to say, for a twin that went round has not ended, or they are several people's.
    """

    people: tuple[Notice, ...]
    proposed: int | None


def choices(notice: Notice, alike: Iterable[Notice], similar: Iterable[Notice] = ()) -> Whose:
    """Give whose turns a notice may have: its own, once that is settled; `alike` are its twins."""
    if notice.first_opened_at is not None:
        return Whose((), notice.id)
    went = [twin for twin in alike if twin.first_opened_at is not None]
    people = _latest([*went, *(other for other in similar if other.first_opened_at is not None)])
    if not went:
        return Whose(people, notice.id)
    theirs = _latest(went)
    clear = len(theirs) == 1 and not any(twin.state in OPEN_STATES for twin in went)
    return Whose(people, theirs[0].id if clear else None)


def _latest(found: Iterable[Notice]) -> tuple[Notice, ...]:
    people = {one.person_id: one for one in sorted(found, key=lambda one: one.id)}
    return tuple(sorted(people.values(), key=lambda one: -one.id))


def _proposed(session: Session, notice: Notice) -> int | None:
    alike = notices.some(session, twins.of(session, [notice.id]).get(notice.id, ()))
    return choices(notice, alike.values()).proposed


def settle(session: Session, notice: Notice, whose: int | None) -> Notice:
    """Let a notice count with the person of the notice `whose`, or by itself; None: as proposed.

    Nobody goes round twice at once.

    Raises:
        UsageError: `whose` cannot be chosen.
        ConflictError: a moderator has to say whose, or another notice of that person has not ended.
    """
    chosen = _proposed(session, notice) if whose is None else whose
    if chosen is None:
        text = N_(
            "Notices with the same address, post, author or browser have not ended, or are several people’s. "
            "Say whose turns this one has."
        )
        raise ConflictError(Message(text))
    other = notices.some(session, [chosen]).get(chosen)
    settled = notice.first_opened_at is not None
    if other is None or (other.id != notice.id and (settled or other.first_opened_at is None)):
        text = N_("Notice %(id)s is none whose turns this one could have.")
        raise UsageError(Message(text, {"id": str(chosen)}))
    person_id = other.person_id
    # One that is read again comes before a new one of its person; of two that are, the first goes round.
    in_the_way = LIVE_STATES if settled else OPEN_STATES
    for one in notices.others_of(session, person_id, besides=notice.id, states=in_the_way):
        if one.first_opened_at is not None:
            text = N_("Notice %(id)s of this person has not ended. Refuse this one, or end that one.")
            raise ConflictError(Message(text, {"id": str(one.id)}))
    return notices.update(session, notice.id, person_id=person_id)

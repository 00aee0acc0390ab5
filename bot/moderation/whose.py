"""Whose turns a notice has: those of a twin's person, or its own. Settled once, when it is first accepted."""

from collections.abc import Iterable
from typing import NamedTuple

from bot.errors import ConflictError, UsageError
from bot.model.notice import LIVE_STATES, OPEN_STATES, Notice
from bot.model.text import N_, Message
from bot.storage import Session, notices, twins


class Whose(NamedTuple):
    """What a moderator can say, before the first acceptance of a notice that has twins which went round.

    `people`: the latest notice of each person, newest first. `proposed`: the id of one of them, or of the
    notice itself, which is then another person's; None: a person has to say, for one of these has not ended,
    or there are several.
    """

    people: tuple[Notice, ...]
    proposed: int | None


def choices(notice: Notice, alike: Iterable[Notice]) -> Whose:
    """Give whose turns a notice may have: its own, once that is settled or without twins that went round."""
    went = [twin for twin in alike if twin.first_opened_at is not None]
    if notice.first_opened_at is not None or not went:
        return Whose((), notice.id)
    people = {twin.person_id: twin for twin in sorted(went, key=lambda twin: twin.id)}
    latest = tuple(sorted(people.values(), key=lambda twin: -twin.id))
    clear = len(latest) == 1 and not any(twin.state in OPEN_STATES for twin in went)
    return Whose(latest, latest[0].id if clear else None)


def settle(session: Session, notice: Notice, whose: int | None) -> Notice:
    """Let a notice count with the person of the notice `whose`: a twin, or itself; None: as proposed.

    Nobody goes round twice at once.

    Raises:
        UsageError: `whose` cannot be chosen.
        ConflictError: a moderator has to say whose, or another notice of that person has not ended.
    """
    alike = notices.some(session, twins.of(session, [notice.id]).get(notice.id, ())).values()
    people, proposed = choices(notice, alike)
    chosen = proposed if whose is None else whose
    if chosen is None:
        text = N_(
            "Notices with the same address, post, author or browser have not ended, or are several people’s. "
            "Say whose turns this one has."
        )
        raise ConflictError(Message(text))
    persons = {notice.id: notice.person_id} | {twin.id: twin.person_id for twin in people}
    if chosen not in persons:
        text = N_("Notice %(id)s is none whose turns this one could have.")
        raise UsageError(Message(text, {"id": str(chosen)}))
    person_id = persons[chosen]
    # One that is read again comes before a new one of its person; of two that are, the first goes round.
    in_the_way = OPEN_STATES if notice.first_opened_at is None else LIVE_STATES
    for twin in alike:
        if twin.person_id == person_id and twin.first_opened_at is not None and twin.state in in_the_way:
            text = N_(
                "Notice %(id)s of this person has not ended. Refuse this one, end that one, or, if it is "
                "another person’s, say so."
            )
            raise ConflictError(Message(text, {"id": str(twin.id)}))
    return notices.update(session, notice.id, person_id=person_id)

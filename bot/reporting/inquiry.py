"""One boost or one notice explained in full: what `bot explain` says, and "why me?" for a volunteer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.model.boost import CALLED_STATES, Boost, BoostState
from bot.model.notice import Notice, NoticeState
from bot.model.text import N_, Message, counted
from bot.reporting import explain, proof, queue
from bot.reporting.queue import Line
from bot.storage import Session, boosts, notices, rounds

DECISIONS = 10
"""How many of a notice's last asks are told."""


@dataclass(frozen=True, slots=True)
class BoostStory:
    """One boost and why it went to this volunteer, in sentences."""

    boost: Boost
    why: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a notice stands among the `others` that go round.

    `boosts` are its own, `carried` those of its person's earlier notices; `level` is both over the weight.
    `fewer` others stand lower, `equal` as high.
    """

    boosts: int
    carried: int
    level: float
    others: int
    fewer: int
    equal: int


@dataclass(frozen=True, slots=True)
class NoticeStory:
    """One notice: where it stands (None: it does not go round), why it gets no more, its last asks."""

    line: Line
    place: Place | None
    waiting: Mapping[str, Any] | None
    certificate: Mapping[str, Any] | None
    why: tuple[Message, ...]
    decisions: tuple[tuple[Boost, Message], ...]
    """Newest first."""


def boost(session: Session, boost_id: int) -> BoostStory:
    """Explain one boost.

    Raises:
        NotFoundError: there is none with this id.
    """
    found = boosts.get(session, boost_id)
    return BoostStory(found, why_me(found.reason))


def notice(session: Session, notice_id: int, *, now: datetime) -> NoticeStory:
    """Explain where a notice stands.

    Raises:
        NotFoundError: there is none with this id.
    """
    found = queue.dossier(session, notice_id, now=now)
    line = found.line
    running = line.notice.state is NoticeState.ACTIVE
    waiting = notices.waiting(session, notice_id) if running else None
    certificate = proof.certificate(session, notice_id)
    place = _place(session, line.notice, now) if running else None
    asked = [(one.boost, one.why) for one in found.asked if one.boost.asked_at is not None]
    asked.sort(key=lambda one: (one[0].asked_at or now, one[0].id), reverse=True)
    why = (
        *_where(place),
        *_next(line),
        *([more] if (more := proof.why_no_more(session, notice_id)) else []),
    )
    return NoticeStory(line, place, waiting, certificate, why, tuple(asked[:DECISIONS]))


def why_me(reason: Mapping[str, Any]) -> tuple[Message, ...]:
    """Say to a volunteer, in full, why they were asked. `reason` is `Boost.reason`, of whatever program."""
    if ours := explain.by_collective(reason):
        return (Message(N_("%(what)s."), {"what": ours}),)
    if "candidates" not in reason:
        return (Message(N_("No reason was kept for this one.")),)
    said = [_field(reason)]
    if matched := explain.what_matched(reason):
        said.append(Message(N_("%(what)s."), {"what": matched}))
    if "boosts" in reason and reason["candidates"] > 1:
        said.append(_winner(reason))
    if reason.get("runner_up"):
        said.append(_runner_up(reason))
    if "slot" in reason:
        said.append(_slot(reason))
    if "rule" in reason:
        said.append(Message(N_("Decided by the rule %(rule)s."), {"rule": reason["rule"]}))
    return tuple(said)


def _field(reason: Mapping[str, Any]) -> Message:
    """Say among how many notices it was chosen."""
    return counted(
        "It was the only notice that matched you and could have your turn.",
        "%(n)s notices matched you and could have your turn.",
        reason["candidates"],
    )


def _slot(reason: Mapping[str, Any]) -> Message:
    """Say which of the volunteer's slots was used: an unused one stays good until midnight."""
    said = N_("The turn counts as your slot of %(slot)s; a slot that was not used stays good all day.")
    return Message(said, {"slot": datetime.fromisoformat(reason["slot"])})


def _winner(reason: Mapping[str, Any]) -> Message:
    """Say what put this notice first."""
    if not reason["boosts"]:
        return Message(N_("It had no share yet, and those without any go first."))
    if "rank" not in reason:
        return counted(
            "It had %(n)s share, and those with the fewest went first.",
            "It had %(n)s shares, and those with the fewest went first.",
            reason["boosts"],
        )
    return counted(
        "It had %(n)s share; those with few shares or a round that ends soon go first.",
        "It had %(n)s shares; those with few shares or a round that ends soon go first.",
        reason["boosts"],
    )


def _runner_up(reason: Mapping[str, Any]) -> Message:
    """Say which notice came next, and in what it stood behind."""
    other = reason["runner_up"]
    return Message(_behind(reason, other), {"notice": other["notice"]})


def _behind(reason: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    if "rank" not in reason or "rank" not in other:  # decided by the first rule: fewest boosts
        return _MORE[other.get("level") == reason.get("level")]
    mine, its = reason["rank"], other["rank"]
    differ = [text for text, one, two in zip(_BEHIND, mine, its, strict=True) if one != two]
    return (differ or [_EQUAL[mine[0]]])[0]


_MORE = (
    N_("Next came notice %(notice)s, with more shares."),
    N_("Next came notice %(notice)s, with as many shares."),
)
_BEHIND = (
    N_("Next came notice %(notice)s, which had shares already."),
    N_("Next came notice %(notice)s, with more shares or a round that ends later."),
    N_("Next came notice %(notice)s, which stood as high; more volunteers can take it."),
)
"""In what a runner-up stood behind, by the part of the rank that differs."""
_EQUAL = (
    N_("Next came notice %(notice)s, which stood as high; this one is older."),
    N_("Next came notice %(notice)s, which stood as high; this one is older or opens more new circles."),
)
"""Without any boost age decides; else what this volunteer opens, then age."""


def _where(place: Place | None) -> list[Message]:
    if place is None:
        return [Message(N_("It does not go round now."))]
    said = [
        counted(
            "%(n)s share of it is done or asked for.",
            "%(n)s shares of it are done or asked for.",
            place.boosts,
        )
        if place.boosts
        else Message(N_("Nobody has shared it yet, and nobody is asked to."))
    ]
    if place.carried:
        said.append(
            counted(
                "%(n)s share of an earlier notice of the same person counts too.",
                "%(n)s shares of earlier notices of the same person count too.",
                place.carried,
            )
        )
    if place.others:
        text = N_(
            "Other notices that go round: %(n)s; with fewer shares: %(fewer)s, with as many: %(equal)s."
        )
        values = {"n": place.others, "fewer": place.fewer, "equal": place.equal}
        said.append(Message(text, values))
    return said


def _next(line: Line) -> list[Message]:
    coming = line.next
    if coming is None:
        return [line.why] if line.why is not None else []
    values = {"boost": coming.id, "volunteer": coming.volunteer_id}
    if coming.state is BoostState.PLANNED:
        text = N_("Next: boost %(boost)s, planned for %(moment)s with volunteer %(volunteer)s.")
        return [Message(text, {**values, "moment": coming.due_at})]
    if coming.state in CALLED_STATES:
        return [
            Message(N_("Next: boost %(boost)s, which the bot makes for volunteer %(volunteer)s."), values)
        ]
    text = N_("Next: boost %(boost)s, which waits for volunteer %(volunteer)s since %(moment)s.")
    return [Message(text, {**values, "moment": coming.asked_at or coming.due_at})]


def _place(session: Session, found: Notice, now: datetime) -> Place:
    """Count what every notice that goes round has, as the slot-time rule counts it."""
    weights = {one.id: one.weight for one in (found, *rounds.active(session))}
    counts = dict.fromkeys(weights, 0)
    carried = 0
    for asked in rounds.asked(session, now, history=timedelta()):
        if asked.counted and asked.notice_id in counts:
            counts[asked.notice_id] += 1
            carried += asked.carried and asked.notice_id == found.id
    levels = {number: counts[number] / weight for number, weight in weights.items()}
    mine = levels.pop(found.id)
    return Place(
        boosts=counts[found.id] - carried,
        carried=carried,
        level=mine,
        others=len(levels),
        fewer=sum(level < mine for level in levels.values()),
        equal=sum(level == mine for level in levels.values()),
    )

"""What moderators have to read, oldest first, with what the rules remark and what is known of the person."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.moderation import Claim, Decision, Flag, FlagKind, Report
from bot.model.notice import LIVE_STATES, Contract, Notice, NoticeState, NoticeText
from bot.model.text import N_, Message, counted
from bot.moderation import rules
from bot.moderation.likeness import Index, near
from bot.moderation.order import in_order
from bot.moderation.whose import Whose, choices
from bot.storage import Session, admins, boosts, cases, claims, notices, reports, twins

SHOWN = 50
"""Cases a queue shows at once."""
COMPARED_SPAN = timedelta(days=90)
COMPARED_MOST = 1000
BACK: dict[str, tuple[str, str]] = {
    "notice.source_edited": (
        N_("The post was edited since it was accepted, on %(moment)s"),
        N_("post edited"),
    ),
    "notice.policy_changed": (
        N_("The policy of its network changed since it was accepted, on %(moment)s"),
        N_("policy changed"),
    ),
    "notice.recalled": (N_("All its shares were taken back on %(moment)s"), N_("shares taken back")),
}
"""What brings an accepted notice back, by the journal's word: a sentence, and two words for the queue."""
_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Case:
    """A notice as a moderator meets it. `since` is how long it has been waiting for this reading."""

    notice: Notice
    since: datetime
    flags: tuple[Flag, ...]
    reports: tuple[Report, ...]
    claim: Claim | None
    asks_again: bool
    changed: bool
    """The seeker edited it since it was sent or last accepted."""
    similar: tuple[tuple[int, bool], ...]
    """Ids of near-duplicates, the nearest first, and whether they are twins."""
    twins: tuple[int, ...]
    """Ids of the notices that are perhaps the same person's, oldest first."""

    @property
    def fixed(self) -> NoticeText | None:
        """The words without personal data, or None when there is nothing to remove."""
        words = rules.fixed(self.notice.words)
        return words if words != self.notice.words else None


@dataclass(frozen=True, slots=True)
class Told:
    """A decision with the words of its notice and the name of who took it (empty: the command line)."""

    decision: Decision
    title: str
    admin_name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What else is known: near-duplicates, twins with boosts done, decisions."""

    similar: tuple[tuple[Notice, bool], ...]
    """Notices nearly the same, and whether they are twins."""
    earlier: tuple[tuple[Notice, int], ...]
    decisions: tuple[Told, ...]
    """On this notice and the earlier ones, newest first."""
    whose: Whose


def waiting(session: Session, now: datetime) -> list[Notice]:
    """Give what is to be read: what volunteers reported first, then the oldest first (see `in_order`)."""
    unread = notices.listed(session, states=[NoticeState.PENDING], limit=_ALL)
    unsettled = reports.unsettled(session)
    reported = notices.some(session, unsettled)
    live = [reported[notice_id] for notice_id in unsettled if reported[notice_id].state in LIVE_STATES]
    back = _came_back(session, unread)
    since = {notice.id: max(back[notice.id].values(), default=notice.created_at) for notice in unread}
    unread.sort(key=lambda notice: (since[notice.id], notice.id))
    unread, live = ([n for n in those if _is_due(n, now)] for those in (unread, live))
    return in_order(unread, since, live, unsettled)


def _is_due(notice: Notice, now: datetime) -> bool:
    return notice.snoozed_until is None or notice.snoozed_until <= now


def pending(session: Session, *, now: datetime, limit: int = SHOWN) -> list[Case]:
    """Give the cases to read, in their order."""
    return opened(session, waiting(session, now)[:limit], now)


def case(session: Session, notice_id: int, *, now: datetime) -> Case:
    """Give one case, to be read or not.

    Raises:
        NotFoundError: there is no such notice.
    """
    return opened(session, [notices.get(session, notice_id)], now)[0]


def next_id(
    session: Session,
    *,
    after: int | None,
    admin_id: int,
    now: datetime,
    among: Sequence[Notice] | None = None,
) -> int | None:
    """Give the case to read after `after`, passing over those that others read; None when there is none.

    `among`: what `waiting` gives, by default looked up.
    """
    held = claims.held(session, now)
    ids = [notice.id for notice in (waiting(session, now) if among is None else among)]
    at = ids.index(after) + 1 if after in ids else 0
    for notice_id in ids[at:] + ids[:at]:
        free = notice_id not in held or held[notice_id].admin_id == admin_id
        if free and notice_id != after:
            return notice_id
    return None


def evidence(session: Session, found: Case) -> Evidence:
    """Give what else is known about a case."""
    notice = found.notice
    earlier = list(notices.some(session, found.twins).values())
    done = boosts.done_by_notice(session, [one.id for one in earlier])
    past = cases.decisions(session, notice_ids=[notice.id, *(one.id for one in earlier)], limit=50)
    similar = tuple((notices.get(session, other), same) for other, same in found.similar[:3])
    return Evidence(
        similar=similar,
        earlier=tuple((one, done.get(one.id, 0)) for one in reversed(earlier)),
        decisions=tuple(told(session, past)),
        whose=choices(notice, earlier, [other for other, _ in similar]),
    )


def told(session: Session, decisions: Sequence[Decision]) -> list[Told]:
    """Give decisions with the titles of their notices and the names of who decided."""
    names = {admin.id: admin.name for admin in admins.listed(session)}
    about = notices.some(session, {made.notice_id for made in decisions})
    return [
        Told(made, about[made.notice_id].words.title, names.get(made.admin_id or 0, "")) for made in decisions
    ]


def decided(session: Session, *, since: datetime, limit: int = 500) -> list[Told]:
    """Give the decisions since then, those taken back too, newest first."""
    return told(
        session,
        cases.decisions(session, since=since, undone=True, limit=limit),
    )


def undoable(session: Session, *, admin_id: int, now: datetime, undo: timedelta) -> Told | None:
    """Give the admin's last decision while its window is open."""
    last = cases.decisions(session, admin_id=admin_id, since=now - undo, undone=True, limit=1)
    return told(session, last)[0] if last and last[0].undone_at is None else None


def _came_back(session: Session, found: Iterable[Notice]) -> dict[int, dict[str, datetime]]:
    """Give by notice what brought it to the moderators once more, and when."""
    return cases.since_accepted(
        session, [notice.id for notice in found], (cases.CHANGED, cases.CONTESTED, *BACK)
    )


def _index(session: Session, now: datetime) -> Index:
    """Give the notices of the last three months, to compare with; of each only title and text."""
    recent = cases.recent_texts(session, now - COMPARED_SPAN, COMPARED_MOST)
    return Index(
        [
            (notice_id, NoticeText(title, "", False, Contract.ANY, text, ""))  # noqa: FBT003
            for notice_id, title, text in recent
        ]
    )


def opened(session: Session, found: Sequence[Notice], now: datetime) -> list[Case]:
    """Give these notices as cases, with all that helps to decide on them."""
    ids = [notice.id for notice in found]
    held = claims.held(session, now)
    unsettled = reports.unsettled(session, ids)
    back = _came_back(session, found)
    alike = twins.of(session, ids)
    index = _index(session, now)
    made = []
    for notice in found:
        of_it = tuple(unsettled.get(notice.id, ()))
        mine = alike.get(notice.id, {})
        others = index.near(notice.id, mine, notice.words)
        flags = rules.flags(notice.words, lang=notice.lang, similar=others)
        why = back[notice.id]
        moments = [*why.values(), *([of_it[0].at] if of_it and notice.state in LIVE_STATES else ())]
        made.append(
            Case(
                notice=notice,
                since=max(moments, default=notice.created_at),
                flags=(*_reported(of_it), *_back(why), *_twins(mine), *flags),
                reports=of_it,
                claim=held.get(notice.id),
                asks_again=cases.CONTESTED in why,
                changed=cases.CHANGED in why,
                similar=tuple((one, same) for one, same, _ in near(notice.words, others)),
                twins=tuple(mine),
            )
        )
    return made


def _reported(reports: tuple[Report, ...]) -> tuple[Flag, ...]:
    if not reports:
        return ()
    outside = sum(report.outside for report in reports)
    if not outside:
        message = counted("A volunteer reported it", "%(n)s volunteers reported it", len(reports))
    elif outside == len(reports):
        message = counted(
            "Somebody from outside reported it", "%(n)s people from outside reported it", outside
        )
    else:
        message = Message(N_("Volunteers and people from outside reported it"))
    return (Flag(FlagKind.REPORTED, message, severe=True, short=N_("reported")),)


def _back(why: Mapping[str, datetime]) -> tuple[Flag, ...]:
    """Remark why a notice that had been accepted is to be read again."""
    return tuple(
        Flag(FlagKind.BACK, Message(BACK[action][0], {"moment": at}), short=BACK[action][1])
        for action, at in why.items()
        if action in BACK
    )


def _twins(alike: Mapping[int, NoticeState]) -> tuple[Flag, ...]:
    """Remark which notices have the same address, post, author or browser."""
    now = twins.opened(alike)
    before = [one for one in alike if one not in now]
    told = (
        (now, N_("Same address, post, author or browser, not ended: %(ids)s"), N_("same person?")),
        (before, N_("Same address, post, author or browser, ended: %(ids)s"), N_("here before?")),
    )
    return tuple(
        Flag(FlagKind.TWIN, Message(text, {"ids": _numbers(ids)}), severe=ids is now, short=short)
        for ids, text, short in told
        if ids
    )


def _numbers(ids: Sequence[int]) -> str:
    return ", ".join(f"#{one}" for one in ids)


def hint(flag: Flag) -> Message | None:
    """Give the sentence under a remark: what a moderator may do about it."""
    if flag.kind is FlagKind.PERSONAL_DATA:
        return Message(N_("E removes it and approves; the person is told why."))
    if flag.kind is FlagKind.TWIN:
        return Message(
            N_(
                "Nothing proves whose an address or an account is. When you accept it, you say whose turns "
                "it has. Never tell who else is known here."
            )
        )
    return None

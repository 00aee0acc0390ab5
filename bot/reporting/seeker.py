"""A seeker's status: everything the personal page shows, from one snapshot, without any volunteer's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.model import keeping
from bot.model.boost import CALLED_STATES, DONE_STATES, WAITING_STATES, Boost, BoostState
from bot.model.match import matching_account
from bot.model.moderation import Decision, Verdict
from bot.model.notice import CloseReason, Notice, NoticeState
from bot.model.rounds import (
    PAUSE_MAX,
    PAUSED,
    RENEW_EARLY,
    RENEWED,
    UNDO_FOUND,
    may_renew,
    may_undo_found,
)
from bot.model.text import N_, Message
from bot.model.volunteer import Account, VolunteerState
from bot.networks import Network
from bot.networks.hosts import readable
from bot.reporting import proof, waits
from bot.sets import paper_colour
from bot.storage import Session, boosts, cases, collective, halts, journal, notices, reports, volunteers

GROUP_MIN = 5
"""Fewer volunteers than this are not counted aloud."""
_EVERY = 1_000_000


class Phase(StrEnum):
    """Where a notice stands as its seeker sees it."""

    RECEIVED = "received"
    ASKED = "asked"
    RUNNING = "running"
    PAUSED = "paused"
    REFUSED = "refused"
    OVER = "over"
    FOUND = "found"
    WITHDRAWN = "withdrawn"
    GONE = "gone"


_PHASES = {
    NoticeState.PENDING: Phase.RECEIVED,
    NoticeState.ASKED: Phase.ASKED,
    NoticeState.ACTIVE: Phase.RUNNING,
    NoticeState.PAUSED: Phase.PAUSED,
}
_ENDS = {
    CloseReason.REFUSED: Phase.REFUSED,
    CloseReason.EXPIRED: Phase.OVER,
    CloseReason.FOUND_JOB: Phase.FOUND,
    CloseReason.WITHDRAWN: Phase.WITHDRAWN,
    CloseReason.SOURCE_GONE: Phase.GONE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Position among the notices that go round, from 1; the least boosted is first."""

    rank: int
    of: int


@dataclass(frozen=True, slots=True)
class Coming:
    """The boost that comes next. `asked`: a volunteer has it before them, since `at`."""

    network: str
    at: datetime
    asked: bool


@dataclass(frozen=True, slots=True)
class Status:
    """What the status page shows. Networks are the names people know; times aware UTC."""

    notice: Notice
    phase: Phase
    by: str
    """Handle and network of the notice's own post, or empty."""
    colour: str
    changed: bool
    """The seeker changed the words after sending them; a moderator's fix is no such change."""
    decision: Decision | None
    """The last decision, once it can no longer be undone."""
    accepted_at: datetime | None
    done: tuple[tuple[str, datetime], ...]
    """Boosts done in this round: network and when, oldest first."""
    strips: int
    """Boosts wanted in this round."""
    total_done: int
    place: Place | None
    coming: Coming | None
    why: Message | None
    why_no_more: Message | None
    """Why nothing comes next, when nothing does."""
    followers: int | None
    """Volunteers whom the notice fits; None when they are fewer than `GROUP_MIN`."""
    kept_until: datetime | None
    """Until when a paused notice keeps its turn."""
    undo_until: datetime | None
    """Until when "I found a job" can be taken back."""
    may_renew: bool
    may_contest: bool
    erased_from: datetime
    """When its words are erased."""
    may_keep: bool
    by_collective: tuple[tuple[str, datetime], ...]
    """Where and when the collective's own account shared it, oldest first; it takes no strip."""
    own_account: bool  # there is one that could

    @property
    def torn(self) -> frozenset[int]:
        """Strips that are gone, spread over the notice."""
        order = sorted(range(self.strips), key=lambda i: ((i * 7 + i // 3) % 11, i))
        return frozenset(order[: len(self.done)])

    @property
    def left(self) -> int:
        """Boosts still to come in this round."""
        return max(0, self.strips - len(self.done))

    @property
    def fixed(self) -> bool:
        """Whether a moderator took personal data out of the words before they went round."""
        return self.decision is not None and self.decision.verdict is Verdict.ACCEPT_FIXED


def status(
    session: Session, notice_id: int, *, networks: Mapping[str, Network], now: datetime, undo: timedelta
) -> Status:
    """Give everything the status page shows at `now`.

    A moderator's decision younger than `undo` is not shown yet: the page says "received" until it stands.

    Raises:
        NotFoundError: there is no such notice.
    """
    notice = notices.get(session, notice_id)
    phase, decision = _standing(session, notice, now, undo)
    running = phase is Phase.RUNNING
    mine = boosts.listed(session, notice_id=notice_id, volunteers_only=True)
    before = _done_before_round(session, notice_id)
    done = sorted((b.ended_at or b.due_at, b.network) for b in mine if b.state in DONE_STATES)
    place, coming, why, why_no_more = _ahead(session, notice, mine, networks, now) if running else (None,) * 4
    return Status(
        notice=notice,
        phase=phase,
        by=_by(notice, networks),
        colour=paper_colour(notice.sector),
        changed=bool(cases.last_noted(session, [notice_id], cases.CHANGED)),
        decision=decision,
        accepted_at=notice.opened_at if phase is not Phase.RECEIVED else None,
        done=tuple((_label(networks, network), at) for at, network in done[before:]),
        strips=max(1, notice.demand - before),
        total_done=len(done),
        place=place,
        coming=coming,
        why=why,
        why_no_more=why_no_more,
        followers=_followers(session, notice, networks, now) if phase is Phase.RECEIVED else None,
        kept_until=_kept_until(session, notice) if phase is Phase.PAUSED else None,
        undo_until=_undo_until(notice, now),
        may_renew=phase in {Phase.RUNNING, Phase.OVER} and may_renew(notice, now),
        may_contest=phase is Phase.REFUSED and not cases.last_noted(session, [notice.id], cases.CONTESTED),
        erased_from=keeping.kept_until(notice),
        may_keep=keeping.may_keep(notice, now),
        by_collective=tuple((_label(networks, n), at) for n, at in collective.of_notice(session, notice_id)),
        own_account=any(one.access is not None for one in collective.accounts(session)),
    )


def _ahead(
    session: Session, notice: Notice, mine: list[Boost], networks: Mapping[str, Network], now: datetime
) -> tuple[Place, Coming | None, Message | None, Message | None]:
    """Give where an active notice stands, what comes next or why nothing does, why it gets no more."""
    place = _place(session, notice, now)
    if held := _held(session, notice.id):
        return place, None, held, None
    coming = _coming(mine, networks)
    why = None if coming else waits.why_waiting(notices.waiting(session, notice.id))
    return place, coming, why, proof.why_no_more(session, notice.id)


def ordinal(n: int) -> Message:
    """Write a rank: 1st, 2nd, 3rd, 4th."""
    if n % 100 in {11, 12, 13}:
        return Message(N_("%(n)sth"), {"n": n})
    if n == 1:
        return Message(N_("1st"))
    suffixes = {1: N_("%(n)sst"), 2: N_("%(n)snd"), 3: N_("%(n)srd")}
    return Message(suffixes.get(n % 10, N_("%(n)sth")), {"n": n})


def renewal_from(notice: Notice) -> datetime | None:
    """Give when another round may be asked for."""
    return notice.deadline - RENEW_EARLY if notice.deadline else None


def _standing(
    session: Session, notice: Notice, now: datetime, undo: timedelta
) -> tuple[Phase, Decision | None]:
    """Give the phase and the decision that its seeker may read: none that can still be undone."""
    phase, decision = _phase(notice, now), cases.last_decision(session, notice.id)
    if decision is None or now - decision.at >= undo:
        return phase, decision
    return Phase.RECEIVED if phase in {Phase.ASKED, Phase.REFUSED} else phase, None


def _undo_until(notice: Notice, now: datetime) -> datetime | None:
    if notice.closed_at is None or not may_undo_found(notice, now):
        return None
    return notice.closed_at + UNDO_FOUND


def _phase(notice: Notice, now: datetime) -> Phase:
    if notice.close_reason is not None:
        return _ENDS[notice.close_reason]
    if notice.state is NoticeState.ACTIVE and notice.opened_at is not None and notice.opened_at > now:
        return Phase.RECEIVED
    return _PHASES[notice.state]


def _done_before_round(session: Session, notice_id: int) -> int:
    entries = journal.read(session, subject=f"notice:{notice_id}", action=RENEWED, limit=1)
    return int(str(entries[0].details.get("done", 0))) if entries else 0


def _coming(mine: list[Boost], networks: Mapping[str, Network]) -> Coming | None:
    asked = [b for b in mine if b.state in WAITING_STATES]
    planned = [b for b in mine if b.state in CALLED_STATES | {BoostState.PLANNED}]
    if asked:
        return Coming(_label(networks, asked[0].network), asked[0].asked_at or asked[0].due_at, asked=True)
    if planned:
        return Coming(_label(networks, planned[0].network), planned[0].due_at, asked=False)
    return None


def _held(session: Session, notice_id: int) -> Message | None:
    """Say why no volunteer is shown a notice, whatever is planned or was asked."""
    if notice_id in reports.held(session):
        return waits.READ_AGAIN
    return waits.STOPPED if halts.current(session) else None


def _place(session: Session, notice: Notice, now: datetime) -> Place:
    round_now = [
        other
        for other in notices.listed(session, states=[NoticeState.ACTIVE], limit=_EVERY)
        if other.opened_at is not None and other.opened_at <= now
    ]
    done = boosts.done_by_notice(session, [other.id for other in round_now])

    def key(other: Notice) -> tuple[int, datetime, int]:
        return done.get(other.id, 0), other.deadline or now, other.id

    return Place(1 + sum(key(other) < key(notice) for other in round_now), len(round_now))


def _followers(
    session: Session, notice: Notice, networks: Mapping[str, Network], now: datetime
) -> int | None:
    fits = sum(
        isinstance(account := matching_account(notice, volunteer), Account) and account.network in networks
        for volunteer in volunteers.listed(session, states=[VolunteerState.ACTIVE, VolunteerState.PAUSED])
        if volunteer.may_be_asked(now)
    )
    return fits if fits >= GROUP_MIN else None


def _kept_until(session: Session, notice: Notice) -> datetime | None:
    entries = journal.read(session, subject=f"notice:{notice.id}", action=PAUSED, limit=1)
    return entries[0].at + PAUSE_MAX if entries else None


def _by(notice: Notice, networks: Mapping[str, Network]) -> str:
    if not notice.posts:
        return ""
    post = notice.posts[0]
    label = _label(networks, post.network)
    handle = "" if post.author.startswith("did:") else readable(post.author)
    return f"@{handle}, {label}" if handle else label


def _label(networks: Mapping[str, Network], name: str) -> str:
    return networks[name].label if name in networks else name

"""One planning round: read a snapshot, allocate, write the difference."""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.model.journal import DAEMON
from bot.model.notice import Notice
from bot.model.plan import Planned, Wait
from bot.model.policy import NO_POLICIES, Policies
from bot.planning.fairness import Assignment, Plan, Rules, Snapshot, allocate
from bot.planning.mode import Modes
from bot.planning.quota import limits
from bot.planning.stick import CHANGES
from bot.settings import Settings
from bot.storage import Session, journal, notices, reports, rounds
from bot.trust.links import Keyring

HISTORY = timedelta(days=2)
"""Asks older than this bear on no local day of a round (the last one ever is read besides)."""
EVENTS = frozenset(
    (
        *(f"notice.{what}" for what in ("accepted", "accepted_fixed", "change_asked", "decision_undone")),
        *(f"notice.{what}" for what in ("refused", "changed", "paused", "resumed", "renewed")),
        *(f"notice.{what}" for what in ("withdrawn", "found_job", "found_job_undone", "expired")),
        "notice.reported",
        *(f"volunteer.{what}" for what in ("joined", "settings_changed", "paused", "resumed", "left")),
        journal.RESET,
        *(f"boost.{what}" for what in ("skipped", "undone", "expired", "failed", "cancelled", "taken_back")),
    )
)
"""Lines of the journal after which a plan may change."""


@dataclass(frozen=True, slots=True)
class RoundResult:
    """What a round did, or with `dry` would do. `kept` boosts were planned before, `dropped` are no more."""

    planned: int
    kept: int
    dropped: int
    assignments: tuple[Assignment, ...]
    waiting: Mapping[int, Mapping[str, Any]]
    """Why each active notice without a planned boost has none, by notice id."""
    dry: bool

    @property
    def unserved(self) -> int:
        """Active notices without a planned boost."""
        return len(self.waiting)

    def data(self) -> dict[str, Any]:
        """Give everything as JSON-ready data, for `bot plan --json`."""
        return {
            "dry": self.dry,
            "planned": self.planned,
            "kept": self.kept,
            "dropped": self.dropped,
            "unserved": self.unserved,
            "boosts": [{**a.row(), "due_at": a.due_at.isoformat()} for a in self.assignments],
            "waiting": [{"notice_id": notice_id, **why} for notice_id, why in sorted(self.waiting.items())],
        }


def run(
    session: Session,
    *,
    settings: Settings,
    keys: Keyring,
    networks: Collection[str],
    policies: Policies = NO_POLICIES,
    now: datetime,
    dry: bool = False,
) -> RoundResult:
    """Plan the boosts of the next `settings.horizon_h` hours.

    A pair that is still in the plan keeps its row, whatever else changes.

    Args:
        session: of a write transaction; a read transaction will do when `dry`.
        settings: notice spacing and daily maximum, horizon.
        keys: the secret that slots are derived from.
        networks: names of the networks in use; accounts elsewhere do not count.
        policies: what each network allows.
        now: aware UTC.
        dry: write nothing.
    """
    if not dry:
        for volunteer_id in rounds.end_pauses(session, now):
            journal.write(session, now, DAEMON, "volunteer.resumed", f"volunteer:{volunteer_id}")
    with _no_search_for_garbage():
        snapshot = read(session, settings, keys, networks, now, policies)
        plan = allocate(snapshot, now)
        reported: dict[int, Mapping[str, Any]] = {n: {"code": Wait.REPORTED} for n in reports.held(session)}
        waiting = reported | dict(plan.unserved)
        before = {(p.notice_id, p.volunteer_id): p for p in snapshot.planned}
        if not dry:
            modes = Modes(session, policies, snapshot.notices, snapshot.volunteers)
            _write(session, plan, before, snapshot.notices, waiting, modes)
    return _result(plan, before, waiting, dry=dry)


@contextmanager
def _no_search_for_garbage() -> Iterator[None]:
    """Let Python not look for cycles: a round makes many objects, none of them in one. A third of its time.

    Two rounds at once may end this early for each other, never leave it so.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def _result(
    plan: Plan,
    before: Mapping[tuple[int, int], Planned],
    waiting: Mapping[int, Mapping[str, Any]],
    *,
    dry: bool,
) -> RoundResult:
    """Compare a plan with the one before."""
    wanted = {(a.notice_id, a.volunteer_id) for a in plan.assignments}
    kept = len(wanted & before.keys())
    return RoundResult(
        planned=len(wanted) - kept,
        kept=kept,
        dropped=len(before) - kept,
        assignments=plan.assignments,
        waiting=waiting,
        dry=dry,
    )


def read(
    session: Session,
    settings: Settings,
    keys: Keyring,
    networks: Collection[str],
    now: datetime,
    policies: Policies = NO_POLICIES,
) -> Snapshot:
    """Read what an allocation at `now` looks at."""
    rules = rules_of(session, settings, keys, now, policies)
    return Snapshot(
        rules=rules,
        notices=[n for n in rounds.active(session) if n.opened_at and n.deadline],
        volunteers=[
            replace(v, accounts=tuple(a for a in v.accounts if a.network in networks))
            for v in rounds.roster(session)
        ],
        asked=rounds.asked(session, now, history=HISTORY),
        last_asked=rounds.last_asked(session),
        planned=rounds.planned(session),
        changes=_changes(session),
        on_networks=rounds.on_networks(session, rules.networks, now),
    )


def _changes(session: Session) -> int | None:
    """Count how many planned pairs may change: some for each event since the last round of the daemon."""
    last = journal.ticks(session).get("plan")
    return None if last is None else CHANGES * journal.count(session, last["at"], EVENTS)


def rules_of(
    session: Session, settings: Settings, keys: Keyring, now: datetime, policies: Policies = NO_POLICIES
) -> Rules:
    """Give the rules in force. The mean is rounded, so that it moves seldom."""
    mean = rounds.mean_boosts(session, now)
    return Rules(
        seed=keys.seed("slots"),
        notice_spacing=timedelta(minutes=settings.notice_spacing_min),
        notice_day_max=settings.notice_day_max,
        horizon=timedelta(hours=settings.horizon_h),
        life=timedelta(days=settings.round_days),
        mean_boosts=float(settings.boosts_wanted / 2 if mean is None else max(1, round(mean))),
        networks=limits(settings.network_hour_max, settings.network_day_max),
        apart={n: timedelta(minutes=p.spacing_min) for n, p in policies.items() if p.spacing_min},
    )


def _write(
    session: Session,
    plan: Plan,
    before: Mapping[tuple[int, int], Planned],
    active: Iterable[Notice],
    waiting: Mapping[int, Mapping[str, Any]],
    modes: Modes,
) -> None:
    wanted = {(a.notice_id, a.volunteer_id): a for a in plan.assignments}
    rounds.unplan(session, [old.id for pair, old in before.items() if pair not in wanted])
    rounds.plan(
        session, [{**a.row(), "mode": modes.of(a).value} for pair, a in wanted.items() if pair not in before]
    )
    rounds.replan(
        session,
        [
            {"id": before[pair].id, **a.row(), "mode": modes.of(a).value}
            for pair, a in wanted.items()
            if pair in before and not _same(a, before[pair])
        ],
    )
    changed = {
        notice_id: waiting.get(notice_id)
        for notice_id, told in rounds.waiting(session).items()
        if waiting.get(notice_id) != told
    }
    if changed:
        notices.set_waiting(session, changed)
    rounds.scarcities(
        session, {n.id: plan.scarcity[n.id] for n in active if plan.scarcity[n.id] != n.scarcity}
    )


def _same(new: Assignment, old: Planned) -> bool:
    return (new.account_id, new.network, new.due_at, new.reason) == (
        old.account_id,
        old.network,
        old.due_at,
        old.reason,
    )

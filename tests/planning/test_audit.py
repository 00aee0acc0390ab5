"""The audit proves a month of real decisions, and finds whatever was tampered with."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, build
from bot.delivery import by_hand, due
from bot.demo import story
from bot.intake import life
from bot.model.boost import WAITING_STATES, Boost, BoostState
from bot.model.journal import CLI
from bot.model.notice import Contract, NoticeState, NoticeText
from bot.model.volunteer import Limits
from bot.planning import ask, prove
from bot.planning import round as planning
from bot.planning.audit import Report, audit
from bot.roster import change
from bot.settings import Settings
from bot.storage import boosts, notices, plan_log, seekers, volunteers
from bot.storage.plan_log import Entry
from bot.trust.links import hash_token, new_token
from tests.clocks import StillClock

START = datetime(2026, 10, 10, 6, 0, tzinfo=UTC)
"""The clocks of Europe go back within the month that follows."""
DAYS = 30
STEP = timedelta(hours=2)
WORDS = NoticeText("Welder", "Lille", remote=False, contract=Contract.ANY, text="Free.", name="Ana")


@dataclass
class Month:
    """What a month left behind: the log, the boosts, the secret of the slots."""

    log: list[Entry]
    rows: list[Boost]
    seed: bytes

    def audit(self, **period: datetime) -> Report:
        """Audit it."""
        return audit(self.log, self.rows, self.seed, **period)


def _of(app: App) -> Month:
    asked = set(BoostState) - {BoostState.PLANNED}
    rows = app.store.run_read(boosts.listed, states=asked, limit=1 << 40)
    log = app.store.run_read(lambda session: list(plan_log.read(session)))
    return Month(log, rows, app.keys.seed("slots"))


class Story:
    """A small collective, played by the real stages: arrivals, answers, pauses, ends, second notices."""

    def __init__(self, app: App) -> None:
        self.app, self.rng = app, random.Random(5)
        self.act = app.store.run_write
        for n in range(10):
            self.act(self._join, n)

    def _join(self, session: Any, n: int) -> None:
        volunteer_id = volunteers.add(
            session,
            name=f"V{n}",
            lang="fr",
            languages={"fr"},
            limits=Limits(1 + n % 3, 60 + 30 * (n % 4), 22 * 60, 600, "Europe/Paris"),
            sectors=None if n % 2 else {"F", "J"},
            regions=None if n % 3 else {"32"},
            token_hash=hash_token(new_token()),
            charter_version="1",
            now=START,
        )
        accounts = [("x", f"v{n}")] if n % 4 else [("x", f"v{n}"), ("bluesky", f"v{n}.example.org")]
        volunteers.set_accounts(session, volunteer_id, accounts)

    def how(self, now: datetime) -> dict[str, Any]:
        """What every planning stage is given."""
        app = self.app
        return {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": now}

    def arrive(self, now: datetime, seeker: int | None = None) -> None:
        """A notice is accepted."""

        def add(session: Any) -> None:
            made = notices.add(
                session,
                seeker_id=seeker or seekers.add(session, lang="fr", email=None, now=now),
                words=WORDS,
                lang="fr",
                sector=self.rng.choice(["F", "J", None]),
                region=self.rng.choice(["32", "11", None]),
                posts=[],
                share_slug=new_token(),
                token_hash=hash_token(new_token()),
                demand=8,
                now=now,
            )
            week = now + timedelta(days=7)
            notices.move(session, made.id, NoticeState.ACTIVE, opened_at=now, deadline=week)

        self.act(add)

    def step(self, now: datetime) -> None:
        """Two hours of the collective's life."""
        if self.rng.random() < 0.15:
            self.arrive(now)
        self.act(due.expire, now=now)
        self.act(life.close_overdue, now=now)
        self.act(planning.run, **self.how(now))
        self.act(ask.ask_due, **self.how(now))
        for boost in self.app.store.run_read(boosts.listed, states=WAITING_STATES):
            luck = self.rng.random()
            if luck < 0.6:
                answer = by_hand.declare if luck < 0.5 else by_hand.skip
                self.act(answer, boost.id, volunteer_id=boost.volunteer_id, now=now)
        if self.rng.random() < 0.03:
            self.something(now)

    def something(self, now: datetime) -> None:
        """A pause, a withdrawal followed by a second notice, a change of pace, or the proofs of the day."""
        active = self.app.store.run_read(notices.listed, states=[NoticeState.ACTIVE])
        person = self.rng.randint(1, 10)
        match self.rng.randint(0, 3):
            case 0:
                self.act(change.pause, person, until=now + timedelta(days=2), now=now, actor=CLI)
            case 1 if active:
                gone = self.rng.choice(active)
                self.act(life.withdraw, gone.id, now=now, actor=CLI)
                self.arrive(now, gone.seeker_id)
            case 2:
                self.act(volunteers.update, person, spacing_min=45)
            case _:
                self.act(
                    prove.run,
                    settings=self.app.settings,
                    keys=self.app.keys,
                    networks=self.app.networks,
                    now=now,
                )


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """Play a month once."""
    folder = tmp_path_factory.mktemp("month")
    app = build(Settings(data_dir=folder, _env_file=None), clock=StillClock(START))  # type: ignore[call-arg]
    told = Story(app)
    for step in range(DAYS * 12):
        told.step(START + step * STEP)
    yield _of(app)
    app.close()


def test_a_month_holds(month: Month):
    """Every decision of a month, clock change, pauses and people who send again included, is proved."""
    report = month.audit()
    assert str(report.breach) == "None"
    assert report.asks == len(month.rows) > 150
    assert set(report.checks) == {
        "I1 and I11", "I2", "I3", "I4 and I5", "I6", "I7", "I8", "I9", "I12", "P1 and P2",
    }  # fmt: skip
    assert set(report.checks.values()) == {report.asks}


def test_a_part_of_the_month_holds(month: Month):
    """Decisions before the period are replayed, not checked; those after it are left alone."""
    begin = START + timedelta(days=10)
    report = month.audit(since=begin, until=begin + timedelta(days=5))
    assert report.breach is None
    assert 0 < report.asks < len(month.rows)


def test_the_past_of_the_demo_holds(tmp_path: Path):
    """What `bot demo` plays before a visitor comes is proved too."""
    app = build(Settings(data_dir=tmp_path, _env_file=None), demo=True)  # type: ignore[call-arg]
    story.play(app, datetime(2026, 11, 17, 9, 0, tzinfo=UTC))
    report = _of(app).audit()
    app.close()
    assert str(report.breach) == "None"
    assert report.asks > 100


def _asks(month: Month) -> list[int]:
    return [i for i, entry in enumerate(month.log) if entry.kind == "ask"]


def _change(month: Month, i: int, **data: Any) -> Month:
    log = list(month.log)
    log[i] = log[i]._replace(data={**log[i].data, **data})
    return replace(month, log=log)


def _change_seen(month: Month, kind: str, subject: str, before: int, **data: Any) -> Month:
    """Change every earlier entry of a subject."""
    log = [
        entry._replace(data={**entry.data, **data})
        if entry.kind == kind and entry.subject == subject and i < before
        else entry
        for i, entry in enumerate(month.log)
    ]
    return replace(month, log=log)


def _late(month: Month) -> int:
    """Give an ask from the middle of the month, for a notice that was boosted before."""
    return next(i for i in _asks(month)[80:] if month.log[i].data["boosts"] > 0)


def _of_volunteer(month: Month, **data: Any) -> Month:
    i = _late(month)
    return _change_seen(month, "volunteer", f"volunteer:{month.log[i].data['volunteer']}", i, **data)


def _of_notice(month: Month, **data: Any) -> Month:
    i = _late(month)
    return _change_seen(month, "notice", f"notice:{month.log[i].data['notice']}", i, **data)


def _row(month: Month, **values: Any) -> Month:
    i = month.log[_late(month)].subject
    rows = [replace(row, **values) if f"boost:{row.id}" == i else row for row in month.rows]
    return replace(month, rows=rows)


TAMPERED: dict[str, tuple[Callable[[Month], Month], set[str]]] = {
    "an ask is missing in the log": (
        lambda m: replace(m, log=[*m.log[: _late(m)], *m.log[_late(m) + 1 :]]),
        {"LOG", "P1 and P2", "I12"},
    ),
    "a boost is missing": (
        lambda m: replace(m, rows=[r for r in m.rows if f"boost:{r.id}" != m.log[_late(m)].subject]),
        {"LOG"},
    ),
    "the boost was of another": (lambda m: _row(m, volunteer_id=99), {"LOG"}),
    "the boost was at another time": (lambda m: _row(m, asked_at=START), {"LOG", "I12"}),
    "the winner is another": (
        lambda m: _change(m, _late(m), rank=[0, 1, 1]),
        {"P1 and P2"},
    ),
    "a candidate is concealed": (
        lambda m: _change(m, _late(m), candidates=m.log[_late(m)].data["candidates"] + 1),
        {"P1 and P2"},
    ),
    "the slot is invented": (lambda m: _change(m, _late(m), slot=START.isoformat()), {"I12"}),
    "the cap was lower": (lambda m: _of_volunteer(m, cap_day=0), {"I3", "I12"}),
    "the spacing was longer": (lambda m: _of_volunteer(m, spacing_min=5000), {"I4 and I5", "I12"}),
    "it was in quiet hours": (
        lambda m: _of_volunteer(m, quiet_start_min=0, quiet_len_min=1380),
        {"I6", "I12"},
    ),
    "the volunteer was paused": (lambda m: _of_volunteer(m, state="paused"), {"I9"}),
    "the volunteer does not take it": (lambda m: _of_volunteer(m, languages=["en"]), {"I1 and I11"}),
    "the account was no longer there": (
        lambda m: _of_volunteer(m, accounts=[[9999, "x", ""], [9998, "bluesky", ""]]),
        {"I1 and I11"},
    ),
    "it wanted no more": (lambda m: _of_notice(m, demand=0), {"I7", "P1 and P2"}),
    "its round was over": (lambda m: _of_notice(m, deadline=START.isoformat()), {"I8", "I9", "P1 and P2"}),
    "it was asked before": (
        lambda m: _of_notice(m, asked=list(range(1, 11))),
        {"I2", "P1 and P2"},
    ),
    "it had gone": (
        lambda m: replace(
            m,
            log=[
                *m.log[: _late(m)],
                Entry(m.log[_late(m)].at, "gone", f"notice:{m.log[_late(m)].data['notice']}", {}),
                *m.log[_late(m) :],
            ],
        ),
        {"I9"},
    ),
    "the notices' spacing was longer": (
        lambda m: replace(
            m,
            log=[e._replace(data={**e.data, "spacing_s": 10**6}) if e.kind == "rules" else e for e in m.log],
        ),
        {"I8", "P1 and P2"},
    ),
    "the secret is another": (lambda m: replace(m, seed=b"another secret"), {"I12", "I8", "P1 and P2"}),
    "a seeker has two notices": (
        lambda m: replace(
            m, log=[e._replace(data={**e.data, "seeker": 1}) if e.kind == "notice" else e for e in m.log]
        ),
        {"I10"},
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(month: Month, what: str):
    """Whatever was changed afterwards, the first breach is named by the promise it breaks."""
    tamper, promises = TAMPERED[what]
    report = tamper(month).audit()
    assert report.breach is not None
    assert report.breach.promise in promises, str(report.breach)

"""The audit proves a month of real decisions, and finds whatever was tampered with."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.app import App, build
from bot.delivery import by_hand, due
from bot.demo import story
from bot.errors import ConflictError
from bot.intake import life
from bot.model.boost import WAITING_STATES, Boost, BoostState
from bot.model.journal import CLI
from bot.model.notice import Contract, NoticeState, NoticeText
from bot.model.volunteer import Limits
from bot.planning import ask, prove
from bot.planning import round as planning
from bot.planning.audit import Report, audit
from bot.planning.promises import PROMISES
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


BREACHES = Path(__file__).with_name("recorded_breaches.json")
"""What the audit says of each tampering, as recorded (`tests/planning/test_recorded.py`)."""


@dataclass
class Month:
    """What a month left behind: the log, the boosts, the secret of the slots."""

    log: list[Entry]
    rows: list[Boost]
    seed: bytes
    facts: plan_log.Facts

    def audit(self, **period: Any) -> Report:
        """Audit it."""
        return audit(self.log, self.rows, self.seed, facts=self.facts, **period)


def left_by(app: App) -> Month:
    """Read what the stages have left behind."""
    asked = set(BoostState) - {BoostState.PLANNED}
    rows = app.store.run_read(boosts.listed, states=asked, limit=1 << 40)
    log = app.store.run_read(lambda session: list(plan_log.read(session)))
    return Month(log, rows, app.keys.seed("slots"), app.store.run_read(plan_log.facts))


class Story:
    """A small collective, played by the real stages: arrivals, answers, pauses, ends, second notices."""

    people = 10
    arrivals = 0.15
    """Chance of a notice in a step."""

    def __init__(self, app: App) -> None:
        self.app, self.rng = app, random.Random(5)
        self.act = app.store.run_write
        for n in range(self.people):
            self.act(self.join, n)

    def join(self, session: Any, n: int) -> None:
        """A volunteer comes; `n` says how they are."""
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

    def arrive(self, now: datetime, person: int | None = None) -> None:
        """A notice is accepted, as another of a person."""

        def add(session: Any) -> None:
            made = notices.add(
                session,
                seeker_id=seekers.add(session, lang="fr", email=None, now=now),
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
            notices.update(session, made.id, person_id=person or made.person_id)
            week = now + timedelta(days=7)
            notices.move(session, made.id, NoticeState.ACTIVE, opened_at=now, deadline=week)

        self.act(add)

    def step(self, now: datetime) -> None:
        """Two hours of the collective's life."""
        if self.rng.random() < self.arrivals:
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
                self.arrive(now, gone.person_id)
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


def installation(folder: Path, **chosen: Any) -> App:
    """Make an installation whose slots are the same every time."""
    key = folder / "secret.key"
    key.touch(mode=0o600)
    key.write_bytes(b"the same slots in every run......")
    settings = Settings(data_dir=folder, _env_file=None, **chosen)  # type: ignore[call-arg]
    return build(settings, clock=StillClock(START))


@cache
def a_month() -> Month:
    """Play a month once in a process, with limits on a network that bind."""
    limits = {"network_hour_max": {"x": 2}, "network_day_max": {"x": 7}}
    with TemporaryDirectory() as folder, closing(installation(Path(folder), **limits)) as app:
        told = Story(app)
        for step in range(DAYS * 12):
            told.step(START + step * STEP)
        return left_by(app)


@pytest.fixture
def month() -> Month:
    """Give the month that was played."""
    return a_month()


def test_a_month_holds(month: Month):
    """Every decision of a month, clock change, pauses and people who send again included, is proved."""
    report = month.audit()
    assert str(report.breach) == "None"
    assert report.asks == len(month.rows) > 150
    assert set(report.checks) == {
        "I1", "I2", "I3", "I4 and I5", "I6", "I7", "I8", "I9", "I11", "I12", "P1", "P2", "P7", "LOG",
    }  # fmt: skip
    assert {report.checks[promise] for promise in PROMISES} == {report.asks}
    assert not report.unchecked


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
    report = left_by(app).audit()
    app.close()
    assert str(report.breach) == "None"
    assert report.asks > 100


class Weekend(Story):
    """Three nights in which the clocks go back, looked at three times an hour; some skip and think again."""

    def step(self, now: datetime) -> None:
        """Twenty minutes."""
        waiting = self.app.store.run_read(boosts.listed, states=[BoostState.SKIPPED])
        for boost in waiting:
            if self.rng.random() < 0.2 and boost.ended_at is not None:
                self.perhaps(by_hand.undo, boost.id, volunteer_id=boost.volunteer_id, now=now)
        if self.rng.random() < 0.1:
            self.arrive(now)
        super().step(now)

    def perhaps(self, act: Callable[..., Any], *args: Any, **how: Any) -> None:
        """Do what may be refused."""
        with suppress(ConflictError):
            self.act(act, *args, **how)


@pytest.fixture(scope="module")
def weekend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Play the nights around the end of summer time."""
    app = installation(tmp_path_factory.mktemp("weekend"))
    start = datetime(2026, 10, 23, 6, 0, tzinfo=UTC)
    told = Weekend(app)
    for step in range(3 * 72):
        told.step(start + step * timedelta(minutes=20))
    yield app
    app.close()


def test_second_thoughts_hold(weekend: App):
    """A boost that was skipped, not counted, and taken up again is no breach."""
    played = left_by(weekend)
    assert played.facts.second_thoughts
    report = played.audit()
    assert str(report.breach) == "None"
    assert not report.unchecked


def test_only_what_the_period_builds_on_is_read(weekend: App):
    """With the last line of each subject and all earlier asks, the period is proved as with the whole log."""
    begin = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    played = left_by(weekend)
    earlier = weekend.store.run_read(lambda session: list(plan_log.before(session, begin)))
    later = weekend.store.run_read(lambda session: list(plan_log.read(session, begin)))
    assert len(earlier) + len(later) < len(played.log)
    report = replace(played, log=later).audit(earlier=earlier, since=begin)
    assert str(report.breach) == "None"
    assert report.asks == played.audit(since=begin).asks > 0


def test_a_log_without_its_beginning(month: Month):
    """What the rest of a log cannot tell is counted and said; what it tells is proved."""
    begin = month.log[_asks(month)[60]].at
    log = [line for line in month.log if line.at >= begin]
    cut = replace(month, log=log, facts=month.facts._replace(whole=False))
    report = cut.audit()
    assert str(report.breach) == "None"
    assert sum(report.unchecked.values()) > 0
    assert report.before > 50
    assert (
        report.asks + sum(n for what, n in report.unchecked.items() if "does not tell" in what)
        == len(month.rows) - report.before
    )


def _asks(month: Month) -> list[int]:
    return [i for i, entry in enumerate(month.log) if entry.kind == "ask"]


def _change(month: Month, i: int, **data: Any) -> Month:
    log = list(month.log)
    log[i] = log[i]._replace(data={**log[i].data, **data})
    return replace(month, log=log)


def _late(month: Month) -> int:
    """Give an ask from the middle of the month, for a notice that was boosted before."""
    return next(i for i in _asks(month)[80:] if month.log[i].data["boosts"] > 0)


def _said(month: Month, kind: str, **data: Any) -> Month:
    """Let the log say something else of an ask's notice or volunteer just before it."""
    i = _late(month)
    subject = f"{kind}:{month.log[i].data[kind]}"
    last = next(line for line in reversed(month.log[:i]) if line.subject == subject)
    told = last._replace(at=month.log[i].at, data={**last.data, **data})
    return _line(month, i, told, month.log[i])


def _of_volunteer(month: Month, **data: Any) -> Month:
    return _said(month, "volunteer", **data)


def _of_notice(month: Month, **data: Any) -> Month:
    return _said(month, "notice", **data)


def _row(month: Month, **values: Any) -> Month:
    i = month.log[_late(month)].subject
    rows = [replace(row, **values) if f"boost:{row.id}" == i else row for row in month.rows]
    return replace(month, rows=rows)


def _line(month: Month, i: int, *lines: Entry) -> Month:
    """Put lines in the place of one, and close up the numbers."""
    log = [*month.log[:i], *lines, *month.log[i + 1 :]]
    return replace(month, log=[line._replace(id=n + 1) for n, line in enumerate(log)])


def _told(month: Month) -> dict[str, Any]:
    return dict(month.log[_late(month)].data)


def _moved(month: Month, hour: int) -> Month:
    """Move an ask within its day (UTC), in the log and in its boost, reason included."""
    line = month.log[_late(month)]
    at = line.at.replace(hour=hour)
    return _line(_row(month, asked_at=at), _late(month), line._replace(at=at))


def _entry_after(month: Month, **data: Any) -> Month:
    """Change what the log says next of a notice that has just been asked for."""
    subject = f"notice:{_told(month)['notice']}"
    i = next(i for i in range(_late(month), len(month.log)) if month.log[i].subject == subject)
    assert month.log[i].kind == "notice"
    return _change(month, i, **{name: change(month.log[i].data[name]) for name, change in data.items()})


def _other_winner(month: Month) -> Month:
    """Let the runner-up win, in the log and in its boost."""
    i = next(i for i in _asks(month)[80:] if (month.log[i].data["runner_up"] or {}).get("rank", [0])[0])
    other = month.log[i].data["runner_up"]["notice"]
    rows = [
        replace(row, notice_id=other) if f"boost:{row.id}" == month.log[i].subject else row
        for row in month.rows
    ]
    return _change(replace(month, rows=rows), i, notice=other)


TAMPERED: dict[str, tuple[Callable[[Month], Month], set[str]]] = {
    "a line is missing": (
        lambda m: replace(m, log=[*m.log[: _late(m)], *m.log[_late(m) + 1 :]]),
        {"LOG"},
    ),
    "an ask is missing, the numbers closed up": (lambda m: _line(m, _late(m)), {"LOG", "P1", "P7"}),
    "the last ask is missing": (lambda m: _line(m, _asks(m)[-1]), {"LOG"}),
    "it is asked twice": (lambda m: _line(m, _late(m), m.log[_late(m)], m.log[_late(m)]), {"I2"}),
    "a boost is missing": (
        lambda m: replace(m, rows=[r for r in m.rows if f"boost:{r.id}" != m.log[_late(m)].subject]),
        {"LOG"},
    ),
    "the boost was of another": (lambda m: _row(m, volunteer_id=99), {"LOG"}),
    "the boost was of another notice": (lambda m: _row(m, notice_id=99), {"LOG"}),
    "the boost was at another time": (lambda m: _row(m, asked_at=m.rows[-1].asked_at), {"LOG"}),
    "the boost was skipped long ago": (
        lambda m: _row(m, state=BoostState.SKIPPED, ended_at=START),
        {"LOG"},
    ),
    "the winner is another": (_other_winner, {"P1", "P2", "I11"}),
    "the rank is another": (lambda m: _change(m, _late(m), rank=[0, 1, 1]), {"P7"}),
    "a candidate is concealed": (lambda m: _change(m, _late(m), candidates=99), {"P7"}),
    "the runner-up is concealed": (lambda m: _change(m, _late(m), runner_up={"notice": 0}), {"P7"}),
    "a boost is concealed": (lambda m: _change(m, _late(m), boosts=99), {"P7"}),
    "the slot is invented": (lambda m: _change(m, _late(m), slot=START.isoformat()), {"I12"}),
    "it was asked at night": (lambda m: _moved(m, 23), {"I6"}),
    "it was asked before its slot": (lambda m: _moved(m, 7), {"I4 and I5", "I8", "I12"}),
    "the cap was lower": (lambda m: _of_volunteer(m, cap_day=0), {"I3"}),
    "the spacing was longer": (lambda m: _of_volunteer(m, spacing_min=5000), {"I4 and I5"}),
    "it was in quiet hours": (
        lambda m: _of_volunteer(m, quiet_start_min=0, quiet_len_min=1380),
        {"I6"},
    ),
    "the volunteer was paused": (lambda m: _of_volunteer(m, state="paused"), {"I9"}),
    "the volunteer had left": (
        lambda m: replace(m, facts=m.facts._replace(leavings={_told(m)["volunteer"]: START})),
        {"I9"},
    ),
    "the notice had ended": (
        lambda m: replace(m, facts=m.facts._replace(closings={_told(m)["notice"]: START})),
        {"I9"},
    ),
    "the volunteer does not take it": (lambda m: _of_volunteer(m, languages=["en"]), {"I1"}),
    "the network was full": (
        lambda m: replace(
            m,
            log=[
                e._replace(data={**e.data, "networks": {"x": [1, 2]}}) if e.kind == "rules" else e
                for e in m.log
            ],
        ),
        {"I11"},
    ),
    "no network was full": (
        lambda m: replace(
            m, log=[e._replace(data={**e.data, "networks": {}}) if e.kind == "rules" else e for e in m.log]
        ),
        {"I11", "P1", "P2", "P7"},
    ),
    "the account was no longer there": (
        lambda m: _of_volunteer(m, accounts=[[9999, "x", ""], [9998, "bluesky", ""]]),
        {"I11"},
    ),
    "it wanted no more": (lambda m: _of_notice(m, demand=0), {"I7"}),
    "its round was over": (lambda m: _of_notice(m, deadline=START.isoformat()), {"I1"}),
    "others were asked before": (lambda m: _of_notice(m, asked=list(range(1, 11))), {"LOG"}),
    "a boost counts that never was": (
        lambda m: _entry_after(m, boosts=lambda old: [*old, [START.isoformat(), 77, 0]]),
        {"LOG"},
    ),
    "a boost is carried over that is its own": (
        lambda m: _entry_after(m, boosts=lambda old: [[at, who, 1] for at, who, _ in old]),
        {"LOG"},
    ),
    "nobody was asked": (lambda m: _entry_after(m, asked=lambda _: []), {"LOG"}),
    "its boosts reached nobody": (lambda m: _entry_after(m, reached=lambda _: []), {"LOG"}),
    "it is somebody else's": (lambda m: _entry_after(m, seeker=lambda _: 999), {"LOG"}),
    "a line cannot be read": (lambda m: _entry_after(m, opened=lambda _: "yesterday"), {"LOG"}),
    "it had gone": (
        lambda m: _line(
            m,
            _late(m),
            Entry(m.log[_late(m)].at, "gone", f"notice:{_told(m)['notice']}", {}),
            m.log[_late(m)],
        ),
        {"I9"},
    ),
    "the notices' spacing was longer": (
        lambda m: replace(
            m,
            log=[e._replace(data={**e.data, "spacing_s": 10**6}) if e.kind == "rules" else e for e in m.log],
        ),
        {"I8", "P7"},
    ),
    "the notices' maximum was lower": (
        lambda m: replace(
            m, log=[e._replace(data={**e.data, "day_max": 1}) if e.kind == "rules" else e for e in m.log]
        ),
        {"I8", "P7"},
    ),
    "the secret is another": (lambda m: replace(m, seed=b"another secret"), {"I12", "I8"}),
    "a seeker has two notices": (
        lambda m: replace(
            m, log=[e._replace(data={**e.data, "seeker": 1}) if e.kind == "notice" else e for e in m.log]
        ),
        {"I10"},
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(month: Month, what: str):
    """Whatever was changed afterwards, the first breach is named by its promise and told in full."""
    tamper, promises = TAMPERED[what]
    report = tamper(month).audit()
    assert report.breach is not None
    assert report.breach.promise in promises, str(report.breach)
    assert str(report.breach) == json.loads(BREACHES.read_text(encoding="utf-8"))[what]


def test_another_rule_is_not_judged(month: Month):
    """A decision by another version of the rule is counted as not checked; its boost must still agree."""
    i = _late(month)
    report = _change(month, i, rule="slot-time/9").audit()
    assert report.unchecked == {"decisions by another version of the rule": 1}
    assert _row(_change(month, i, rule="slot-time/9"), account_id=77).audit().breach is not None

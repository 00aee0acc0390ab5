"""A boost and a notice are explained in full, whatever the program that decided."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from bot.app import App
from bot.errors import NotFoundError
from bot.intake import life
from bot.locale import say
from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.model.notice import CloseReason
from bot.planning.fairness import Snapshot, allocate
from bot.reporting import inquiry
from bot.reporting.inquiry import why_me
from bot.storage import boosts, notices, rounds
from tests.conftest import NOW
from tests.planned import plan_boost
from tests.planning import makers

SLOT = "2026-11-17T08:12:00+00:00"
REASON: dict[str, Any] = {
    "rule": "slot-time/1",
    "boosts": 0,
    "rank": [0, 40, 5],
    "candidates": 13,
    "runner_up": {"notice": 8, "rank": [0, 41, 2]},
    "sector": "H",
    "region": None,
    "slot": SLOT,
}


def _said(reason: dict[str, Any], lang: str = "en") -> list[str]:
    return [say(one, lang, "Europe/Paris").replace("\u00a0", " ") for one in why_me(reason)]


def test_why_me():
    """A volunteer reads slot, how many fitted, what matched, what put it first, who came next, the rule."""
    when = "Tuesday 17 November, 9:12 am"
    assert _said(REASON) == [
        "13 notices matched you and could have your turn.",
        "Your sector: Industry.",
        "It had no share yet, and those without any go first.",
        "Next came notice 8, with more shares or a round that ends later.",
        f"The turn counts as your slot of {when}; a slot that was not used stays good all day.",
        "Decided by the rule slot-time/1.",
    ]
    assert _said(REASON, "fr")[4] == (
        "Le tour compte pour votre créneau du mardi 17 novembre, 9 h 12 ; un créneau non utilisé reste bon "
        "toute la journée."
    )


@pytest.mark.parametrize(
    ("rank", "other", "words"),
    [
        ([0, 40, 5], [1, 30, 2], "which had shares already"),
        ([1, 40, 5], [1, 41, 2], "more shares or a round that ends later"),
        ([1, 40, 5], [1, 40, 6], "more volunteers can take it"),
        ([0, 40, 5], [0, 40, 5], "this one is older."),
        ([1, 40, 5], [1, 40, 5], "older or opens more new circles"),
    ],
)
def test_in_what_the_runner_up_stood_behind(rank: list[int], other: list[int], words: str):
    """The first part of the rank that differs is the one that is named."""
    reason = {**REASON, "boosts": rank[0], "rank": rank, "runner_up": {"notice": 8, "rank": other}}
    assert words in _said(reason)[3]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ({}, ["No reason was kept for this one."]),
        ({"candidates": 1}, ["It was the only notice that matched you and could have your turn."]),
        (
            {"candidates": 4, "boosts": 2, "level": 2, "runner_up": {"notice": 8, "level": 2}},
            [
                "4 notices matched you and could have your turn.",
                "It had 2 shares, and those with the fewest went first.",
                "Next came notice 8, with as many shares.",
            ],
        ),
    ],
)
def test_reasons_of_earlier_programs(reason: dict[str, Any], said: list[str]):
    """A reason with a level instead of a rank, or none at all, is read as what it was."""
    assert _said(reason) == said


@given(makers.snapshots())
def test_every_reason_can_be_read(snapshot: Snapshot):
    """Every reason that an allocation gives becomes whole sentences."""
    for one in allocate(snapshot, makers.NOW).assignments:
        for lang in ("fr", "en"):
            sentences = _said(dict(one.reason), lang)
            assert sentences
            assert all(sentence.endswith(".") for sentence in sentences)


@pytest.fixture
def share(app: App) -> Any:
    """Put a boost into the database: `share(notice, volunteer, hours=3)`."""

    def make(call: Any, person: Any, *, hours: int, state: BoostState = BoostState.ASKED) -> int:
        at = NOW - timedelta(hours=hours)
        made = app.store.run_write(plan_boost, call, person, due_at=at, reason=REASON)
        if state is not BoostState.PLANNED:
            app.store.run_write(boosts.move, made, BoostState.ASKED, asked_at=at)
        if state is BoostState.DECLARED:
            app.store.run_write(boosts.move, made, state, ended_at=at)
        return made

    return make


def _notice(app: App, notice_id: int) -> inquiry.NoticeStory:
    return app.store.run_read(inquiry.notice, notice_id, now=NOW)


def test_where_a_notice_stands(app: App, share: Any, make_notice: Any, make_volunteer: Any):
    """Its own shares and those of its seeker's earlier notice count; others stand below or beside it."""
    old = make_notice(at=NOW - timedelta(days=2))
    share(old, make_volunteer(), hours=30, state=BoostState.DECLARED)
    app.store.run_write(notices.close, old.id, CloseReason.WITHDRAWN, NOW)
    mine = make_notice(person_id=old.person_id, at=NOW - timedelta(days=1))
    waiting = share(mine, make_volunteer(), hours=3)
    done = share(mine, make_volunteer(), hours=5, state=BoostState.DECLARED)
    for shares in (0, 1, 3):
        other = make_notice()
        for n in range(shares):
            share(other, make_volunteer(), hours=n + 1, state=BoostState.DECLARED)
    story = _notice(app, mine.id)
    assert story.place == inquiry.Place(boosts=2, carried=1, level=3.0, others=3, fewer=2, equal=1)
    assert [boost.id for boost, _ in story.decisions] == [waiting, done]
    assert [str(one) for one in story.why][:3] == [
        "2 shares of it are done or asked for.",
        "1 share of an earlier notice of the same person counts too.",
        "Other notices that go round: 3; with fewer shares: 2, with as many: 1.",
    ]
    assert f"boost {waiting}" in str(story.why[3])


def test_why_a_notice_gets_no_more(app: App, make_notice: Any):
    """Without a next boost it says why; its certificate is said in words."""
    call = make_notice()
    takes = ["language", "region"]
    data = {"volunteers": 14, "left": 14, "takes": takes, "slots": 23, "people": 9, "most": 3}
    app.store.run_write(rounds.certify, {call.id: data})
    app.store.run_write(notices.set_waiting, {call.id: {"code": "over"}})
    story = _notice(app, call.id)
    assert (story.certificate, story.waiting) == (data, {"code": "over"})
    said = [str(one) for one in story.why]
    assert "Its round is over." in said
    assert said[-1].startswith("The 14 volunteers left who take its language and its region have 23 turns")


def test_a_planned_boost_is_named(app: App, share: Any, make_notice: Any, make_volunteer: Any):
    """What is only planned comes next, and is no decision yet."""
    call = make_notice()
    planned = share(call, make_volunteer(), hours=-2, state=BoostState.PLANNED)
    story = _notice(app, call.id)
    assert f"boost {planned}, planned for" in str(story.why[-1])
    assert story.decisions == ()


def test_a_notice_that_does_not_go_round(app: App, make_notice: Any):
    """An ended notice stands nowhere, whatever a round said of it before."""
    call = make_notice()
    app.store.run_write(notices.set_waiting, {call.id: {"code": "no_volunteers"}})
    app.store.run_write(life.withdraw, call.id, now=NOW, actor=CLI)
    story = _notice(app, call.id)
    assert (story.place, story.waiting) == (None, None)
    assert [str(one) for one in story.why] == ["It does not go round now."]


def test_what_is_not_there(app: App):
    """An unknown number is said to be unknown."""
    for ask in (lambda: app.store.run_read(inquiry.boost, 99), lambda: _notice(app, 99)):
        with pytest.raises(NotFoundError):
            ask()


SOON, LATER = (NOW + timedelta(hours=hours) for hours in (5, 50))


@pytest.mark.parametrize(
    ("code", "volunteers", "best", "slots", "told"),
    [
        ("no_volunteers", 0, 1, 0, False),
        ("no_volunteers", 0, 0, 0, True),
        ("no_region", 3, 0, 5, False),
        ("all_asked", 0, 1, 0, False),
        ("all_asked", 0, 0, 0, True),
        ("all_paused", 2, 0, 5, False),
        ("all_paused", 2, 0, 0, True),
        ("back_soon", 2, 0, 5, True),
        ("no_turn", 0, 0, 0, False),
        ("no_turn", 0, 1, 0, True),
        ("no_turn", 2, 0, 5, True),
    ],
)
def test_a_certificate_that_the_last_round_contradicts_is_not_told(
    app: App, make_notice: Any, code: str, volunteers: int, best: int, slots: int, told: bool
):
    """Somebody joined, paused or left since it was proved."""
    call = make_notice()
    data = {"volunteers": volunteers, "best": best, "slots": slots, "people": 1, "most": 1}
    data |= {"until": (NOW + timedelta(hours=24)).isoformat()}
    back = {"all_paused": LATER, "back_soon": SOON}.get(code)
    waiting = {"code": code if code != "back_soon" else "all_paused", "volunteers": 2, "value": "11"}
    waiting |= {"next": back.isoformat() if back else None}
    app.store.run_write(rounds.certify, {call.id: data})
    app.store.run_write(notices.set_waiting, {call.id: waiting})
    assert (_notice(app, call.id).certificate is not None) is told

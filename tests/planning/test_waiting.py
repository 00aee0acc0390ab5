"""Why a notice got nothing, case by case."""

from datetime import timedelta
from typing import Any

import pytest

from bot.model.boost import BoostState
from bot.model.notice import Notice
from bot.model.plan import Asked, Wait
from bot.model.volunteer import Volunteer, VolunteerState
from bot.planning.fairness import Snapshot, allocate
from tests.planning.makers import NOW, RULES, notice, volunteer

HOUR = timedelta(hours=1)


def _why(call: Notice, people: list[Volunteer], asked: list[Asked] | None = None, **more: Any) -> Any:
    last = {a.volunteer_id: a.at for a in asked or []}
    return allocate(Snapshot(RULES, [call], people, asked or [], last, **more), NOW).unserved.get(call.id)


@pytest.mark.parametrize(
    ("call", "people", "why"),
    [
        (notice(1), [], {"code": Wait.NO_VOLUNTEERS}),
        (
            notice(1, ("bluesky", "linkedin")),
            [volunteer(1)],
            {"code": Wait.NO_NETWORK, "volunteers": 1, "value": ["bluesky", "linkedin"]},
        ),
        (
            notice(1, lang="en"),
            [volunteer(1), volunteer(2, ("bluesky",))],
            {"code": Wait.NO_LANGUAGE, "volunteers": 1, "value": "en"},
        ),
        (
            notice(1, sector="C"),
            [volunteer(1, sectors=frozenset("A")), volunteer(2, sectors=frozenset("B"))],
            {"code": Wait.NO_SECTOR, "volunteers": 2, "value": "C"},
        ),
        (
            notice(1, region="C"),
            [volunteer(1, regions=frozenset("A")), volunteer(2, regions=frozenset("B"))],
            {"code": Wait.NO_REGION, "volunteers": 2, "value": "C"},
        ),
        (
            notice(1),
            [volunteer(1, state=VolunteerState.PAUSED)],
            {"code": Wait.ALL_PAUSED, "volunteers": 1, "next": None},
        ),
        (
            notice(1),
            [volunteer(1, state=VolunteerState.PAUSED, paused_until=NOW + 48 * HOUR)],
            {"code": Wait.ALL_PAUSED, "volunteers": 1, "next": (NOW + 48 * HOUR).isoformat()},
        ),
        (notice(1, deadline=NOW), [volunteer(1)], {"code": Wait.OVER}),
        (
            notice(1, opened_at=NOW + 30 * HOUR),
            [volunteer(1)],
            {"code": Wait.UNDO, "next": (NOW + 30 * HOUR).isoformat()},
        ),
    ],
)
def test_nobody_can_take_it(call: Notice, people: list[Volunteer], why: dict[str, Any]):
    """The first thing that stands in the way is named, with how many got that far."""
    assert _why(call, people) == why


def test_complete():
    """A notice whose demand is reached says how many are done and how many are waited for."""
    asked = [
        Asked(1, 8, NOW - 9 * HOUR, BoostState.DECLARED),
        Asked(1, 9, NOW - 5 * HOUR, BoostState.OPENED),
    ]
    why = _why(notice(1, demand=2), [volunteer(1)], asked)
    assert why == {"code": Wait.COMPLETE, "done": 1, "asked": 1}


def test_all_asked():
    """Everybody who fits was asked before."""
    asked = [Asked(1, 1, NOW - 9 * HOUR, BoostState.SKIPPED)]
    assert _why(notice(1), [volunteer(1)], asked) == {"code": Wait.ALL_ASKED, "volunteers": 1}


def test_turns_taken():
    """The only volunteer's two turns of the day go to the two notices that have less."""
    calls = [notice(n) for n in (1, 2, 3)]
    asked = [Asked(3, n, NOW - 9 * HOUR, BoostState.DECLARED) for n in (8, 9)]
    person = volunteer(1, cap_day=2, quiet_start_min=23 * 60, quiet_len_min=12 * 60)
    why = allocate(Snapshot(RULES, calls, [person], asked), NOW).unserved[3]
    assert why == {
        "code": Wait.TURNS_TAKEN,
        "volunteers": 1,
        "turns": 2,
        "most": 0,
        "until": (NOW + 24 * HOUR).isoformat(),
    }


def test_spaced():
    """Its daily maximum holds a notice beyond the horizon: the moment it ends is given."""
    asked = [Asked(1, 20 + n, NOW - n * HOUR, BoostState.DECLARED) for n in range(12)]
    snapshot = Snapshot(RULES, [notice(1, demand=20)], [volunteer(1)], asked)
    rules = snapshot.rules
    short = Snapshot(
        type(rules)(rules.seed, rules.notice_spacing, rules.notice_day_max, 2 * HOUR),
        snapshot.notices,
        snapshot.volunteers,
        asked,
    )
    why = allocate(short, NOW).unserved[1]
    assert why == {"code": Wait.SPACED, "volunteers": 1, "next": (NOW + 13 * HOUR).isoformat()}


def test_no_turn():
    """The volunteer's day is used up by boosts of notices that have ended: tomorrow's turn is given."""
    asked = [Asked(99, 1, NOW - 2 * HOUR, BoostState.DECLARED)]
    person = volunteer(1, cap_day=1)
    last = {1: NOW - 2 * HOUR}
    rules = type(RULES)(RULES.seed, RULES.notice_spacing, RULES.notice_day_max, 6 * HOUR)
    why = allocate(Snapshot(rules, [notice(1)], [person], asked, last), NOW).unserved[1]
    assert why["code"] == Wait.NO_TURN
    assert why["volunteers"] == 1
    assert why["next"].startswith("2026-11-1")

"""The bit sets agree with the rule for one pair."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from bot.model.match import Mismatch, account_for, matching_account
from bot.model.notice import Notice, NoticeState
from bot.model.volunteer import Account, Volunteer, VolunteerState
from bot.planning.board import Board, Taker
from bot.planning.eligibility import VolunteerIndex
from tests.planning import makers
from tests.planning.makers import NOW, RULES, notice, volunteer


@given(makers.notices(), makers.volunteers())
def test_shelves_and_bit_sets_agree_with_the_pair_rule(notices: list[Notice], volunteers: list[Volunteer]):
    """A board's candidates and the bit sets are exactly the pairs for which the rule gives an account."""
    notices = [replace(n, opened_at=NOW, deadline=NOW + timedelta(1)) for n in notices]
    by_volunteer = VolunteerIndex(volunteers)
    for i, one in enumerate(volunteers):
        fits = {j for j, other in enumerate(notices) if isinstance(matching_account(other, one), Account)}
        board = Board(RULES.bounds)
        for other in notices:
            board.add(other)
        board.advance(NOW)
        found, taker = set(), Taker(one)
        while choice := board.choose(taker):
            assert board.rivals(taker, choice).candidates == len(fits - found)
            found.add(choice.position)
            taker.asked.add(choice.position)
        assert found == fits
        for j, other in enumerate(notices):
            assert bool(by_volunteer.of(other).fits >> i & 1) == (j in fits)


@given(makers.notices(), makers.volunteers())
def test_the_funnel_stops_at_what_fits_nobody(notices: list[Notice], volunteers: list[Volunteer]):
    """Where nobody fits, everybody who got as far as the stop fails there or before."""
    order = [Mismatch.NETWORK, Mismatch.LANGUAGE, Mismatch.SECTOR, Mismatch.REGION]
    index = VolunteerIndex(volunteers)
    for other in notices:
        funnel = index.of(other)
        stops = [matching_account(other, one) for one in volunteers]
        if funnel.stopped_at is None:
            assert funnel.fits.bit_count() == sum(isinstance(stop, Account) for stop in stops) > 0
        else:
            place = order.index(funnel.stopped_at)
            assert all(isinstance(s, Mismatch) and order.index(s) <= place for s in stops)
            assert funnel.before == sum(s is funnel.stopped_at for s in stops)


@pytest.mark.parametrize(
    ("values", "other", "why"),
    [
        ({"state": VolunteerState.LEFT}, {}, Mismatch.LEFT),
        ({"state": VolunteerState.PAUSED}, {}, Mismatch.PAUSED),
        ({}, {"state": NoticeState.PAUSED}, Mismatch.NOT_ACTIVE),
        ({}, {"opened_at": NOW + timedelta(seconds=1)}, Mismatch.NOT_OPEN),
        ({}, {"deadline": NOW}, Mismatch.OVER),
        ({"networks": ("bluesky",)}, {}, Mismatch.NETWORK),
        ({"networks": ()}, {"networks": ()}, Mismatch.NETWORK),
        ({"languages": frozenset({"en"})}, {}, Mismatch.LANGUAGE),
        ({"sectors": frozenset("A")}, {"sector": "B"}, Mismatch.SECTOR),
        ({"regions": frozenset("A")}, {"region": "B"}, Mismatch.REGION),
    ],
)
def test_each_mismatch_is_named(values: dict[str, object], other: dict[str, object], why: Mismatch):
    """Whatever stands between a notice and a volunteer has its own name."""
    one, call = volunteer(1, **values), notice(1, **other)  # type: ignore[arg-type]
    assert account_for(call, one, NOW, asked=False) is why


def test_asked_before_is_a_mismatch():
    """Who was asked for a notice is not asked again."""
    assert account_for(notice(1), volunteer(1), NOW, asked=True) is Mismatch.ASKED


def test_a_pause_that_has_ended_is_none():
    """A volunteer whose pause ended a second ago may be asked."""
    back = volunteer(1, state=VolunteerState.PAUSED, paused_until=NOW)
    assert isinstance(account_for(notice(1), back, NOW, asked=False), Account)


def test_share_pages_take_turns_between_accounts():
    """Notices without a post go to all of a volunteer's networks, one after the other."""
    one = volunteer(1, ("x", "bluesky"))
    used = [matching_account(notice(n, ()), one) for n in range(4)]
    assert [a.network for a in used if isinstance(a, Account)] == ["bluesky", "x", "bluesky", "x"]

"""Rounds of the JSON form, drawn by Hypothesis: small, with weights that floating point cannot hold."""

from fractions import Fraction

from hypothesis import strategies as st

from bot.planning.problem import Request, Round, Volunteer
from tests.planning.makers import mostly

WEIGHTS = (Fraction(1), Fraction(1), Fraction(2), Fraction("0.1"), Fraction(1, 3))

_networks = mostly([frozenset("x"), frozenset("xm")], [frozenset("m")])
_langs = mostly([frozenset({"fr"}), frozenset({"fr", "en"})], [frozenset({"en"})])
_names = mostly([None, frozenset("A"), frozenset("AB")], [frozenset("B")])


@st.composite
def requests(draw: st.DrawFn, number: int, volunteers: int) -> Request:
    """Draw one request, for a round with so many volunteers; a few of them were asked before."""
    return Request(
        id=f"r{number}",
        seeker=f"s{number}",
        networks=draw(_networks),
        lang=draw(mostly(["fr"], ["en"])),
        tags=frozenset(draw(st.sampled_from(["A", "AB", "B"]))),
        region=draw(mostly([None, "A"], ["B"])),
        weight=draw(st.sampled_from(WEIGHTS)),
        demand=draw(mostly([2, 4, 6], [0, 1])),
        received=draw(st.integers(0, 3)),
        boosted_by=draw(st.frozensets(st.integers(0, volunteers), max_size=2)),
    )


@st.composite
def volunteers(draw: st.DrawFn, number: int) -> Volunteer:
    """Draw one volunteer."""
    return Volunteer(
        id=number,
        networks=draw(mostly([frozenset("x")], [frozenset("m")])),
        langs=draw(_langs),
        topics=draw(_names),
        regions=draw(_names),
        cap_day=draw(mostly([1, 2, 3, 4], [0])),
        cap_hour=draw(st.integers(1, 3)),
        min_gap=draw(st.sampled_from([0, 30, 90, 600])),
        quiet_start=draw(st.sampled_from([0, 60, 1320])),
        quiet_len=draw(mostly([0, 540, 1200], [1439])),
        followers=draw(st.integers(0, 1000)),
    )


@st.composite
def rounds(draw: st.DrawFn) -> Round:
    """Draw a round of 2 to 8 requests and 2 to 7 volunteers."""
    people = [draw(volunteers(n)) for n in range(draw(st.integers(2, 7)))]
    calls = [draw(requests(n, len(people))) for n in range(draw(st.integers(2, 8)))]
    return Round(draw(st.sampled_from([0, 600])), tuple(calls), tuple(people))

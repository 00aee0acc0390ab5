"""Closed sets prove why nobody could get more; the verifier believes nothing it has not checked."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.planning.certificate import Certificate, certificates, in_words
from bot.planning.document import read
from bot.planning.exact import allocate
from bot.planning.problem import Boost, Request, Round, Volunteer, fits
from bot.planning.spread import timed
from bot.planning.verify import breaches, doubts
from tests.planning.rounds import document

Solved = tuple[Round, list[Boost], list[Certificate]]


def solve(made: Round) -> Solved:
    """Plan a round and explain it."""
    pairs = allocate(made.requests, made.volunteers)
    return made, timed(made, pairs), certificates(made.requests, made.volunteers, pairs)


def drawn(seed: int, scarcity: float = 0.6) -> Round:
    """Draw a round of 25 requests."""
    return read(json.dumps(document(seed, 25, scarcity)).encode())


def small(*wishes: str, accounts: str = "", **values: int) -> Round:
    """Make requests with the tags of each word, and for each letter of `accounts` one slot for that tag."""
    base = drawn(0)
    requests = tuple(
        replace(
            base.requests[0],
            id=word,
            networks=frozenset("x"),
            lang="fr",
            tags=frozenset(word),
            region=None,
            weight=base.requests[0].weight / base.requests[0].weight,
            demand=values.get("demand", 5),
            received=0,
            boosted_by=frozenset(),
        )
        for word in wishes
    )
    volunteers = tuple(
        Volunteer(
            id=n,
            networks=frozenset({"x"}),
            langs=frozenset({"fr"}),
            topics=frozenset(letter),
            regions=None,
            cap_day=values.get("cap_day", 1),
            cap_hour=1,
            min_gap=60,
            quiet_start=0,
            quiet_len=600,
            followers=0,
        )
        for n, letter in enumerate(accounts)
    )
    return Round(0, requests, volunteers)


@pytest.mark.parametrize("seed", range(30))
def test_every_request_below_its_demand_is_explained(seed: int):
    """The verifier believes every certificate, and finds one for each request that did not get all it may."""
    made, boosts, found = solve(drawn(seed, (0.3, 1.0, 3.0)[seed % 3]))
    assert list(breaches(made, boosts)) == []
    assert list(doubts(made, boosts, found)) == []
    counts = {request.id: 0 for request in made.requests}
    for boost in boosts:
        counts[boost.request] += 1
    below = {request.id for request in made.requests if counts[request.id] < request.demand}
    assert {name for certificate in found for name in certificate.explains} == below


@pytest.mark.parametrize("seed", range(8))
def test_a_set_is_the_smallest(seed: int):
    """No set has a smaller one around the request it explains: all of it can be reached."""
    made, boosts, found = solve(drawn(seed))
    requests = {request.id: request for request in made.requests}
    mine = {boost[:2] for boost in boosts}
    assert found
    for certificate in found:
        for start in certificate.explains:
            people, accounts = {start}, set()
            for _ in range(len(requests)):
                accounts |= {
                    v.id
                    for v in made.volunteers
                    for r in people
                    if fits(requests[r], v) and (r, v.id) not in mine
                }
                people |= {boost.request for boost in boosts if boost.volunteer in accounts}
            assert (people, accounts) == (set(certificate.requests), set(certificate.volunteers))


def less_of(found: list[Certificate], **values: tuple[object, ...]) -> list[Certificate]:
    """Change the first certificate that names volunteers."""
    index = next(i for i, certificate in enumerate(found) if certificate.volunteers)
    return [c._replace(**values) if i == index else c for i, c in enumerate(found)]


def big(found: list[Certificate]) -> Certificate:
    """Give the first certificate that names volunteers."""
    return next(certificate for certificate in found if certificate.volunteers)


def without(solved: Solved, volunteer: object) -> list[Boost]:
    """Leave out what a volunteer boosts."""
    return [boost for boost in solved[1] if boost.volunteer != volunteer]


LIES: dict[str, tuple[Callable[[Solved], Solved], str]] = {
    "a volunteer kept quiet": (
        lambda s: (s[0], s[1], less_of(s[2], volunteers=big(s[2]).volunteers[1:])),
        "and is not in the set",
    ),
    "a request kept quiet": (
        lambda s: (s[0], s[1], less_of(s[2], requests=big(s[2]).requests[1:])),
        "outside the set",
    ),
    "one explained from outside": (
        lambda s: (s[0], s[1], less_of(s[2], requests=())),
        "explains a request outside its set",
    ),
    "one that is not explained": (lambda s: (s[0], s[1], s[2][1:]), "is explained 0 times"),
    "one explained twice": (lambda s: (s[0], s[1], [*s[2], s[2][0]]), "is explained 2 times"),
    "a volunteer with slots left": (
        lambda s: (s[0], without(s, big(s[2]).volunteers[0]), s[2]),
        "has slots left",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_the_verifier_sees_through(lie: str):
    """A certificate that leaves something out, or does not belong to the plan, is doubted for that."""
    solved = solve(small("ab", "b", "bc", "c", accounts="abcbc"))
    assert list(doubts(*solved)) == []
    told, doubt = LIES[lie]
    assert any(found.endswith(doubt) for found in doubts(*told(solved)))


def test_an_unfair_plan_has_no_certificate():
    """When a boost of one without any went to one with many, the closed set does not prove anything."""
    made, boosts, found = solve(small("a", "ab", accounts="ab"))
    assert list(doubts(made, boosts, found)) == []
    unfair = certificates(made.requests, made.volunteers, {"a": [], "ab": [0, 1]})
    assert list(doubts(made, [Boost("ab", 0, 700), Boost("ab", 1, 700)], unfair)) == [
        "a request of the set could spare a boost for one that stands lower"
    ]


WRONGS: dict[str, tuple[list[Boost], str]] = {
    "a pair twice": ([Boost("a", 0, 700), Boost("a", 0, 800)], "0 boosts 'a' 2 times"),
    "a stranger": ([Boost("a", 1, 700)], "1 does not fit 'a'"),
    "quiet hours": ([Boost("a", 0, 599)], "0 is asked in quiet hours"),
    "another day": ([Boost("a", 0, 2140)], "0 is asked outside the horizon"),
    "too many a day": (
        [Boost("a", 0, 700), Boost("ab", 0, 800), Boost("ac", 0, 900)],
        "0 is asked 3 times a day",
    ),
    "too close": ([Boost("a", 0, 700), Boost("ab", 0, 759)], "0 is asked twice within 60 minutes"),
    "too many an hour": (
        [Boost("a", 0, 700), Boost("ab", 0, 759)],
        "0 is asked more than 1 times within an hour",
    ),
    "above the demand": ([Boost("ab", 0, 700), Boost("ab", 1, 700)], "'ab' gets 2 boosts, its demand is 1"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_a_breach_is_named(wrong: str):
    """The verifier names every hard limit that a plan breaks."""
    made = small("a", "ab", "ac", accounts="abc", cap_day=2, demand=1)
    boosts, breach = WRONGS[wrong]
    assert breach in list(breaches(made, boosts))


def words(made: Round) -> dict[object, str]:
    """Give the sentence for each request below its demand."""
    solved, _, found = solve(made)
    pairs = allocate(solved.requests, solved.volunteers)
    return {name: in_words(solved, pairs, c) for c in found for name in c.explains}


def heavy(made: Round) -> Round:
    """Double the weight of every request."""

    def double(request: Request) -> Request:
        return replace(request, weight=request.weight * 2)

    return replace(made, requests=tuple(map(double, made.requests)))


def test_a_certificate_is_said_in_words():
    """The sentence names accounts, slots, and who got them at what height."""
    made = small("a", "b", "bc", "d", accounts="aabb")
    taken = (
        "2 accounts could give one more, directly or by exchange, with 2 slots today; "
        "all went to 2 requests with at most 1 boost each, earlier ones included."
    )
    assert words(made) == {
        "a": "Every account that fits boosts this (2); each boosts a request only once.",
        "b": taken,
        "bc": taken,
        "d": "No account of this round fits, or those that fit have boosted this before.",
    }
    assert (
        "with a level of at most 0.5 (boosts, earlier ones included, over weight)" in words(heavy(made))["b"]
    )
    assert words(small("a", accounts="a", cap_day=0)) == {
        "a": "1 account could give one more, directly or by exchange, with no slot today."
    }

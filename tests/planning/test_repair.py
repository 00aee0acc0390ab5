"""The incremental exact round: as fair as a new plan after any event, and most of the old one stays (O4)."""

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import pytest

from bot.planning import verify
from bot.planning.certificate import certificates
from bot.planning.document import answer, read
from bot.planning.exact import Pairs, allocate, repair
from bot.planning.problem import Id, Request, Volunteer
from bot.planning.spread import timed
from tests.planning import oracles
from tests.planning.rounds import Document, document
from tests.planning.test_exact import drawn, levels, loads, tiny

EVENTS = int(os.environ.get("BOT_TEST_EVENTS", "40"))
Pair = tuple[Id, Id]


def pairs(plan: Pairs) -> set[Pair]:
    """Give the pairs of a plan."""
    return {(request, volunteer) for request, some in plan.items() for volunteer in some}


class Event(NamedTuple):
    """What is there after something happened, and which pairs it is about."""

    requests: list[Request]
    volunteers: list[Volunteer]
    own: Callable[[Pair], bool]


class Life:
    """A round to which one thing after another happens; `plan` is the present plan."""

    def __init__(self, size: int, scarcity: float, seed: int) -> None:
        self.rng = random.Random(seed)
        made, more = (read(json.dumps(document(seed + n, size, scarcity)).encode()) for n in (0, 1000))
        self.requests, self.volunteers = list(made.requests), list(made.volunteers)
        self.callers = [replace(request, id=f"new {request.id}") for request in more.requests]
        self.helpers = [replace(volunteer, id=f"new {volunteer.id}") for volunteer in more.volunteers]
        self.plan = allocate(self.requests, self.volunteers)

    def events(self, count: int) -> Iterator[Event]:
        """Let things happen one by one; `plan` is to be set after each."""
        for _ in range(count):
            kinds = (self._comes, self._ends, self._joins, self._pauses, self._declines)
            own = self.rng.choice(kinds)()
            yield Event(self.requests, self.volunteers, own)

    def _comes(self) -> Callable[[Pair], bool]:
        self.requests.append(self.callers.pop())
        return lambda pair, new=self.requests[-1].id: pair[0] == new

    def _ends(self) -> Callable[[Pair], bool]:
        gone = self.requests.pop(self.rng.randrange(len(self.requests)))
        return lambda pair: pair[0] == gone.id

    def _joins(self) -> Callable[[Pair], bool]:
        self.volunteers.append(self.helpers.pop())
        return lambda pair, new=self.volunteers[-1].id: pair[1] == new

    def _pauses(self) -> Callable[[Pair], bool]:
        gone = self.volunteers.pop(self.rng.randrange(len(self.volunteers)))
        return lambda pair: pair[1] == gone.id

    def _declines(self) -> Callable[[Pair], bool]:
        one = self.rng.choice(sorted(pairs(self.plan), key=str))
        i = next(i for i, request in enumerate(self.requests) if request.id == one[0])
        request = self.requests[i]
        self.requests[i] = replace(request, boosted_by=request.boosted_by | {one[1]})
        return lambda pair: pair == one


def check_best(requests: list[Request], volunteers: list[Volunteer], plan: Pairs) -> None:
    """Compare with a new plan: levels, and how even the loads are."""
    new = allocate(requests, volunteers)
    assert levels(requests, plan) == levels(requests, new)
    even = oracles.unevenness(loads(new), volunteers)
    assert oracles.unevenness(loads(plan), volunteers) == even


@pytest.mark.slow
@pytest.mark.parametrize("scarcity", [0.2, 0.5, 1.0])
def test_a_mended_plan_is_as_good_as_a_new_one_and_changes_little(scarcity: float):
    """200 requests, whatever happens: the same levels and loads; on average at most 6 pairs of others go."""
    life = Life(200, scarcity, seed=7)
    lost = []
    for requests, volunteers, own in life.events(EVENTS):
        plan = repair(requests, volunteers, life.plan)
        check_best(requests, volunteers, plan)
        lost.append(sum(not own(pair) for pair in pairs(life.plan) - pairs(plan)))
        life.plan = plan
    assert sum(lost) / len(lost) <= 6


@pytest.mark.parametrize("seed", range(5))
def test_never_more_than_six_pairs_of_others_change(seed: int):
    """With a bound each event takes at most 6 pairs from others; later calls catch up to the best plan."""
    life = Life(60, (0.3, 1.0, 3.0)[seed % 3], seed)
    for requests, volunteers, own in life.events(20):
        plan = repair(requests, volunteers, life.plan, changes=6)
        assert sum(not own(pair) for pair in pairs(life.plan) - pairs(plan)) <= 6
        assert list(verify.breaches(read_of(life), timed(read_of(life), plan))) == []
        life.plan = plan
    for _ in range(200):
        life.plan = repair(life.requests, life.volunteers, life.plan, changes=6)
    check_best(life.requests, life.volunteers, life.plan)


def read_of(life: Life) -> verify.Round:
    """Give the present round."""
    return verify.Round(0, tuple(life.requests), tuple(life.volunteers))


@pytest.mark.parametrize("seed", range(30))
def test_from_any_plan_the_best_is_found(seed: int):
    """Mending nothing, the plan of another round, or a crowded one: always the best, with its proofs."""
    made, other = drawn(seed), drawn(seed + 25)
    crowd = {r.id: [v.id for v in made.volunteers] for r in made.requests}
    for before in ({}, allocate(other.requests, other.volunteers), crowd):
        plan = repair(made.requests, made.volunteers, before)
        check_best(list(made.requests), list(made.volunteers), plan)
        proofs = certificates(made.requests, made.volunteers, plan)
        assert list(verify.doubts(made, timed(made, plan), proofs)) == []


@pytest.mark.parametrize("seed", range(60))
def test_weights_that_floating_point_cannot_hold_are_mended_exactly(seed: int):
    """Tiny rounds with weights of a tenth and a third: from the plan of another one to the best."""
    requests, volunteers = tiny(seed)
    others, helpers = tiny(seed + 500)
    check_best(requests, volunteers, repair(requests, volunteers, allocate(others, helpers)))


@pytest.mark.parametrize("seed", range(10))
def test_without_an_event_nothing_changes(seed: int):
    """The best plan stays as it is, whatever the order of the inputs."""
    made = drawn(seed)
    plan = allocate(made.requests, made.volunteers)
    rng = random.Random(seed)
    shuffled = [rng.sample(items, len(items)) for items in (made.requests, made.volunteers)]
    assert repair(*shuffled, plan) == repair(made.requests, made.volunteers, plan) == plan


def mixed(data: Document) -> tuple[bytes, bytes]:
    """Plan a document, then let a volunteer go; give the new document and the earlier answer."""
    earlier = answer(json.dumps(data).encode(), with_certificates=True).encode()
    data = {**data, "volunteers": data["volunteers"][1:]}
    return json.dumps(data).encode(), earlier


def test_a_document_keeps_what_an_earlier_answer_announced():
    """What stays keeps its minute; at most as many others change as is allowed."""
    data, earlier = mixed(document(4, 40, 1.0))
    gone = document(4, 40, 1.0)["volunteers"][0]["id"]
    before = {tuple(b.values()) for b in json.loads(earlier)["assignments"] if b["volunteer"] != gone}
    after = {tuple(b.values()) for b in json.loads(answer(data, before=earlier))["assignments"]}
    assert len(before - after) <= 6
    assert {pair[:2] for pair in before - after}.isdisjoint(pair[:2] for pair in after)
    bound = {tuple(b.values()) for b in json.loads(answer(data, before=earlier, changes=0))["assignments"]}
    assert before <= bound

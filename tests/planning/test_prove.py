"""The certificates of the next day hold, and agree with the rule for a pair."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from bot.app import App
from bot.model.match import matching_account, region_of
from bot.model.notice import Notice
from bot.model.volunteer import Account, Volunteer
from bot.planning import problem, prove
from bot.planning.certificate import certificates
from bot.planning.exact import allocate
from bot.planning.fairness import Snapshot
from bot.planning.problem import Boost, fits
from bot.planning.quota import Most
from bot.planning.slots import Turns
from bot.planning.verify import doubts
from bot.storage import rounds
from tests.conftest import NOW as START
from tests.planning import makers
from tests.planning.makers import NOW, RULES

LIMITED = ("x", "mastodon")


@given(makers.notices(), makers.volunteers())
def test_the_words_of_a_round_keep_who_fits_whom(calls: Sequence[Notice], people: Sequence[Volunteer]):
    """Whoever may boost a notice fits its request, and nobody else."""
    planned = prove.problem_of(Snapshot(RULES, calls, people), NOW)
    for call, request in zip(calls, planned.requests, strict=True):
        for person, volunteer in zip(people, planned.volunteers, strict=True):
            assert fits(request, volunteer) == isinstance(matching_account(call, person), Account)


@given(makers.snapshots())
def test_every_certificate_of_a_day_is_true(snapshot: Snapshot):
    """The independent verifier has no doubt, and who is below the demand has a certificate."""
    planned = prove.problem_of(snapshot, NOW)
    pairs = allocate(planned.requests, planned.volunteers)
    boosts = [Boost(request, volunteer, 0) for request, some in pairs.items() for volunteer in some]
    found = certificates(planned.requests, planned.volunteers, pairs)
    assert list(doubts(planned, boosts, found)) == []
    told = prove.certify(planned, pairs, NOW + timedelta(hours=24))
    below = {r.id for r in planned.requests if len(pairs[r.id]) < r.demand}
    assert told.keys() == below
    given_out = Counter(volunteer for some in pairs.values() for volunteer in some)
    assert all(given_out[v.id] <= v.capacity for v in planned.volunteers)


@st.composite
def limited(draw: st.DrawFn) -> Snapshot:
    """Draw a state with limits on two networks, of which some may bind, and what was asked there."""
    snapshot = draw(makers.snapshots())
    most = st.builds(Most, st.sampled_from([None, 1, 3, 30]), st.sampled_from([None, 2, 6, 100]))
    minutes = st.lists(st.integers(0, 1439), max_size=3)
    before = {name: sorted(NOW - timedelta(minutes=m) for m in draw(minutes)) for name in LIMITED}
    rules = replace(snapshot.rules, networks={name: draw(most) for name in LIMITED})
    return replace(snapshot, rules=rules, on_networks=before)


def _most_in(times: Sequence[datetime], period: timedelta) -> int:
    """Count the most moments in any window of a length, by looking at each."""
    return max((sum(at <= other < at + period for other in times) for at in times), default=0)


def _turns(snapshot: Snapshot, planned: problem.Round, network: str) -> list[datetime]:
    """Give every moment at which somebody with an account there was or might be asked, by the slots alone."""
    rules, found = snapshot.rules, list(snapshot.on_networks[network])
    for person, volunteer in zip(snapshot.volunteers, planned.volunteers, strict=True):
        back = NOW if person.may_be_asked(NOW) else person.paused_until
        if back is not None and network in volunteer.networks:
            own = [one.at for one in snapshot.asked if one.volunteer_id == person.id]
            turns = Turns(rules.seed, person.id, person.limits, own, snapshot.last_asked.get(person.id))
            found += turns.take_all(back, NOW + prove.AHEAD)
    return sorted(found)


@given(limited())
def test_certificates_beside_limits_are_true(snapshot: Snapshot):
    """A proof stands where no limit can bind, and the verifier believes it; elsewhere the limit is told."""
    planned = prove.problem_of(snapshot, NOW)
    pairs = allocate(planned.requests, planned.volunteers)
    tight = prove.tight(snapshot, NOW)
    told = prove.certify(planned, pairs, NOW + prove.AHEAD, tight)
    boosts = [Boost(request, volunteer, 0) for request, some in pairs.items() for volunteer in some]
    found = certificates(planned.requests, planned.volunteers, pairs)
    assert list(doubts(planned, boosts, found)) == []
    assert {n for one in found for n in one.explains} == told.keys()
    on = {v.id: v.networks for v in planned.volunteers}
    for one in found:
        names = frozenset().union(*(on[who] for who in one.volunteers))
        event("a limit is told" if names & tight.keys() else "a proof stands")
        for number in one.explains:
            assert told[number].get("limits", {}) == {n: tight[n] for n in sorted(names & tight.keys())}
            assert told[number]["volunteers"] == len(one.volunteers)
            if not names & tight.keys():
                _check_that_no_limit_binds(snapshot, planned, names)


def _check_that_no_limit_binds(snapshot: Snapshot, planned: problem.Round, names: frozenset[str]) -> None:
    """Even if every turn on these networks were used, no hour and no day would have more than its most."""
    for name in names & snapshot.rules.networks.keys():
        limits = snapshot.rules.networks[name]
        for period, most in limits.windows():
            before = _most_in(snapshot.on_networks[name], period)
            assert _most_in(_turns(snapshot, planned, name), period) <= max(most, before)


@given(makers.snapshots())
def test_what_a_certificate_says_of_its_volunteers_is_true(snapshot: Snapshot):
    """Those who are left fit the notice, take all that it takes, and do not give it one yet, pair by pair."""
    planned = prove.problem_of(snapshot, NOW)
    pairs = allocate(planned.requests, planned.volunteers)
    calls, told = {n.id: n for n in snapshot.notices}, prove.certify(planned, pairs, NOW + prove.AHEAD)
    for request in planned.requests:
        if request.id in told:
            data, call = told[int(request.id)], calls[int(request.id)]
            left = [v for v in planned.volunteers if fits(request, v) and v.id not in pairs[request.id]]
            assert data["left"] == len(left) <= data["volunteers"]
            assert ("region" in data["takes"]) == (region_of(call) is not None)
            assert ("sector" in data["takes"]) == (call.sector is not None)
            assert ("network" in data["takes"]) == (len(call.networks) == 1)
            assert ("networks" in data["takes"]) == (len(call.networks) > 1)
            assert "language" in data["takes"]


def test_the_tick_writes_them(app: App, make_notice: Any, make_volunteer: Any):
    """Two volunteers with one slot a day for three people: shared evenly, explained, written once."""
    calls = [make_notice() for _ in range(3)]
    for _ in range(2):
        make_volunteer(cap_day=1)

    def tick() -> dict[str, int]:
        return app.store.run_write(
            prove.run, settings=app.settings, keys=app.keys, networks=app.networks, now=START
        )

    assert tick() == {"proved": 3, "changed": 3}
    told = [app.store.run_read(rounds.certificate, call.id) for call in calls]
    assert {data["volunteers"] for data in told if data} <= {0, 2}  # 0: everybody gives it one already
    best = [data["best"] for data in told if data]
    assert len(best) == 3
    assert 2 <= sum(best) <= 4  # each has one slot in any 24 hours, or two where a day of theirs ends within
    assert max(best) - min(best) <= 1
    assert tick()["changed"] == 0

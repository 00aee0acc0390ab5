"""The certificates of the next day hold, and agree with the rule for a pair."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given

from bot.app import App
from bot.model.match import matching_account
from bot.model.notice import Notice
from bot.model.volunteer import Account, Volunteer
from bot.planning import prove
from bot.planning.certificate import certificates
from bot.planning.exact import allocate
from bot.planning.fairness import Snapshot
from bot.planning.problem import Boost, fits
from bot.planning.verify import doubts
from bot.storage import rounds
from tests.conftest import NOW as START
from tests.planning import makers
from tests.planning.makers import NOW, RULES


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

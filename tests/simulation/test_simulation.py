"""The simulation plays the real planner, keeps every limit, and compares it honestly."""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest

from bot.errors import UsageError
from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import matching_account
from bot.model.volunteer import Account
from bot.planning.fairness import Rules, Snapshot
from bot.planning.rule import JITTER
from bot.simulation.collective import Scenario, arrivals, invented
from bot.simulation.figures import Figures, figures, jain
from bot.simulation.own import own
from bot.simulation.page import page
from bot.simulation.policies import NAMES
from bot.simulation.run import Played, play, rules_of
from tests.planning.makers import notice, volunteer

SMALL = Scenario(volunteers=40, days=16, supply=0.3)


def run(policy: str, scenario: Scenario = SMALL) -> Played:
    """Play a scenario."""
    return play(scenario, invented(scenario), policy)


@pytest.fixture(scope="module")
def compared() -> dict[str, Figures]:
    """Every policy's figures of one scenario."""
    return {name: figures(SMALL, run(name)) for name in NAMES}


def test_the_same_seed_plays_the_same():
    """Two runs agree to the last boost; another seed does not."""
    assert run("fair") == run("fair")
    assert run("random") == run("random")
    other = replace(SMALL, seed=2)
    assert figures(other, run("fair", other)) != figures(SMALL, run("fair"))


@pytest.mark.parametrize("policy", NAMES)
def test_every_policy_keeps_the_limits(policy: str):
    """Pairs once, who fits, demand, window; and the notices' spacing, but for everybody at once."""
    made = run(policy, replace(SMALL, refusals=0, silence=0))
    people = {v.id: v for v in invented(SMALL).volunteers}
    for fate in made.fates:
        one = fate.notice
        assert len(fate.boosts) <= one.demand
        assert all(one.created_at <= at < one.deadline for at in fate.boosts)
        if policy != "at_once":
            least = (1 - JITTER if policy == "fair" else 1) * rules_of(SMALL).notice_spacing
            assert all(later - earlier >= least for earlier, later in pairwise(fate.boosts))
    for who, asks in made.asks.items():
        assert asks <= made.slots[who]
        assert any(isinstance(matching_account(f.notice, people[who]), Account) for f in made.fates)


def test_the_planner_leaves_nobody_out_and_others_do(compared: dict[str, Figures]):
    """With three boosts for ten wanted, fair leaves the fewest at zero and is nearest to what is possible."""
    fair = compared["fair"]
    assert fair.zeros <= 0.01
    assert fair.jain > 0.9
    for name in set(NAMES) - {"fair"}:
        assert compared[name].zeros > fair.zeros
        assert compared[name].jain < fair.jain
        assert compared[name].p10 <= fair.p10


def test_figures_agree_with_the_boosts(compared: dict[str, Figures]):
    """Histogram, total and mean say the same."""
    for found in compared.values():
        assert sum(found.histogram) == found.seekers
        assert sum(n * count for n, count in enumerate(found.histogram)) == found.total
        assert found.mean == pytest.approx(found.total / found.seekers)
        assert found.jain <= found.jain_best + 1e-9
        assert list(found.waits) == sorted(found.waits)


def test_sending_again_gains_nothing():
    """Who sends again every day gets no more than others under the planner, and much more without it."""
    scenario = replace(SMALL, volunteers=80, reposting=0.2, supply=0.5)
    fair = figures(scenario, run("fair", scenario)).repost_gain
    newest = figures(scenario, run("newest", scenario)).repost_gain
    assert fair is not None
    assert newest is not None
    assert fair <= 1.05
    assert newest > 3


def test_a_no_gives_the_boost_back():
    """With many refusals the notices still fill up: what was refused goes to somebody else."""
    scenario = replace(SMALL, supply=3, refusals=0.4, demand=4, volunteers=80)
    found = figures(scenario, run("fair", scenario))
    assert found.mean > 3.6


def test_jain():
    """1 for equals, 1/n for one who has all."""
    assert jain([3, 3, 3]) == 1
    assert jain([6, 0, 0]) == pytest.approx(1 / 3)
    assert jain([]) == jain([0]) == 1


def test_arrivals_follow_the_supply():
    """Half the supply, twice the notices; all fit the real limits of a notice."""
    people = invented(SMALL)
    some, more = (len(list(arrivals(replace(SMALL, supply=s), people))) for s in (0.4, 0.2))
    assert more == pytest.approx(2 * some, rel=0.15)


def test_invented_volunteers_keep_to_the_form():
    """Caps, spacings and quiet hours are such as the join page allows, and every slot keeps them."""
    made = defaultdict(Counter)
    for person in invented(SMALL).volunteers:
        assert 1 <= person.limits.cap_day <= 20
        assert spacing(person.limits).total_seconds() >= 1800
    assert made == {}


def test_own_data_is_copied_without_names():
    """The roster is taken as it is, with other caps, and nobody can be recognised in it."""
    rules = Rules(b"s", SMALL.life, 12, SMALL.life)
    copied = own(Snapshot(rules, [notice(1)], [volunteer(1, cap_day=4)]), 2)
    (one,) = copied.volunteers
    assert (one.limits.cap_day, one.name, {a.handle for a in one.accounts}) == (8, "", {"v"})
    with pytest.raises(UsageError, match="--own-data"):
        own(Snapshot(rules, [], [volunteer(1)]), 1)


def test_the_page_shows_every_policy(compared: dict[str, Figures]):
    """One plot each, no address of anywhere else, the invention declared."""
    html = page(SMALL, list(compared.values()), "All <invented>.")
    assert html.count("<svg") == len(NAMES) + 1
    assert "http" not in html
    assert "All &lt;invented&gt;." in html


def test_slots_of_the_simulation_are_the_planners():
    """No ask in quiet hours, no more than the cap on a local day."""
    scenario = replace(SMALL, days=9, refusals=0, silence=0)
    collective = invented(scenario)
    made = play(scenario, collective, "fair")
    moments = [at for fate in made.fates for at in fate.boosts]
    assert moments
    for at in moments:
        assert any(not in_quiet_hours(v.limits, at) for v in collective.volunteers)
    days = Counter(local_day(collective.volunteers[0].limits, at) for at in moments)
    assert max(days.values()) <= sum(v.limits.cap_day for v in collective.volunteers)

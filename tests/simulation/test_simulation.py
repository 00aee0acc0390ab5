"""The simulation plays the real planner, keeps every limit, and compares it honestly."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.errors import UsageError
from bot.model.boost import BoostState
from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import matching_account
from bot.model.plan import Asked
from bot.model.volunteer import Account
from bot.planning.fairness import Rules, Snapshot
from bot.planning.quota import Most
from bot.planning.rule import JITTER
from bot.planning.slots import slots_a_day
from bot.settings import Settings
from bot.simulation.changes import changes
from bot.simulation.collective import Scenario, arrivals, invented
from bot.simulation.figures import Figures, figures, jain
from bot.simulation.own import Factors, as_now, own
from bot.simulation.page import page
from bot.simulation.policies import NAMES
from bot.simulation.run import Played, play, rules_of
from tests.planning.makers import NOW, notice, volunteer

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
    assert any(fate.boosts for fate in made.fates)
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
    assert fair.zeros <= 0.02
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
        assert found.given > found.total, "the first days and the last ones are given out too"
        assert found.jain <= found.jain_best + 1e-9
        assert list(found.waits) == sorted(found.waits)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sending_again_gains_nothing(seed: int):
    """Who sends again every day gets no more than others under the planner, and much more without it."""
    scenario = replace(SMALL, volunteers=80, reposting=0.2, supply=0.5, seed=seed)
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


def test_people_sleep_when_they_sleep():
    """At every hour somebody is awake; in the other world nobody is from ten to six; all else is the same."""
    own = invented(replace(SMALL, volunteers=300)).volunteers
    alike = invented(replace(SMALL, volunteers=300, same_nights=True)).volunteers
    hours = [datetime(2026, 1, 14, hour, 30, tzinfo=UTC) for hour in range(24)]
    night = {moment for moment in hours if all(in_quiet_hours(v.limits, moment) for v in alike)}
    assert len(night) == 8
    assert not any(all(in_quiet_hours(v.limits, moment) for v in own) for moment in hours)
    assert [slots_a_day(v.limits) for v in own] == [slots_a_day(v.limits) for v in alike]


def test_own_data_is_copied_without_names():
    """The roster is taken as it is, with other caps, and nobody can be recognised in it."""
    rules = Rules(b"s", SMALL.life, 12, SMALL.life)
    copied = own(Snapshot(rules, [notice(1)], [volunteer(1, cap_day=4)]), Factors(cap=2))
    (one,) = copied.volunteers
    assert (one.limits.cap_day, one.name, {a.handle for a in one.accounts}) == (8, "", {"v"})
    with pytest.raises(UsageError, match="--own-data"):
        own(Snapshot(rules, [], [volunteer(1)]))


@pytest.mark.parametrize(
    ("factor", "ids"), [(0.01, [1]), (0.5, [1, 3]), (1, [1, 2, 3, 4]), (1.5, [1, 2, 3, 4, 5, 6])]
)
def test_more_or_fewer_volunteers(factor: float, ids: list[int]):
    """Fewer are chosen evenly; more are copies with ids of their own, so with slots of their own."""
    rules = Rules(b"s", SMALL.life, 12, SMALL.life)
    people = [volunteer(n, spacing_min=60) for n in range(1, 5)]
    copied = own(Snapshot(rules, [notice(1)], people), Factors(spacing=0.5, people=factor))
    assert [one.id for one in copied.volunteers] == ids
    assert {one.limits.spacing_min for one in copied.volunteers} == {30}


def test_the_present_rules_and_pace():
    """Settings, how often notices came, and how many said no or nothing; too few answers say nothing."""
    settings = Settings(boosts_wanted=9, network_day_max={"x": 30}, _env_file=None)  # type: ignore[call-arg]
    came = [NOW - timedelta(days=n) for n in (40, 10, 4, 0)]
    few = as_now(settings, [], came, NOW)
    assert (few.demand, few.every_s, few.networks) == (9, 10 * 86_400 / 3, {"x": Most(None, 30)})
    assert few.refusals == Scenario().refusals
    states = [BoostState.DECLARED] * 15 + [BoostState.SKIPPED] * 4 + [BoostState.EXPIRED] + [BoostState.ASKED]
    asked = [Asked(1, n, NOW - timedelta(days=1), state) for n, state in enumerate(states)]
    many = as_now(settings, asked, came, NOW)
    assert (many.refusals, many.silence) == (0.2, 0.05)


CHANGED = {
    "more boosts a day": ({"cap_day": 10}, lambda now, then: then.mean > now.mean),
    "a network with a limit": ({"networks": {"x": Most(None, 5)}}, lambda now, then: then.total < now.total),
    "no look at reach": ({"reach": False}, lambda now, then: then.circles < now.circles),
    "long spacing": ({"spacing_min": 600}, lambda now, then: then.hour_p95 <= 1 <= now.hour_p95),
    "some weigh twice": ({"weight_two": 0.3}, lambda now, then: then.jain < now.jain),
    "short patience": ({"silence": 0.5, "patience_h": 1}, lambda now, then: then.mean < now.mean),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_changed_rule_shows(what: str):
    """Each rule that can be changed changes the figures in the direction that it must."""
    change, shows = CHANGED[what]
    base = replace(SMALL, every_s=2_000)
    now, then = (figures(s, run("fair", s)) for s in (base, replace(base, **change)))
    assert shows(now, then), (now.mean, then.mean, now.circles, then.circles, now.jain, then.jain)


def test_a_network_gets_no_more_than_its_limit():
    """In no 24 hours of a run more than five are asked on X, whichever policy."""
    limited = replace(SMALL, networks={"x": Most(None, 5)})
    for policy in ("fair", "at_once"):
        made = run(policy, limited)
        people = {v.id: v for v in invented(SMALL).volunteers}
        only_x = [who for who, v in people.items() if {a.network for a in v.accounts} == {"x"}]
        assert 0 < sum(made.asks.get(who, 0) for who in only_x) <= 5 * (SMALL.days + 1)


def test_the_page_shows_every_policy(compared: dict[str, Figures]):
    """One plot each, no address of anywhere else, the invention declared."""
    html = page(SMALL, list(compared.values()), "All <invented>.")
    assert html.count("<svg") == len(NAMES) + 1
    assert "http" not in html
    assert "All &lt;invented&gt;." in html


def test_the_page_lists_the_changed_rules():
    """Each rule that is not as today stands beside today's; without a change there is no such list."""
    today = replace(SMALL, every_s=2_000)
    here = replace(today, demand=2, every_s=None, supply=0.4, networks={"x": Most(None, 9)})
    told = tuple(changes(today, here, Factors(people=3)))
    assert told == (
        ("Boosts each seeker wants", "12", "2"),
        ("Most asks on a network", "none", "x 9 in 24 h"),
        ("Arrivals", "43.2 notices a day", "supply 0.4 of what is wanted"),
        ("Number of volunteers", "as they are", "3 times"),
    )
    html = page(here, [], "Own.", told)
    for rule in told:
        assert f"<tr>{''.join(f'<td>{cell}</td>' for cell in rule)}</tr>" in html
    assert tuple(changes(today, today)) == ()
    assert "Changed rules" not in page(today, [], "Own.")


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

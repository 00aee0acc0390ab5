"""The real rule at every slot of a collective, over notices of one's own choice; everybody says yes."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.model.notice import Notice
from bot.model.volunteer import Volunteer
from bot.planning.slots import day_slots
from bot.simulation import policies
from bot.simulation.collective import START, Collective, Scenario
from bot.simulation.run import rules_of


def boosts(scenario: Scenario, collective: Collective, notices: Sequence[Notice]) -> list[int]:
    """Give how many boosts each notice gets; `notices` are in the order in which they open."""
    fair = policies.make("fair", rules_of(scenario), scenario.seed)
    found = [0] * len(notices)
    opened = 0
    for at, _, volunteer in slots(scenario, collective):
        while opened < len(notices) and notices[opened].created_at <= at:
            assert fair.open(notices[opened]) == opened, "positions are given in the order of `open`"
            opened += 1
        given = fair.choose(volunteer, at)
        if given is not None:
            found[given.position] += 1
    return found


def slots(scenario: Scenario, collective: Collective) -> Iterator[tuple[datetime, int, Volunteer]]:
    """Give every slot of the run, by time: when, and whose."""
    seed = rules_of(scenario).seed
    for number in range(scenario.days):
        day = (START + timedelta(days=number)).date()
        yield from sorted(
            (at, v.id, v) for v in collective.volunteers for at in day_slots(seed, v.id, v.limits, day)
        )


def ended(scenario: Scenario, notices: Iterator[Notice]) -> Iterator[Notice]:
    """Leave out the notices whose round does not end within the run."""
    return (notice for notice in notices if notice.created_at + scenario.life <= scenario.end)

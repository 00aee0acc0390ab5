"""Twins at the slot: two people alike in everything, who come at the same moment, under the real rule.

Nobody is more equal than they, so Jain's index among equals (G5) is theirs, in the days of `bench_days`. That
module also notes it among all whom the same volunteers could serve, whenever in the month they came.
"""

from collections import Counter
from dataclasses import replace

from benchmarks import bench_days, goals, live
from bot.simulation.collective import Scenario, arrivals, invented
from bot.simulation.figures import jain

LEAST = {0.2: 0.95, 1.0: 0.95, 5.0: 0.90}
"""By supply: the share of twins that end within one boost."""
WITHIN_TWO = 0.97


def run() -> list[tuple[str, str, str]]:
    """Play three weeks at each supply."""
    rows = []
    for supply, least in LEAST.items():
        played = Scenario(volunteers=150, days=21, supply=supply, refusals=0, silence=0)
        apart = Counter(abs(a - b) for a, b in pairs(played))
        one, two = (sum(apart[n] for n in range(most + 1)) / apart.total() for most in (1, 2))
        figure = f"{one:.1%} within 1, {two:.1%} within 2"
        rows.append((f"supply {supply:g}", figure, f"{apart.total():,} pairs of twins"))
        asked = f"twins at supply {supply:g}: ≥ {least:.0%} within 1, ≥ {WITHIN_TWO:.0%} within 2"
        goals.note("G7", asked, figure, one >= least and two >= WITHIN_TWO)
    return rows + [_equals(supply) for supply in bench_days.SUPPLIES]


def _equals(supply: float) -> tuple[str, str, str]:
    """Give Jain's index of two twins, the mean over all of them."""
    found = pairs(bench_days.scenario(supply))
    index = sum(jain(both) for both in found) / len(found)
    asked = f"supply {supply:g}: Jain among equals ≥ {bench_days.EQUALS}"
    name = "G5" if supply < 1 else "G5'"
    goals.note(name, asked, f"{index:.3f}, mean of {len(found):,} twins", index >= bench_days.EQUALS)
    each = sum(map(sum, found)) / len(found) / 2
    return (
        f"supply {supply:g}, thirty days",
        f"Jain {index:.3f}",
        f"{len(found):,} pairs, {each:.1f} boosts each",
    )


def pairs(scenario: Scenario) -> list[tuple[int, int]]:
    """Give the boosts of both, for the twins whose rounds have ended."""
    collective = invented(scenario)
    # Half the arrivals, each twice: so the supply stays what it is.
    firsts = live.ended(scenario, arrivals(replace(scenario, supply=2 * scenario.supply), collective))
    both = [
        twin
        for one in firsts
        for twin in (one, replace(one, id=-one.id, seeker_id=-one.id, person_id=-one.id))
    ]
    found = live.boosts(scenario, collective, both)
    return list(zip(found[::2], found[1::2], strict=True))

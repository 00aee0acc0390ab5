"""Twins at the slot: two people alike in everything, who come at the same moment, under the real rule."""

from collections import Counter
from dataclasses import replace

from benchmarks import goals, live
from bot.simulation.collective import Scenario, arrivals, invented

LEAST = {0.2: 0.95, 1.0: 0.95, 5.0: 0.90}
"""By supply: the share of twins that end within one boost."""
WITHIN_TWO = 0.97


def run() -> list[tuple[str, str, str]]:
    """Play three weeks at each supply."""
    rows = []
    for supply, least in LEAST.items():
        apart = differences(Scenario(volunteers=150, days=21, supply=supply, refusals=0, silence=0))
        one, two = (sum(apart[n] for n in range(most + 1)) / apart.total() for most in (1, 2))
        figure = f"{one:.1%} within 1, {two:.1%} within 2"
        rows.append((f"supply {supply:g}", figure, f"{apart.total():,} pairs of twins"))
        asked = f"twins at supply {supply:g}: ≥ {least:.0%} within 1, ≥ {WITHIN_TWO:.0%} within 2"
        goals.note("G7", asked, figure, one >= least and two >= WITHIN_TWO)
    return rows


def differences(scenario: Scenario) -> Counter[int]:
    """Count the pairs of twins whose rounds have ended, by how many boosts they are apart."""
    collective = invented(scenario)
    # Half the arrivals, each twice: so the supply stays what it is.
    firsts = live.ended(scenario, arrivals(replace(scenario, supply=2 * scenario.supply), collective))
    both = [twin for one in firsts for twin in (one, replace(one, id=-one.id, seeker_id=-one.id))]
    found = live.boosts(scenario, collective, both)
    return Counter(abs(one - other) for one, other in zip(found[::2], found[1::2], strict=True))

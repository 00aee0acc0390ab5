"""What a run comes to, in numbers.

Seekers who came before the system had settled, or whose round had not ended, do not count. Somebody without
any boost has waited for the whole round.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.simulation.collective import START, Scenario
from bot.simulation.run import Fate, Played

GROUP_MIN = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """One policy's figures. Waits are hours to the first boost; loads are shares of what volunteers allow."""

    policy: str
    seekers: int
    zeros: float
    """Share of the seekers without any boost."""
    mean: float
    total: int
    given: int
    """Boosts of the whole run: also of those whose rounds do not lie within it, who count in nothing else."""
    p10: int
    """Boosts of the seeker whom a tenth has less than."""
    wait_p50: float
    wait_p95: float
    wait_p99: float
    jain: float
    jain_best: float
    """The highest that Jain's index can be with so many whole boosts for so many seekers."""
    jain_equals: float
    """Among seekers whom the same volunteers could serve, groups of at least 5, weighted by their size."""
    jain_equals_best: float
    """The highest that this can be with so many whole boosts for each group."""
    hour_p95: int
    """Most boosts of one seeker in any hour, 95th percentile."""
    load_p50: float
    load_p95: float
    jain_load: float
    circles: float
    """Mean of the different circles that a seeker's boosts reach."""
    repost_gain: float | None
    """Boosts of those who send again every day over those of the others; None without any."""
    histogram: tuple[int, ...]
    """Seekers by their boosts: 0, 1, 2, …"""
    waits: tuple[float, ...]
    """Waits at each hundredth, ascending, for the curve."""


def figures(scenario: Scenario, played: Played) -> Figures:
    """Sum a run up."""
    settled = START + min(scenario.life, timedelta(days=scenario.days) / 4)
    fates = [
        fate
        for fate in played.fates
        if fate.notice.created_at >= settled and fate.notice.created_at + scenario.life <= scenario.end
    ]
    counts = sorted(len(fate.boosts) for fate in fates)
    waits = sorted(_wait_h(fate, scenario) for fate in fates)
    loads = sorted(played.asks.get(v, 0) / most for v, most in played.slots.items() if most)
    return Figures(
        policy=played.policy,
        seekers=len(fates),
        zeros=counts.count(0) / max(1, len(counts)),
        mean=sum(counts) / max(1, len(counts)),
        total=sum(counts),
        given=sum(len(fate.boosts) for fate in played.fates),
        p10=int(_at(counts, 0.1)),
        wait_p50=_at(waits, 0.5),
        wait_p95=_at(waits, 0.95),
        wait_p99=_at(waits, 0.99),
        jain=jain(counts),
        jain_best=jain(_even(sum(counts), len(counts))),
        jain_equals=_among_equals(fates, list),
        jain_equals_best=_among_equals(fates, lambda group: _even(sum(group), len(group))),
        hour_p95=int(_at(sorted(_busiest_hour(fate) for fate in fates), 0.95)),
        load_p50=_at(loads, 0.5),
        load_p95=_at(loads, 0.95),
        jain_load=jain(loads),
        circles=sum(len(fate.circles) for fate in fates) / max(1, len(fates)),
        repost_gain=_gain(fates),
        histogram=tuple(counts.count(n) for n in range(max(counts, default=0) + 1)),
        waits=tuple(_at(waits, share / 100) for share in range(101)),
    )


def jain(values: Sequence[float]) -> float:
    """Give Jain's index: 1 when all are the same, 1/n when one has everything; 1 for nothing at all."""
    squares = sum(value * value for value in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 1.0


def _even(total: int, people: int) -> list[int]:
    """Share whole boosts as evenly as can be."""
    each, more = divmod(total, people) if people else (0, 0)
    return [each + (i < more) for i in range(people)]


def _at(ordered: Sequence[float], share: float) -> float:
    """Give the value below which a share of the values lies (nearest rank)."""
    return float(ordered[min(len(ordered) - 1, int(share * len(ordered)))]) if ordered else 0.0


def _wait_h(fate: Fate, scenario: Scenario) -> float:
    waited = min(fate.boosts) - fate.notice.created_at if fate.boosts else scenario.life
    return min(waited, scenario.life) / timedelta(hours=1)


def _busiest_hour(fate: Fate) -> int:
    hour = timedelta(hours=1)
    return max((sum(at <= other < at + hour for other in fate.boosts) for at in fate.boosts), default=0)


def _among_equals(fates: Sequence[Fate], shared: Callable[[list[int]], list[int]]) -> float:
    """Give Jain's index among equals, each group's boosts `shared` in some way."""
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for fate in fates:
        one = fate.notice
        groups[one.networks, one.lang, one.sector, one.region].append(len(fate.boosts))
    large = [group for group in groups.values() if len(group) >= GROUP_MIN]
    size = sum(map(len, large))
    return sum(jain(shared(group)) * len(group) for group in large) / size if size else 1.0


def _gain(fates: Sequence[Fate]) -> float | None:
    again = [len(fate.boosts) for fate in fates if fate.reposts]
    once = [len(fate.boosts) for fate in fates if not fate.reposts]
    if not again or not sum(once):
        return None
    return (sum(again) / len(again)) / (sum(once) / len(once))

"""What a what-if changes, in words: each rule as it is today and as it is played."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from bot.planning.quota import Most
from bot.simulation.collective import DAY_S, Scenario
from bot.simulation.own import AS_THEY_ARE, Factors


class Change(NamedTuple):
    """One rule that is not as today."""

    rule: str
    today: str
    here: str


def changes(today: Scenario, here: Scenario, factors: Factors = AS_THEY_ARE) -> Iterator[Change]:
    """Give every rule in which two scenarios of one's own data differ, then what becomes of volunteers."""
    for name, (rule, say) in _RULES.items():
        old, new = getattr(today, name), getattr(here, name)
        if old != new:
            yield Change(rule, say(old), say(new))
    if arrivals(today) != arrivals(here):
        yield Change("Arrivals", arrivals(today), arrivals(here))
    for name, rule in _FACTORS.items():
        if (factor := getattr(factors, name)) != getattr(AS_THEY_ARE, name):
            yield Change(rule, "as they are", f"{factor:g} times")


def arrivals(scenario: Scenario) -> str:
    """Say how many notices come."""
    if scenario.every_s is None:
        return f"supply {scenario.supply:g} of what is wanted"
    return f"{DAY_S / scenario.every_s:.1f} notices a day"


def _share(value: float) -> str:
    return f"{value:.0%}"


def _limits(networks: Mapping[str, Most]) -> str:
    told = [
        f"{name} {most} in {period.total_seconds() / 3600:g} h"
        for name, limits in sorted(networks.items())
        for period, most in limits.windows()
    ]
    return ", ".join(told) or "none"


_RULES: dict[str, tuple[str, Callable[[Any], str]]] = {
    "demand": ("Boosts each seeker wants", str),
    "weight_two": ("Seekers whose boosts weigh half", _share),
    "round_days": ("Days a notice goes round", str),
    "spacing_min": ("Minutes between boosts of a notice", str),
    "day_max": ("Most boosts of a notice in 24 hours", str),
    "patience_h": ("Hours until a silence counts as a no", str),
    "refusals": ("Asks answered with no", _share),
    "silence": ("Asks without an answer", _share),
    "reach": ("New circles decide between equals", lambda on: "yes" if on else "no"),
    "networks": ("Most asks on a network", _limits),
}
_FACTORS = {
    "cap": "Volunteers' daily caps",
    "spacing": "Volunteers' spacing",
    "people": "Number of volunteers",
}

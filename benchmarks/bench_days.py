"""Thirty simulated days: who gets what under the planner, and beside it under naive policies."""

from bot.simulation.collective import Scenario, invented
from bot.simulation.figures import Figures, figures
from bot.simulation.page import LABELS
from bot.simulation.policies import NAMES
from bot.simulation.run import play

SUPPLIES = (0.2, 1.0, 3.0)


def run() -> list[tuple[str, str, str]]:
    """Play three supplies without refusals, then daily re-posting at two of them."""
    rows = []
    for supply in SUPPLIES:
        scenario = Scenario(volunteers=300, supply=supply, refusals=0, silence=0)
        collective = invented(scenario)
        for name in NAMES:
            found = figures(scenario, play(scenario, collective, name))
            rows.append((f"supply {supply:g}: {LABELS[name]}", f"{found.zeros:.2%} with none", _note(found)))
    for supply in SUPPLIES[:2]:
        scenario = Scenario(volunteers=300, supply=supply, refusals=0, silence=0, reposting=0.1)
        collective = invented(scenario)
        for name in ("fair", "newest"):
            gain = figures(scenario, play(scenario, collective, name)).repost_gain
            note = "boosts of those who send again every day, over the others'"
            rows.append((f"supply {supply:g}: {LABELS[name]}, sending again", f"{gain:.2f} times", note))
    return rows


def _note(found: Figures) -> str:
    return (
        f"{found.seekers:,} seekers, {found.mean:.2f} boosts each, a tenth at most {found.p10}; first boost "
        f"{found.wait_p50:.1f} / {found.wait_p95:.1f} / {found.wait_p99:.1f} h (50, 95, 99 %); "
        f"Jain {found.jain:.3f} of {found.jain_best:.3f} possible, equals {found.jain_equals:.3f}; "
        f"circles {found.circles:.1f}; busiest hour {found.hour_p95} (95 %); load {found.load_p50:.0%}"
    )

"""How many planned pairs of others one event changes, among about 200 notices."""

from benchmarks import goals
from bot.planning.stick import CHANGES
from tests.planning import events

COLLECTIVES = ((18, 0.25), (36, 0.5), (140, 2.0))
EVENTS = 120


def run() -> list[tuple[str, str, str]]:
    """Let things happen in a scarce, a middling and a rich collective."""
    rows = []
    for people, supply in COLLECTIVES:
        life = events.Life(people, supply, seed=3)
        plan, found = life.plan(None, None), []
        for _ in range(EVENTS):
            found.append(life.event(plan, CHANGES))
            plan = found[-1].after
        lost = [events.changed(event) for event in found]
        mean, most = sum(n for n, _ in lost) / EVENTS, max(n for n, _ in lost)
        over = sum(n > CHANGES for n, _ in lost)
        figure = f"{mean:.1f} pairs an event, at most {most}; more than {CHANGES} in {over} of {EVENTS}"
        rows.append((f"{people} volunteers, supply {supply:g}", figure, "only for people without any boost"))
        met = mean <= CHANGES and all(n <= max(CHANGES, first) for n, first in lost)
        asked = f"supply {supply:g}: ≤ {CHANGES} changed pairs of others an event, but for people at zero"
        goals.note("G10", asked, figure, met)
    return rows

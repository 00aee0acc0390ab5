"""The figures as one self-contained page: tables, histograms and wait curves as inline SVG."""

from collections.abc import Callable, Sequence
from html import escape

from bot.simulation.changes import Change, arrivals
from bot.simulation.collective import Scenario
from bot.simulation.figures import Figures

LABELS = {
    "now": "Languette, as now",
    "fair": "Languette",
    "random": "At random",
    "newest": "Newest first",
    "popular": "Most boosted first",
    "at_once": "Everybody at once",
}
COLOURS = {
    "now": "var(--ink-2)",
    "fair": "var(--violet)",
    "random": "#b06a00",
    "newest": "#17663f",
    "popular": "#b3261e",
    "at_once": "#1c6ea4",
}
WIDE, HIGH, EDGE = 640, 240, 56
BARS_MAX = 16
_STYLE = """
:root { color-scheme: light dark; --ground: #f5f3fa; --surface: #fff; --ink: #21143f; --ink-2: #5a4e78;
  --line: #d8d0e8; --violet: #4a2596; }
@media (prefers-color-scheme: dark) { :root { --ground: #150e29; --surface: #1f1638; --ink: #f1ecfb;
  --ink-2: #bdb0da; --line: #3a2e5c; --violet: #b79cff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 Figtree, Verdana, system-ui, sans-serif; }
h1, h2, h3 { line-height: 1.2; } h3 { margin: 0 0 .25rem; }
.grid { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); }
section.plot { background: var(--surface); padding: 1rem; border-radius: 6px; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--ink-2); font-size: 15px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: right; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { vertical-align: bottom; } td { white-space: nowrap; } .keys > span { margin-right: .8em; }
th:first-child, td:first-child { text-align: left; } tr.own td { font-weight: 700; }
table.rules { width: auto; } table.rules :is(th, td) { text-align: left; }
.key { display: inline-block; width: .8em; height: .8em; border-radius: 50%; margin-right: .4em; }
p { max-width: 46rem; color: var(--ink-2); }
"""
COLUMNS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("Seekers with none", lambda f: f"{f.zeros:.1%}"),
    ("Boosts each", lambda f: f"{f.mean:.1f}"),
    ("A tenth has at most", lambda f: str(f.p10)),
    ("First boost: median", lambda f: _hours(f.wait_p50)),
    ("First boost: 95 of 100", lambda f: _hours(f.wait_p95)),
    ("First boost: 99 of 100", lambda f: _hours(f.wait_p99)),
    ("Jain", lambda f: f"{f.jain:.3f}"),
    ("Jain at most", lambda f: f"{f.jain_best:.3f}"),
    ("Jain among equals", lambda f: f"{f.jain_equals:.3f}"),
    ("Circles each", lambda f: f"{f.circles:.1f}"),
    ("Volunteers' load", lambda f: f"{f.load_p50:.0%}"),
    ("Jain of loads", lambda f: f"{f.jain_load:.3f}"),
)


def page(scenario: Scenario, found: Sequence[Figures], about: str, rules: Sequence[Change] = ()) -> str:
    """Give the page as HTML.

    Args:
        scenario: what was simulated.
        found: the figures of each policy.
        about: one sentence that says where the volunteers come from.
        rules: what is not as today, when it is one's own collective.
    """
    heads = "".join(f"<th>{name}</th>" for name, _ in COLUMNS)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Languette: what if</title><style>{_STYLE}</style></head><body>
<h1>What if</h1>
<p>{escape(about)} {scenario.days} days, {arrivals(scenario)}, {scenario.demand} boosts wanted each,
{scenario.refusals:.0%} refusals, {scenario.silence:.0%} silence, seed {scenario.seed}. Nobody here is a real
person.</p>
<div class="scroll"><table><thead><tr><th>Policy</th>{heads}</tr></thead>
<tbody>{"".join(map(_row, found))}</tbody></table></div>
<p>Somebody without any boost has waited for the whole round. Jain's index is 1 when all have the same;
“Jain at most” is the highest that whole boosts allow.</p>
{_changed(rules)}<h2>Boosts of each seeker</h2>
<div class="grid">{"".join(map(_histogram, found))}</div>
<h2>Share of the seekers who have had a first boost, by hours</h2>
<section class="plot">{_waits(found)}</section>
</body></html>
"""


def _changed(rules: Sequence[Change]) -> str:
    """List what is not as today; nothing when all is."""
    if not rules:
        return ""
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in rule)}</tr>" for rule in rules)
    return f"""<h2>Changed rules</h2>
<div class="scroll"><table class="rules"><thead><tr><th>Rule</th><th>Today</th><th>Here</th></tr></thead>
<tbody>{rows}</tbody></table></div>
<p>“{LABELS["now"]}” is played by the rules of today, everything else by these; all else is the same.</p>
"""


def _hours(value: float) -> str:
    return f"{value:.1f} h" if value < 100 else f"{value / 24:.1f} d"  # noqa: PLR2004


def _row(figures: Figures) -> str:
    own = ' class="own"' if figures.policy == "fair" else ""
    key = f'<span class="key" style="background:{COLOURS[figures.policy]}"></span>'
    cells = "".join(f"<td>{cell(figures)}</td>" for _, cell in COLUMNS)
    return f"<tr{own}><td>{key}{LABELS[figures.policy]}</td>{cells}</tr>"


def _histogram(figures: Figures) -> str:
    bars = [*figures.histogram[:BARS_MAX]]
    if len(figures.histogram) > BARS_MAX:
        bars[-1] += sum(figures.histogram[BARS_MAX:])
    most, step = max([*bars, 1]), (WIDE - EDGE) / max(1, len(bars))
    drawn = []
    for n, count in enumerate(bars):
        height = count / most * (HIGH - 2 * EDGE)
        x, y = EDGE / 2 + n * step, HIGH - EDGE - height
        colour = "#e2a900" if n == 0 else COLOURS[figures.policy]
        box = f'x="{x + 1:.1f}" y="{y:.1f}" width="{step - 2:.1f}" height="{height:.1f}"'
        drawn.append(f'<rect {box} fill="{colour}"/>')
        if count:
            drawn.append(f'<text x="{x + step / 2:.1f}" y="{y - 5:.1f}" text-anchor="middle">{count}</text>')
        drawn.append(f'<text x="{x + step / 2:.1f}" y="{HIGH - 22}" text-anchor="middle">{n}</text>')
    title = LABELS[figures.policy]
    text = f"{title}: seekers by their boosts; {bars[0] if bars else 0} of {figures.seekers} have none"
    return f'<section class="plot"><h3>{title}</h3>{_svg(text, "".join(drawn))}</section>'


def _waits(found: Sequence[Figures]) -> str:
    longest = max((figures.waits[-1] for figures in found), default=0) or 1
    wide, high = WIDE - 2 * EDGE, HIGH - 2 * EDGE
    drawn = []
    for share in (0, 0.5, 1):
        y = HIGH - EDGE - share * high
        drawn.append(
            f'<line x1="{EDGE}" x2="{WIDE - EDGE}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)"/>'
            f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        )
    for part in range(5):
        x = EDGE + part / 4 * wide
        hours = f"{part / 4 * longest:.0f} h"
        drawn.append(f'<text x="{x:.1f}" y="{HIGH - 18}" text-anchor="middle">{hours}</text>')
    for figures in found:
        line = " ".join(
            f"{EDGE + wait / longest * wide:.1f},{HIGH - EDGE - share / 100 * high:.1f}"
            for share, wait in enumerate(figures.waits)
            if share <= 100 * (1 - figures.zeros)
        )
        drawn.append(
            f'<polyline points="{line}" fill="none" stroke="{COLOURS[figures.policy]}" stroke-width="2.5"/>'
        )
    keys = " ".join(
        f'<span><span class="key" style="background:{COLOURS[f.policy]}"></span>{LABELS[f.policy]}</span>'
        for f in found
    )
    return f'<p class="keys">{keys}</p>' + _svg(
        "Share of the seekers who have had a first boost, by hours", "".join(drawn)
    )


def _svg(text: str, drawn: str) -> str:
    label = escape(text, quote=True)
    return f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{label}">{drawn}</svg>'

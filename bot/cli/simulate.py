"""`bot simulate`: what would happen, beside what happens without a planner."""

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, opened
from bot.errors import UsageError

if TYPE_CHECKING:
    from bot.simulation.collective import Collective, Scenario
    from bot.simulation.figures import Figures

_STEPS = 100


def simulate(  # noqa: PLR0917  each is an option
    volunteers: Annotated[int, typer.Option(min=1, max=100_000, help="Invented volunteers.")] = 200,
    days: Annotated[int, typer.Option(min=8, max=365, help="Days to play.")] = 30,
    supply: Annotated[
        float, typer.Option(min=0.01, max=100, help="Boosts that can be given over those that are wanted.")
    ] = 0.5,
    cap: Annotated[int, typer.Option(min=1, max=20, help="Mean daily cap of a volunteer.")] = 5,
    demand: Annotated[int, typer.Option(min=1, max=1000, help="Boosts each seeker wants.")] = 12,
    round_days: Annotated[int, typer.Option(min=1, max=90, help="Days a notice goes round.")] = 7,
    spacing: Annotated[int, typer.Option(min=0, max=720, help="Minutes between boosts of a notice.")] = 20,
    refusals: Annotated[float, typer.Option(min=0, max=1, help="Share of asks answered with no.")] = 0.05,
    silence: Annotated[float, typer.Option(min=0, max=1, help="Share of asks without an answer.")] = 0.1,
    reposting: Annotated[
        float, typer.Option(min=0, max=1, help="Share of seekers who send again every day.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Another seed, another collective.")] = 1,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="Only these: fair, random, newest, popular, at_once. May be repeated."),
    ] = None,
    own_data: Annotated[
        bool, typer.Option("--own-data", help="Take volunteers and kinds of notices from your own data.")
    ] = False,
    cap_factor: Annotated[
        float, typer.Option(min=0.05, max=20, help="With --own-data: multiply every daily cap.")
    ] = 1.0,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with plots, too.")] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Play a collective for some weeks under the real planner and under naive policies, and compare."""
    from bot.simulation.collective import Scenario, invented
    from bot.simulation.figures import figures
    from bot.simulation.policies import NAMES
    from bot.simulation.run import play

    chosen = policy or list(NAMES)
    for name in chosen:
        if name not in NAMES:
            message = f"There is no policy {name!r}. There are: {', '.join(NAMES)}."
            raise UsageError(message)
    if days < round_days + 1:
        raise UsageError("--days must be more than --round-days: nobody's round would end.")
    scenario = Scenario(
        volunteers=volunteers, days=days, supply=supply, cap_day=cap, demand=demand, round_days=round_days,
        spacing_min=spacing, refusals=refusals, silence=silence, reposting=reposting, seed=seed,
    )  # fmt: skip
    collective = _own(data_dir, cap_factor) if own_data else invented(scenario)
    bar: Any = (
        typer.progressbar(length=len(chosen) * _STEPS, label="Playing", file=sys.stderr)
        if sys.stderr.isatty()
        else nullcontext()
    )
    found = []
    with bar as shown:
        for number, name in enumerate(chosen):

            def progress(share: float, begin: int = number * _STEPS) -> None:
                if shown is not None:
                    shown.update(begin + int(share * _STEPS) - shown.pos)

            found.append(figures(scenario, play(scenario, collective, name, progress)))
    _tell(scenario, collective, found, html, as_json=as_json, own_data=own_data)


def _own(data_dir: Path | None, cap_factor: float) -> "Collective":
    from bot.planning.round import read
    from bot.simulation.own import own

    with opened(data_dir) as app:
        now = app.clock.now()
        return own(
            app.store.run_read(read, app.settings, app.keys, app.networks, now, app.policies), cap_factor
        )


def _tell(
    scenario: "Scenario",
    collective: "Collective",
    found: "list[Figures]",
    html: Path | None,
    *,
    as_json: bool,
    own_data: bool,
) -> None:
    from bot.simulation.page import COLUMNS, LABELS, page

    people = len(collective.volunteers)
    about = f"{people} volunteers, {'copied from your own data' if own_data else 'all invented'}."
    if html is not None:
        try:
            html.write_text(page(scenario, found, about), encoding="utf-8")
        except OSError as error:
            message = f"{html} cannot be written: {error.strerror}."
            raise UsageError(message) from None
        show.say(f"The page is in {html}.")
    if as_json:
        show.document({"scenario": scenario, "volunteers": people, "policies": found})
        return
    show.say(about)
    names = ("policy", *(name for name, _ in COLUMNS))
    show.table(names, [(LABELS[f.policy], *(cell(f) for _, cell in COLUMNS)) for f in found], "UTC")
    gains = [f"{LABELS[f.policy]} {f.repost_gain:.2f}" for f in found if f.repost_gain is not None]
    if gains:
        show.say(f"Boosts of those who send again every day, over the others': {', '.join(gains)}.")

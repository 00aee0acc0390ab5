"""`bot simulate`: what would happen, beside what happens without a planner."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, opened
from bot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.planning.fairness import Snapshot
    from bot.planning.quota import Most
    from bot.simulation.collective import Collective, Scenario
    from bot.simulation.figures import Figures
    from bot.simulation.own import Factors

_STEPS = 100
_OWN = "With --own-data: multiply"


def simulate(  # noqa: PLR0917  each is an option
    volunteers: Annotated[int, typer.Option(min=1, max=100_000, help="Invented volunteers.")] = 200,
    days: Annotated[int, typer.Option(min=8, max=365, help="Days to play.")] = 30,
    supply: Annotated[
        float | None,
        typer.Option(min=0.01, max=100, help="Boosts that can be given over those that are wanted (0.5)."),
    ] = None,
    cap: Annotated[int, typer.Option(min=1, max=20, help="Mean daily cap of an invented volunteer.")] = 5,
    demand: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Boosts each seeker wants (12).")
    ] = None,
    weight_two: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of seekers whose boosts weigh half (0).")
    ] = None,
    round_days: Annotated[
        int | None, typer.Option(min=1, max=90, help="Days a notice goes round (7).")
    ] = None,
    spacing: Annotated[
        int | None, typer.Option(min=0, max=720, help="Minutes between boosts of a notice (20).")
    ] = None,
    day_max: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Most boosts of a notice in 24 hours (12).")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(min=1, max=168, help="Hours until a silence counts as a no (24).")
    ] = None,
    no_reach: Annotated[
        bool, typer.Option("--no-reach", help="Let new circles not decide between equals.")
    ] = False,
    network_hour: Annotated[
        list[str] | None, typer.Option(metavar="NAME=N", help="Most asks on a network in an hour.")
    ] = None,
    network_day: Annotated[
        list[str] | None, typer.Option(metavar="NAME=N", help="Most asks on a network in 24 hours.")
    ] = None,
    refusals: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of asks answered with no (0.05).")
    ] = None,
    silence: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of asks without an answer (0.1).")
    ] = None,
    reposting: Annotated[
        float, typer.Option(min=0, max=1, help="Share of seekers who send again every day.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Another seed, another collective.")] = 1,
    policy: Annotated[
        list[str] | None,
        typer.Option(help="Only these: fair, random, newest, popular, at_once. May be repeated."),
    ] = None,
    own_data: Annotated[
        bool,
        typer.Option("--own-data", help="Play a copy of your own data: volunteers, notices, rules, pace."),
    ] = False,
    cap_factor: Annotated[float, typer.Option(min=0.05, max=20, help=f"{_OWN} every daily cap.")] = 1.0,
    spacing_factor: Annotated[
        float, typer.Option(min=0, max=20, help=f"{_OWN} every volunteer's spacing.")
    ] = 1.0,
    people_factor: Annotated[
        float, typer.Option(min=0.01, max=20, help=f"{_OWN} the number of volunteers.")
    ] = 1.0,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with plots, too.")] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Play a collective for some weeks under the real planner and under naive policies, and compare.

    With --own-data every rule is your own unless you give it here; the first line is what happens as now.
    """
    from bot.simulation.collective import Scenario, invented
    from bot.simulation.own import Factors
    from bot.simulation.policies import NAMES

    chosen = policy or list(NAMES)
    for name in chosen:
        if name not in NAMES:
            message = f"There is no policy {name!r}. There are: {', '.join(NAMES)}."
            raise UsageError(message)
    given: dict[str, Any] = {
        "supply": supply, "demand": demand, "weight_two": weight_two, "round_days": round_days,
        "spacing_min": spacing, "day_max": day_max, "patience_h": patience, "refusals": refusals,
        "silence": silence, "reach": False if no_reach else None,
        "networks": _limits(network_hour, network_day),
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    fixed: dict[str, Any] = {"days": days, "reposting": reposting, "seed": seed}
    if own_data:
        base, snapshot = _own(data_dir)
        if "supply" in given:
            base = replace(base, every_s=None)
        plays = _plays(
            replace(base, **fixed), given, snapshot, Factors(cap_factor, spacing_factor, people_factor)
        )
    else:
        scenario = Scenario(volunteers=volunteers, cap_day=cap, **fixed, **given)
        plays = [("", scenario, invented(scenario))]
    _, scenario, collective = plays[-1]
    if days < scenario.round_days + 1:
        raise UsageError("--days must be more than --round-days: nobody's round would end.")
    found = _play(plays, chosen)
    _tell(scenario, collective, found, html, as_json=as_json, own_data=own_data)


def _limits(hour: list[str] | None, day: list[str] | None) -> "dict[str, Most] | None":
    """Read `NAME=N`; None: none was given."""
    from bot.networks import every
    from bot.planning.quota import limits

    if hour is None and day is None:
        return None

    def read(option: str, given: list[str] | None) -> dict[str, int]:
        found = {}
        for one in given or ():
            name, _, most = one.partition("=")
            if name not in every() or not most.isdecimal() or int(most) < 1:
                message = f"{option} wants a network and a number, like x=30, not {one!r}."
                raise UsageError(message)
            found[name] = int(most)
        return found

    return limits(read("--network-hour", hour), read("--network-day", day))


def _own(data_dir: Path | None) -> "tuple[Scenario, Snapshot]":
    """Read one's own rules and pace, and the collective as a planning round sees it."""
    from bot.planning.round import read
    from bot.simulation.own import SPAN, as_now
    from bot.storage import Session, notices, rounds

    with opened(data_dir) as app:
        now = app.clock.now()

        def look(session: Session) -> "tuple[Scenario, Snapshot]":
            asked = rounds.asked(session, now, history=SPAN)
            came = [one.first_opened_at for one in notices.listed(session, limit=1 << 40)]
            base = as_now(app.settings, asked, [at for at in came if at], now)
            return base, read(session, app.settings, app.keys, app.networks, now, app.policies)

        return app.store.run_read(look)


def _plays(
    base: "Scenario", given: dict[str, Any], snapshot: "Snapshot", factors: "Factors"
) -> "list[tuple[str, Scenario, Collective]]":
    """Give what is played: as now, and when a rule was given, with it; both with the same arrivals."""
    from bot.simulation.own import AS_THEY_ARE, own

    plays = [("now", base, own(snapshot))]
    if given or factors != AS_THEY_ARE:
        plays.append(("", replace(base, **given), own(snapshot, factors)))
    return plays


def _play(plays: "list[tuple[str, Scenario, Collective]]", chosen: list[str]) -> "list[Figures]":
    """Play the planner as now, when there is a now, then every policy under the last rules."""
    from bot.simulation.figures import figures
    from bot.simulation.run import play

    todo = [(label, "fair", scenario, people) for label, scenario, people in plays if label]
    _, scenario, people = plays[-1]
    skip = {"fair"} if len(plays) == 1 and plays[0][0] else set()
    todo += [(name, name, scenario, people) for name in chosen if name not in skip]
    found = []
    with _bar(len(todo)) as tell:
        for number, (label, name, rules, collective) in enumerate(todo):

            def progress(share: float, done: int = number) -> None:
                tell(done + share)

            played = figures(rules, play(rules, collective, name, progress))
            found.append(replace(played, policy=label))
    return found


@contextmanager
def _bar(parts: int) -> "Iterator[Callable[[float], None]]":
    """Show a progress bar on a terminal; the function given tells how many parts are done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with typer.progressbar(length=parts * _STEPS, label="Playing", file=sys.stderr) as shown:
        yield lambda done: shown.update(int(done * _STEPS) - shown.pos)


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

"""`bot simulate`: what would happen, beside what happens without a planner."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from bot.cli import show, what_if
from bot.cli.base import DataDir, Json, opened
from bot.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.planning.fairness import Snapshot
    from bot.planning.quota import Most
    from bot.simulation.changes import Change
    from bot.simulation.collective import Collective, Scenario
    from bot.simulation.figures import Figures

_STEPS = 100


class _Play(NamedTuple):
    """What is played; with a `label` it is what happens as now, by our own planner."""

    label: str
    scenario: "Scenario"
    collective: "Collective"


def simulate(  # noqa: PLR0917  each is an option
    volunteers: what_if.Volunteers = None,
    days: what_if.Days = 30,
    supply: what_if.Supply = None,
    cap: what_if.Cap = None,
    demand: what_if.Demand = None,
    weight_two: what_if.WeightTwo = None,
    round_days: what_if.RoundDays = None,
    spacing: what_if.Spacing = None,
    day_max: what_if.DayMax = None,
    patience: what_if.Patience = None,
    no_reach: what_if.NoReach = False,
    same_nights: what_if.SameNights = False,
    network_hour: what_if.NetworkHour = None,
    network_day: what_if.NetworkDay = None,
    refusals: what_if.Refusals = None,
    silence: what_if.Silence = None,
    reposting: what_if.Reposting = 0.0,
    seed: what_if.Seed = 1,
    policy: what_if.Policy = None,
    own_data: what_if.OwnData = False,
    cap_factor: what_if.CapFactor = 1.0,
    spacing_factor: what_if.SpacingFactor = 1.0,
    people_factor: what_if.PeopleFactor = 1.0,
    html: what_if.Html = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Play a collective for some weeks under the real planner and under naive policies, and compare.

    With --own-data every rule is your own unless you give it here; the first line is what happens as now.
    """
    chosen = _policies(policy)
    given: dict[str, Any] = {
        "supply": supply, "demand": demand, "weight_two": weight_two, "round_days": round_days,
        "spacing_min": spacing, "day_max": day_max, "patience_h": patience, "refusals": refusals,
        "silence": silence, "reach": False if no_reach else None,
        "networks": _limits(network_hour, network_day),
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    new = {"volunteers": volunteers, "cap_day": cap, "same_nights": same_nights or None}
    new = {name: value for name, value in new.items() if value is not None}
    fixed: dict[str, Any] = {"days": days, "reposting": reposting, "seed": seed}
    if own_data and new:
        raise UsageError("--volunteers, --cap and --same-nights make a collective up: leave --own-data out.")
    if own_data:
        plays, changed = _own_plays(data_dir, fixed, given, (cap_factor, spacing_factor, people_factor))
    else:
        plays, changed = [_invented({**new, **fixed, **given})], ()
    if days < plays[-1].scenario.round_days + 1:
        raise UsageError("--days must be more than --round-days: nobody's round would end.")
    _tell(plays[-1], _play(plays, chosen), changed, html, as_json=as_json, own_data=own_data)


def _policies(given: list[str] | None) -> list[str]:
    """Give the policies to compare; all when none is given."""
    from bot.simulation.policies import NAMES

    for name in given or ():
        if name not in NAMES:
            message = f"There is no policy {name!r}. There are: {', '.join(NAMES)}."
            raise UsageError(message)
    return given or list(NAMES)


def _invented(values: dict[str, Any]) -> _Play:
    """Make up a collective."""
    from bot.simulation.collective import Scenario, invented

    scenario = Scenario(**values)
    return _Play("", scenario, invented(scenario))


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


def _own_plays(
    data_dir: Path | None, fixed: dict[str, Any], given: dict[str, Any], factors: tuple[float, float, float]
) -> "tuple[list[_Play], tuple[Change, ...]]":
    """Give what is played of one's own data: as now, and when a rule was given, with it; and what is changed.

    Both have the same arrivals, unless their number is what is changed.
    """
    from bot.simulation.changes import changes
    from bot.simulation.own import Factors, own

    base, snapshot = _own(data_dir)
    today, many = replace(base, **fixed), Factors(*factors)
    here = replace(today, **given)
    if "supply" in given:
        here = replace(here, every_s=None)
    changed = tuple(changes(today, here, many))
    plays = [_Play("now", today, own(snapshot))]
    if changed:
        plays.append(_Play("", here, own(snapshot, many)))
    return plays, changed


def _play(plays: Sequence[_Play], chosen: list[str]) -> "list[Figures]":
    """Play the planner as now, when there is a now, then every policy under the last rules."""
    from bot.simulation.figures import figures
    from bot.simulation.run import play

    todo = [(one.label, "fair", one) for one in plays if one.label]
    skip = {"fair"} if len(plays) == 1 and plays[0].label else set()
    todo += [(name, name, plays[-1]) for name in chosen if name not in skip]
    found = []
    with _bar(len(todo)) as tell:
        for number, (label, name, one) in enumerate(todo):

            def progress(share: float, done: int = number) -> None:
                tell(done + share)

            played = figures(one.scenario, play(one.scenario, one.collective, name, progress))
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
    played: _Play,
    found: "list[Figures]",
    changed: "Sequence[Change]",
    html: Path | None,
    *,
    as_json: bool,
    own_data: bool,
) -> None:
    from bot.simulation.page import COLUMNS, LABELS, page

    people = len(played.collective.volunteers)
    about = f"{people} volunteers, {'copied from your own data' if own_data else 'all invented'}."
    if html is not None:
        try:
            html.write_text(page(played.scenario, found, about, changed), encoding="utf-8")
        except OSError as error:
            message = f"{html} cannot be written: {error.strerror}."
            raise UsageError(message) from None
        show.say(f"The page is in {html}.")
    if as_json:
        rules = [rule._asdict() for rule in changed]
        show.document(
            {"scenario": played.scenario, "volunteers": people, "changed": rules, "policies": found}
        )
        return
    show.say(about)
    for rule in changed:
        show.say(f"{rule.rule}: {rule.here}; today: {rule.today}.")
    names = ("policy", *(name for name, _ in COLUMNS))
    show.table(names, [(LABELS[f.policy], *(cell(f) for _, cell in COLUMNS)) for f in found], "UTC")
    gains = [f"{LABELS[f.policy]} {f.repost_gain:.2f}" for f in found if f.repost_gain is not None]
    if gains:
        show.say(f"Boosts of those who send again every day, over the others': {', '.join(gains)}.")

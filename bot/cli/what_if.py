"""The options of `bot simulate`."""

from pathlib import Path
from typing import Annotated

import typer

_OWN = "With --own-data: multiply"

Volunteers = Annotated[int | None, typer.Option(min=1, max=100_000, help="Invented volunteers (200).")]
Days = Annotated[int, typer.Option(min=8, max=365, help="Days to play.")]
Supply = Annotated[
    float | None,
    typer.Option(min=0.01, max=100, help="Boosts that can be given over those that are wanted (0.5)."),
]
Cap = Annotated[int | None, typer.Option(min=1, max=20, help="Mean daily cap of an invented volunteer (5).")]
Demand = Annotated[int | None, typer.Option(min=1, max=1000, help="Boosts each seeker wants (12).")]
WeightTwo = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of seekers whose boosts weigh half (0).")
]
RoundDays = Annotated[int | None, typer.Option(min=1, max=90, help="Days a notice goes round (7).")]
Spacing = Annotated[int | None, typer.Option(min=0, max=720, help="Minutes between boosts of a notice (20).")]
DayMax = Annotated[
    int | None, typer.Option(min=1, max=1000, help="Most boosts of a notice in 24 hours (12).")
]
Patience = Annotated[
    int | None, typer.Option(min=1, max=168, help="Hours until a silence counts as a no (24).")
]
NoReach = Annotated[bool, typer.Option("--no-reach", help="Let new circles not decide between equals.")]
SameNights = Annotated[
    bool, typer.Option("--same-nights", help="Let all invented volunteers sleep from ten to six.")
]
NetworkHour = Annotated[
    list[str] | None, typer.Option(metavar="NAME=N", help="Most asks on a network in an hour.")
]
NetworkDay = Annotated[
    list[str] | None, typer.Option(metavar="NAME=N", help="Most asks on a network in 24 hours.")
]
Refusals = Annotated[float | None, typer.Option(min=0, max=1, help="Share of asks answered with no (0.05).")]
Silence = Annotated[float | None, typer.Option(min=0, max=1, help="Share of asks without an answer (0.1).")]
Reposting = Annotated[float, typer.Option(min=0, max=1, help="Share of seekers who send again every day.")]
Seed = Annotated[int, typer.Option(help="Another seed, another collective.")]
Policy = Annotated[
    list[str] | None,
    typer.Option(help="Only these: fair, random, newest, popular, at_once. May be repeated."),
]
OwnData = Annotated[
    bool,
    typer.Option("--own-data", help="Play a copy of your own data: volunteers, notices, rules, pace."),
]
CapFactor = Annotated[float, typer.Option(min=0.05, max=20, help=f"{_OWN} every daily cap.")]
SpacingFactor = Annotated[float, typer.Option(min=0, max=20, help=f"{_OWN} every volunteer's spacing.")]
PeopleFactor = Annotated[float, typer.Option(min=0.01, max=20, help=f"{_OWN} the number of volunteers.")]
Html = Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with plots, too.")]

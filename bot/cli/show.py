"""How commands print: data on standard output, talk on standard error.

A person at a terminal gets aligned columns, a pipe gets tab-separated values with one header line, `--json`
gives one JSON document. There is no colour, so NO_COLOR holds by itself.
"""

import dataclasses
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import singledispatch
from typing import Any
from zoneinfo import ZoneInfo

import typer

from bot.model.text import Message

WIDTH_MAX = 60


@singledispatch
def plain(value: Any) -> Any:
    """Turn a word of the model into what JSON knows: times in ISO 8601, spans in seconds."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return str(value)


@plain.register
def _(value: datetime) -> str:
    return value.isoformat()


@plain.register
def _(value: timedelta) -> float:
    return value.total_seconds()


@plain.register
def _(value: Message) -> str:
    return str(value)


@plain.register(Mapping)
def _(value: Mapping[str, Any]) -> dict[str, Any]:
    return dict(value)


@plain.register(frozenset)
def _(value: frozenset[str]) -> list[str]:
    return sorted(value)


def document(value: Any) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(value, default=plain, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """Talk to the person, on standard error."""
    typer.echo(text, err=True)


def clean(text: str) -> str:
    """Take out what would move the cursor, change the direction or break a row."""
    return "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in text)


@singledispatch
def _text(value: Any, _zone: str) -> str:
    return clean(str(value))


@_text.register
def _(value: datetime, zone: str) -> str:
    if sys.stdout.isatty():
        return f"{value.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    return value.isoformat(timespec="seconds")


@_text.register
def _(value: timedelta, _zone: str) -> str:
    return span(value)


@_text.register
def _(value: bool, _zone: str) -> str:
    return "yes" if value else "no"


@_text.register(frozenset)
@_text.register(tuple)
@_text.register(list)
def _(value: Iterable[Any], zone: str) -> str:
    items = [cell(item, zone) for item in value]
    return ", ".join(sorted(items) if isinstance(value, frozenset) else items) or cell(None, zone)


def cell(value: Any, zone: str) -> str:
    """Write one value for a table: local minutes at a terminal, ISO 8601 in a pipe."""
    if value is None:
        return "-" if sys.stdout.isatty() else ""
    return _text(value, zone)


def span(length: timedelta) -> str:
    """Write a length of time: `45 s`, `12 min`, `3 h 05`, `4 d`."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds} s"
    if seconds < 3600:  # noqa: PLR2004
        return f"{seconds // 60} min"
    if seconds < 172_800:  # noqa: PLR2004
        return f"{seconds // 3600} h {seconds // 60 % 60:02}"
    return f"{seconds // 86_400} d"


def size(count: int) -> str:
    """Write a number of bytes: `12.3 MB`."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], zone: str = "UTC") -> None:
    """Print rows under their heads."""
    lines = [[cell(value, zone) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for line in (heads, *lines):
            typer.echo("\t".join(line))
        return
    if not lines:
        say("Nothing to show.")
        return
    lines = [[v if len(v) <= WIDTH_MAX else v[: WIDTH_MAX - 1] + "…" for v in line] for line in lines]
    upper = [head.upper() for head in heads]
    widths = [max(len(line[i]) for line in (upper, *lines)) for i in range(len(heads))]
    for line in (upper, *lines):
        typer.echo("  ".join(v.ljust(w) for v, w in zip(line, widths, strict=True)).rstrip())


def pairs(values: Mapping[str, Any], zone: str = "UTC") -> None:
    """Print names and values, one a line."""
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        text = cell(value, zone)
        typer.echo(f"{name.ljust(width)}  {text}" if sys.stdout.isatty() else f"{name}\t{text}")


def report(mark: str, name: str, found: str, advice: str) -> None:
    """Print one finding of `bot doctor`: `ok`, `note` or `WRONG`, and what to do."""
    if not sys.stdout.isatty():
        typer.echo("\t".join(clean(part) for part in (mark, name, found, advice)))
        return
    typer.echo(f"{mark:<5}  {name:<10}  {clean(found)}")
    if advice:
        typer.echo(f"{'':19}-> {clean(advice)}")

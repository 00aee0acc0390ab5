"""What the collective has done: a page, and the same figures as CSV and JSON."""

import csv
import io
from dataclasses import asdict
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from bot.locale import formats
from bot.model import memory
from bot.model.text import N_, Message
from bot.reporting.impact import CAP_DAYS, LEAST, OTHERS, Bin, Impact, Row, impact
from bot.sets import Label, regions, sectors
from bot.storage.store import Store
from bot.web.pages import OnPage, Page

router = APIRouter()

KEPT_S = 5.0
"""Real seconds for which figures are used again, so that a crowd costs no more than a visitor."""
_kept: WeakKeyDictionary[Store, tuple[float, Impact]] = WeakKeyDictionary()
memory.empties(_kept.clear)

OTHER_NAMES = {
    "networks": N_("Other networks"),
    "sectors": N_("Other sectors"),
    "regions": N_("Other regions"),
}
ANY_NAMES = {"sectors": N_("Any sector"), "regions": N_("Any region")}


async def _figures(page: Page) -> Impact:
    store = page.app.store
    at, figures = _kept.get(store, (0.0, None))
    if figures is None or monotonic() - at > KEPT_S:
        figures = await store.read(impact, now=page.now)
        _kept[store] = monotonic(), figures
    return figures


def _names(page: Page, kind: str) -> dict[str, Message | str]:
    """Give what to call the codes of a breakdown: networks by their own name, sets in the page's language."""
    if kind == "networks":
        known: dict[str, Message | str] = {name: n.label for name, n in page.app.networks.items()}
    else:
        labels: dict[str, Label] = sectors() if kind == "sectors" else regions()
        known = {code: label.name(page.lang) for code, label in labels.items()}
        known[""] = page.speech().say(ANY_NAMES[kind])
    known[OTHERS] = page.speech().say(OTHER_NAMES[kind])
    return known


def _named(page: Page, kind: str, rows: tuple[Row, ...]) -> list[tuple[str, int]]:
    """Name the rows of a breakdown; one row alone compares nothing."""
    names = _names(page, kind)
    return [(str(names.get(row.code, row.code)), row.boosts) for row in rows] if len(rows) > 1 else []


def long_day(moment: datetime, page: Page) -> str:
    """Write a day with its year: `1er janvier 2026`."""
    return formats.year_date(moment.astimezone(ZoneInfo(page.app.settings.time_zone)).date(), page.lang)


def label(one: Bin) -> str:
    """Write a bin of the histogram: `0`, `1–3`, `14+`."""
    if one.high is None:
        return f"{one.low}+"
    return str(one.low) if one.low == one.high else f"{one.low}–{one.high}"


@router.get("/{lang}/impact")
async def impact_page(page: OnPage) -> Response:
    """Show the figures, or that the first notice is on its way."""
    figures = await _figures(page)
    return page.show(
        "public/impact.html",
        f=figures,
        since=long_day(figures.since, page) if figures.since else "",
        bins=[(label(one), one.notices) for one in figures.histogram],
        networks_shown=_named(page, "networks", figures.networks),
        sectors_shown=_named(page, "sectors", figures.sectors),
        regions_shown=_named(page, "regions", figures.regions),
        least=LEAST,
        cap_days=CAP_DAYS,
    )


@router.get("/{lang}/impact.json")
async def impact_json(page: OnPage) -> Response:
    """Give the figures as JSON; null is "fewer than five people, not shown"."""
    figures = asdict(await _figures(page))
    for private in ("names", "begun"):
        del figures[private]
    return JSONResponse({name: _plain(value) for name, value in figures.items()})


@router.get("/{lang}/impact.csv")
async def impact_csv(page: OnPage) -> Response:
    """Give the figures as CSV: figure, group, value. An empty value is not shown."""
    f = await _figures(page)
    single = (
        "notices",
        "found",
        "boosts",
        "volunteers",
        "boosts_median",
        "checked",
        "above_cap",
        "collective",
    )
    rows: list[tuple[str, str, Any]] = [(name, "", getattr(f, name)) for name in single]
    rows += [(f"{name}_min", "", _minutes(getattr(f, name))) for name in ("wait_median", "wait_p95")]
    rows += [("notices_by_boosts", label(one), one.notices) for one in f.histogram]
    for kind, found in (("networks", f.networks), ("sectors", f.sectors), ("regions", f.regions)):
        rows += [(f"boosts_by_{kind}", name, boosts) for name, boosts in _named(page, kind, found)]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(("figure", "group", "value"))
    table.writerows([safe_cell(cell) for cell in row] for row in rows)
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="impact.csv"'},
    )


def safe_cell(value: object) -> str:
    """Write a cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _minutes(wait: timedelta | None) -> int | None:
    return None if wait is None else round(wait / timedelta(minutes=1))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, timedelta):
        return {"minutes": _minutes(value)}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value

"""`bot networks …`: what each network allows and how its watchers stand; one read of each, for a test."""

import asyncio
from typing import TYPE_CHECKING, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, example, group, opened

if TYPE_CHECKING:
    from bot.app import App
    from bot.networks.watch.base import Source
    from bot.reporting.lending import Lending
    from bot.reporting.networks import Standing

networks = group("See what each network allows and how watching goes.")

TEST_S = 15


@networks.command("list", epilog=example("bot networks list", "bot networks list --json"))
def list_networks(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the networks: modes, what found posts may become, accounts lent, watchers with what stops them."""
    with opened(data_dir) as app:
        rows = _rows(app)
        zone = app.settings.time_zone
    if as_json:
        show.document(rows)
        return
    heads = (
        "network",
        "modes",
        "found posts",
        "cap a day",
        "lent",
        "lost",
        "going back",
        "watched",
        "watchers",
    )
    for row in rows:
        row["lent"] = _lent(row["lent"])
        row["returning"] = f"{row['returning']['count']} {row['returning']['why']}".strip()
        row["watchers"] = [one["says"] for one in row["watchers"]]
    show.table(heads, [tuple(row.values()) for row in rows], zone)


def _rows(app: "App") -> list[dict[str, Any]]:
    from bot.model.notice import Consent
    from bot.reporting.lending import by_network
    from bot.reporting.networks import standings

    found = app.store.run_read(standings, watched=app.settings.watch, now=app.clock.now())
    lent = app.store.run_read(by_network, app.policies)
    return [
        {
            "network": name,
            "modes": policy.modes,
            "found": policy.modes_for(Consent.FOUND),
            "cap_day": policy.cap_day,
            **lent_shape(lent[name]),
            "watched": name in app.settings.watch,
            "watchers": [line(one) for one in found.watchers if one.watching.network == name],
        }
        for name, policy in app.policies.items()
    ]


def lent_shape(found: "Lending") -> dict[str, Any]:
    """Give how lending goes on a network; the count of a mode is null when it would tell who lends."""
    return {
        "lent": {one.mode: one.count for one in found.lent},
        "lost": found.lost,
        "returning": {"count": found.returning, "why": found.why},
    }


def lent_line(shape: dict[str, Any]) -> str:
    """Say `lent_shape` in words; empty where nothing is lent, lost or on its way back."""
    back = shape["returning"]
    said = _lent(shape["lent"])
    if shape["lost"]:
        said.append(f"{shape['lost']} lost")
    if back["count"]:
        said.append(f"{back['count']} going back{': ' + back['why'] if back['why'] else ''}")
    return "; ".join(said)


def _lent(counts: dict[str, int | None]) -> list[str]:
    return [f"{mode}: {count or 'fewer than 5'}" for mode, count in counts.items()]


def line(one: "Standing") -> dict[str, Any]:
    """Give how a watcher stands, with a sentence."""
    watching = one.watching
    says = f"{watching.name}: reads" if not watching.error else f"{watching.name}: {watching.error}"
    if watching.until and watching.error:
        says += f" until {watching.until:%Y-%m-%d %H:%M}Z ({watching.why})"
    return {
        "name": watching.name,
        "says": says,
        "error": watching.error,
        "why": watching.why,
        "until": watching.until,
        "read_at": watching.read_at,
        "seen": dict(one.seen),
        "entered": one.entered,
    }


@networks.command("test", epilog=example("bot networks test"))
def try_networks(data_dir: DataDir = None) -> None:
    """Read each watched source once and store nothing. Exit code 1 when one cannot be read."""
    from bot import watching
    from bot.networks.http import Http, anywhere

    async def every() -> bool:
        async with Http(anywhere) as http:
            found = watching.sources(app, http)
            if not found:
                show.say("Nothing is watched: the setting `watch` is empty.")
            return all([await _try(source) for source in found])

    with opened(data_dir) as app:
        fine = asyncio.run(every())
    if not fine:
        raise typer.Exit(1)


async def _try(source: "Source") -> bool:
    from contextlib import aclosing

    from bot.networks.errors import NetworkError

    try:
        async with asyncio.timeout(TEST_S), aclosing(source.batches("")) as batches:
            batch = await anext(batches)
    except NetworkError as error:
        typer.echo(f"{source.name}: {error.name}: {error.why}")
        return False
    except TimeoutError:
        typer.echo(f"{source.name}: answers, but nothing came in {TEST_S} s")
        return True
    typer.echo(f"{source.name}: reads; {batch.read} looked at, {len(batch.posts)} with the hashtag")
    return True

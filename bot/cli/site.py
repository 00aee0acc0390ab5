"""`bot run`, `bot demo` and `bot status`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json
from bot.model.boost import DONE_STATES

if TYPE_CHECKING:
    from bot.reporting.health import Health

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on, instead of the setting.")]
Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65_535, help="Port to listen on, instead of the setting.")
]


def run(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Start the daemon: the site, the planner, everything. Ctrl-C ends it."""
    _stop_early()
    from bot.settings import load

    settings = load(host=host, port=port, data_dir=data_dir)
    from bot import daemon

    raise typer.Exit(daemon.run(settings))


def _stop_early() -> None:
    """A stop while the program is still loading is a clean one too; the daemon takes the signals over."""
    import signal
    import sys

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))


def demo(host: Host = None, port: Port = None, data_dir: DataDir = None) -> None:
    """Show a living collective of invented people on a throwaway database. Ctrl-C ends it."""
    _stop_early()
    from bot import demo as invented
    from bot.settings import load

    raise typer.Exit(invented.run(load(host=host, port=port, data_dir=data_dir)))


def status(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say whether the daemon is alive and what waits. Exit code 0 only when its heartbeat is fresh."""
    from bot import callers
    from bot.cli import budget
    from bot.cli.networks import lent_shape, line
    from bot.lock import is_running
    from bot.model.clock import SystemClock
    from bot.purse import budgets_of
    from bot.reporting import delivery, health, lending, money, networks
    from bot.settings import load
    from bot.storage.store import Store

    settings = load(data_dir=data_dir)
    if not settings.database.exists():
        if as_json:
            show.document({"running": False, "alive": False, "address": settings.address})
        show.say(f"There is nothing in {settings.data_dir} yet. Start with: bot run")
        raise typer.Exit(1)
    store = Store(settings.database)
    try:
        now = SystemClock().now()
        found = store.run_read(health.health, database=settings.database, now=now)
        watched = store.run_read(networks.standings, watched=settings.watch, now=now)
        calls = store.run_read(delivery.standing, now, callers.called(settings))
        costs = store.run_read(money.costs, budgets_of(settings), now)
        lent = store.run_read(lending.by_network, settings.networks)
        running = is_running(settings.data_dir)
    finally:
        store.close()
    data = {"running": running, "alive": found.alive, "address": settings.address, **_shape(found)}
    data["watchers"] = [line(one) for one in watched.watchers]
    data["lending"] = {name: lent_shape(one) for name, one in lent.items()}
    data["delivery"] = {"waiting": [asdict(one) for one in calls.waiting], **calls.figures}
    data["money"] = {one.network: budget.line(one) for one in costs}
    if as_json:
        show.document(data)
    else:
        _print(data, found)
    if not found.alive:
        show.say("No fresh heartbeat. `bot run` starts the daemon, `bot doctor` says what is wrong.")
        raise typer.Exit(1)


def _shape(found: "Health") -> dict[str, Any]:
    return {
        "ticks": [
            {
                "name": pulse.name,
                "at": pulse.at,
                "age_s": round(pulse.age.total_seconds(), 1),
                "every_s": pulse.every.total_seconds(),
                "took_ms": pulse.took_ms,
                "stale": pulse.stale,
                "error": pulse.error,
                "result": pulse.result,
            }
            for pulse in found.pulses
        ],
        "halt": found.halt,
        "counts": found.counts,
        "level": found.level,
        "database_bytes": found.database_bytes,
        "free_bytes": found.free_bytes,
    }


def _print(data: dict[str, Any], found: "Health") -> None:
    from bot.cli.networks import lent_line

    counts = found.counts
    lines: dict[str, Any] = {
        "daemon": "running" if data["running"] else "not running",
        "heartbeat": "fresh" if found.alive else "none",
        "halted": f"since {found.halt.since:%Y-%m-%d %H:%M} UTC: {found.halt.reason or '-'}"
        if found.halt
        else "no",
        "address": data["address"],
        "to read": counts.get("notice.pending", 0),
        "going round": counts.get("notice.active", 0),
        "volunteers": counts.get("volunteer.active", 0),
        "asked": counts.get("boost.asked", 0) + counts.get("boost.opened", 0),
        "planned": counts.get("boost.planned", 0),
        "done": sum(counts.get(f"boost.{state}", 0) for state in DONE_STATES),
        "database": f"{show.size(found.database_bytes)}, level {found.level}",
        "free disk": show.size(found.free_bytes),
    }
    for pulse in found.pulses:
        result = ", ".join(f"{name} {value}" for name, value in pulse.result.items())
        late = " LATE" if pulse.stale else ""
        lines[f"tick {pulse.name}"] = f"{show.span(pulse.age)} ago{late}: {pulse.error or result or 'done'}"
    for watcher in data["watchers"]:
        lines[f"watch {watcher['name']}"] = watcher["says"].partition(": ")[2]
    for network, shape in data["lending"].items():
        if says := lent_line(shape):
            lines[f"lent {network}"] = says
    for one in data["delivery"]["waiting"]:
        says = f": {one['says']}" if one["says"] else ""
        until = f" until {one['until']:%Y-%m-%d %H:%M} UTC" if one["until"] else ""
        lines[f"calls {one['network']}, {one['what']} ({one['count']})"] = f"{one['why']}{until}{says}"
    for network, says in data["money"].items():
        lines[f"money {network}"] = says
    show.pairs(lines)

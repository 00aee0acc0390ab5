"""What machines ask: is it alive, may it get work, how much is where. No name, no id, no word of anybody."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot import callers
from bot.backup import shelf
from bot.errors import DataError
from bot.model.clock import human
from bot.reporting import delivery, health

if TYPE_CHECKING:
    from bot.app import App

router = APIRouter()

LOOK_EVERY = timedelta(seconds=2)
"""A look writes to the disk, and anybody may ask: those who ask meanwhile get the last answer."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
LOCAL_NAMES = frozenset({"127.0.0.1", "[::1]", "localhost"})
VIA_PROXY = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


@router.get("/healthz")
async def healthz() -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Say whether all is well, a word for each part: 200, or 503 while one is not."""
    state, now = request.app.state, request.app.state.app.clock.now()
    looked, found = getattr(state, "looked", (None, {}))
    if looked is None or not timedelta(0) <= now - looked < LOOK_EVERY:
        found = await _look(state.app)
        state.looked = now, found
    return JSONResponse(dict(found), 200 if health.well(found) else 503)


async def _look(app: "App") -> Mapping[str, str]:
    try:
        await app.store.write(health.probe)
        return await app.store.read(
            health.ready,
            database=app.settings.database,
            vault_key=app.settings.vault_key,
            now=app.clock.now(),
            grace=human(app.clock, health.GRACE),
        )
    except DataError:  # full, gone, damaged, held by another: nothing else can be said then
        return {"database": "not writable"}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Give figures for Prometheus, to whom the settings let."""
    from bot.web import figures  # noqa: PLC0415  the library is for those who ask

    app: App = request.app.state.app
    if not _may_read(request, app.settings.metrics_for):
        raise HTTPException(404)
    now = app.clock.now()
    found = await app.store.read(
        health.health, database=app.settings.database, now=now, grace=human(app.clock, health.GRACE)
    )
    calls = await app.store.read(delivery.standing, now, callers.names(app))
    newest = shelf.notes(app.settings.data_dir, app.keys)[-1:]
    text = figures.render(found, calls, now - newest[0].made_at if newest else None)
    return Response(text, media_type=figures.TYPE)


def _may_read(request: Request, who: str) -> bool:
    """Whether the figures are for this caller.

    A proxy on this machine calls from loopback too; it shows by the headers it adds and by the public name.
    """
    if who != "loopback":
        return who == "everybody"
    headers, client = request.headers, request.client
    host = headers.get("host", "").rsplit(":", 1)[0]
    direct = not any(name in headers for name in VIA_PROXY) and host in LOCAL_NAMES
    return direct and client is not None and client.host in LOOPBACK

"""The site: one module per audience, server-rendered, every page works without JavaScript."""

from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from bot.lenders import Lenders, lenders_of
from bot.moderation.lockout import LockOut
from bot.web import failures, guard, pages
from bot.web.gate import Gate
from bot.web.provider import open_id_of
from bot.web.watchman import Watchman

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import App

AUDIENCES = (
    "front",
    "copies",
    "legal",
    "seeker",
    "share",
    "outside",
    "volunteer",
    "login",
    "own",
    "keys",
    "openid",
    "triage",
    "admin",
    "halt",
    "door",
    "probes",
    "bluesky",
    "people",
    "impact",
    "password",
    "reports",
)


def create(app: "App", lenders: Lenders | None = None) -> FastAPI:
    """Give the ASGI site of an installation. It opens and closes nothing: its caller owns `app`.

    `lenders` says how accounts are lent; by default as the settings say.
    """

    @asynccontextmanager
    async def life(_site: FastAPI) -> "AsyncIterator[None]":
        yield

    pages.keep_files()
    site = FastAPI(lifespan=life, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    site.state.app, site.state.gate, site.state.lock_out = app, Gate(), LockOut()
    site.state.watchman, site.state.open_id = Watchman(), open_id_of(app)
    site.state.lenders = lenders or lenders_of(app)
    for name in AUDIENCES:
        site.include_router(import_module(f"bot.web.{name}").router)
    # Only what is the same for everybody is compressed: a personal page's size must tell nothing (BREACH).
    files = StaticFiles(directory=Path(__file__).parent / "static")
    site.mount("/static", GZipMiddleware(files, minimum_size=500), name="static")
    failures.install(site)
    guard.install(site, app)
    return site

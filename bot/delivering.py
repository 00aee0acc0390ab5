"""The delivery engine of the daemon: built from the settings, run beside the watchers."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot import callers
from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.model.steady import BootClock
from bot.purse import budgets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.app import App
    from bot.networks.api.base import Api

log = structlog.get_logger()

OWNER = "daemon"
"""One daemon for each data folder (`bot.lock`): what was held under this name before a start is nobody's."""


def wanted(app: "App") -> bool:
    """Whether there is anything to deliver with: a key that opens tokens, a network that can be called."""
    return bool(app.settings.vault_key) and bool(callers.names(app))


def terms_of(app: "App", apis: "Mapping[str, Api]") -> Terms:
    """Give what delivery goes by. The setting's least value is two deadlines."""
    quiet = timedelta(seconds=app.settings.doubt_quiet_s)
    return Terms(OWNER, apis, app.policies, budgets_of(app.settings), quiet=quiet)


async def run(app: "App") -> None:
    """Deliver until cancelled; the calls that are on their way then get a few seconds."""
    async with callers.open_apis(app) as apis:
        opener = tokens.Opener(Path(app.settings.vault_key), app.settings.data_dir)
        log.info("delivery_started", networks=sorted(apis))
        await Engine(app.store, terms_of(app, apis), opener, app.clock, BootClock()).run()

"""The delivery engine of the daemon: built from the settings, run beside the watchers."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot import callers
from bot.delivery import collective, tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.model.steady import BootClock
from bot.networks.api.base import Lent
from bot.networks.errors import NetworkError
from bot.networks.http import NoAnswerError, NotSentError
from bot.purse import budgets_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.app import App
    from bot.networks.api.base import Api, Publisher

log = structlog.get_logger()

OWNER = "daemon"
"""One daemon for each data folder (`bot.lock`): what was held under this name before a start is nobody's."""


def wanted(app: "App") -> bool:
    """Whether there is anything to deliver with: a key that opens tokens, a network that can be called."""
    return bool(app.settings.vault_key) and bool(callers.names(app))


LABELS_S = 60.0
"""Between two looks at whose label is to be looked at."""


def terms_of(
    app: "App", apis: "Mapping[str, Api]", publishers: "Mapping[str, Publisher] | None" = None
) -> Terms:
    """Give what delivery goes by. The setting's least value is two deadlines."""
    quiet = timedelta(seconds=app.settings.doubt_quiet_s)
    return Terms(
        OWNER,
        apis,
        app.policies,
        budgets_of(app.settings),
        publishers=publishers or {},
        address=app.settings.address if app.settings.site_url else "",
        quiet=quiet,
    )


async def run(app: "App") -> None:
    """Deliver until cancelled; the calls that are on their way then get a few seconds."""
    async with callers.open_apis(app) as apis, callers.open_publishers(app) as publishers:
        opener = tokens.Opener(Path(app.settings.vault_key), app.settings.data_dir)
        log.info("delivery_started", networks=sorted(apis))
        engine = Engine(app.store, terms_of(app, apis, publishers), opener, app.clock, BootClock())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(engine.run())
            tasks.create_task(_labels(app, publishers, opener))


async def _labels(app: "App", publishers: "Mapping[str, Publisher]", opener: tokens.Opener) -> None:
    while True:
        try:
            await look_at_labels(app, publishers, opener)
        except Exception:
            log.exception("labels_not_seen")
        await asyncio.sleep(LABELS_S)


async def look_at_labels(
    app: "App", publishers: "Mapping[str, Publisher]", opener: tokens.Opener, *, every: bool = False
) -> None:
    """Look whether the collective's accounts say that a program runs them: those whose turn it is, or all."""
    for own in await app.store.read(collective.to_look_at, None if every else app.clock.now()):
        publisher = publishers.get(own.account.network)
        if publisher is None or own.access is None:
            continue
        try:
            labelled = await publisher.labelled(Lent(own.account, opener.reveal(own.access)))
        except (NetworkError, NotSentError, NoAnswerError) as error:
            log.warning("label_not_seen", network=own.account.network, error=type(error).__name__)
            continue
        await app.store.write(collective.looked, own.account, labelled=labelled, now=app.clock.now())

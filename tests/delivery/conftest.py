"""A recording network that runs beside the tests, in a thread and a loop of its own."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from tests.clocks import StillClock
from tests.delivery.lending import Lending
from tests.fakes.recording import RecordingNet, recording


@pytest.fixture
def served() -> Iterator[tuple[RecordingNet, str]]:
    """The network and its URL."""
    ready: list[tuple[RecordingNet, str]] = []
    up, loop = threading.Event(), asyncio.new_event_loop()
    down = asyncio.Event()

    async def serve() -> None:
        async with recording() as found:
            ready.append(found)
            up.set()
            await down.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    up.wait(10)
    yield ready[0]
    loop.call_soon_threadsafe(down.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def net(served: tuple[RecordingNet, str]) -> RecordingNet:
    """The network: what it did, and what it shall do wrong."""
    return served[0]


@pytest.fixture
def lending(
    app: App,
    clock: StillClock,
    make_notice: Callable[..., Any],
    make_volunteer: Callable[..., Any],
    served: tuple[RecordingNet, str],
    tmp_path: Path,
) -> Lending:
    """The collective that lends accounts there."""
    return Lending(app, clock, make_notice, make_volunteer, tmp_path / "vault.key", served[1])

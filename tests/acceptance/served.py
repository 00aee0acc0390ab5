"""Servers of networks, in a thread of their own beside a daemon; and waiting for what both come to."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

T = TypeVar("T")
UP_S = 5
WAIT_S = 20


@contextmanager
def served(opening: Callable[[], AbstractAsyncContextManager[T]]) -> Iterator[T]:
    """Give what an opening gives, in a running event loop of its own."""
    up, down, made = threading.Event(), threading.Event(), list[T]()

    async def serve() -> None:
        async with opening() as one:
            made.append(one)
            up.set()
            await asyncio.to_thread(down.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert up.wait(UP_S)
    try:
        yield made[0]
    finally:
        down.set()
        thread.join(UP_S)


def until(what: Callable[[], bool], said: Callable[[], str], wait_s: float = WAIT_S) -> None:
    """Wait until something is so."""
    end = time.monotonic() + wait_s
    while not what():
        assert time.monotonic() < end, said()
        time.sleep(0.2)

"""Processes by fork: everything is loaded already, so that a life costs what it does and not its start."""

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable

possible = hasattr(os, "pidfd_open")
"""Whether this machine says when a process ends: Linux does."""


class Forked:
    """A process of its own that does some work, ends with the number it gives, and may be killed."""

    def __init__(self, work: Callable[[], int]) -> None:
        self.cpu_s = 0.0
        """Processor time it took, known when it has ended."""
        self.pid = os.fork()
        if self.pid == 0:
            _become(work)
        self._fd = os.pidfd_open(self.pid)

    def kill(self) -> None:
        """End it at once, wherever it is. It is still there or not yet collected: nobody else is hit."""
        os.kill(self.pid, signal.SIGKILL)

    async def ended(self, within_s: float) -> int:
        """Wait for its end and give its number, `-9` when it was killed; after `within_s` it is killed."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._fd, over.set)
        try:
            async with asyncio.timeout(within_s):
                await over.wait()
        except TimeoutError:
            self.kill()
            await over.wait()
        finally:
            loop.remove_reader(self._fd)
            os.close(self._fd)
        _, status, used = os.wait4(self.pid, 0)  # noqa: ASYNC222  it has ended
        self.cpu_s = used.ru_utime + used.ru_stime
        return os.waitstatus_to_exitcode(status)


def _become(work: Callable[[], int]) -> None:
    """Work, and never come back into the parent's code."""
    code = 1
    try:
        gc.freeze()  # what the parent holds is not ours to clear away: its sockets have our numbers soon
        gc.set_threshold(100_000)  # a life is short
        # The parent's connections would stay open through us after it has broken them.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        sys.stdout = sys.stderr = os.fdopen(2, "w", closefd=False)
        code = work()
    except BaseException:  # noqa: BLE001  whatever it was, the parent sees a number
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)

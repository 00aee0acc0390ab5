"""Kill a piece of work at every point at which it touches the disk.

The work runs in a forked child that sends itself SIGKILL at its n-th file operation (Python's own audit
events), so nothing is patched and no clean-up runs.
"""

import os
import signal
import sys
from collections.abc import Callable

FILES = ("open", "os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate")
EVENTS = frozenset({*FILES, "sqlite3.connect", "shutil.rmtree"})
KILLED = "killed"
DONE = "done"


def run_and_kill(work: Callable[[], object], at: int) -> str:
    """Run `work` in a child that dies at its event number `at` (from 1); give how it ended."""
    child = os.fork()
    if child == 0:
        _child(work, at)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return KILLED
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return DONE


def _child(work: Callable[[], object], at: int) -> None:
    seen = 0

    def count(event: str, _arguments: object) -> None:
        nonlocal seen
        if event in EVENTS:
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)

    code = 1
    try:
        sys.addaudithook(count)
        work()
        code = 0
    finally:
        os._exit(code)

"""A real `bot run` in a folder of its own, on a free port, ended by whoever started it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

START_LIMIT_S = 60
STOP_LIMIT_S = 15
BOT = Path(sys.executable).parent / "bot"


@dataclass(frozen=True)
class Daemon:
    """A daemon that answers. `took_s`: from start to first page; `cpu_s`: processor time until then."""

    url: str
    pid: int
    took_s: float
    cpu_s: float


def free_port() -> int:
    """Give a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(port: int, **settings: object) -> dict[str, str]:
    """Give this process's environment without what an operator would not set, but with port and settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "PYTHON"))}
    return kept | {f"BOT_{name.upper()}": str(value) for name, value in ({"port": port} | settings).items()}


def cpu_time(pid: int) -> float:
    """Give the seconds of processor time a process has used; other work on the machine hardly changes it."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for_page(url: str, process: subprocess.Popen[bytes], limit_s: float) -> None:
    """Wait until the form is served.

    Raises:
        RuntimeError: the process ended or served nothing within `limit_s`.
    """
    end = time.monotonic() + limit_s
    with httpx.Client(timeout=5) as client:
        while time.monotonic() < end:
            if process.poll() is not None:
                message = f"it ended with exit code {process.returncode} before serving a page"
                raise RuntimeError(message)
            with contextlib.suppress(httpx.TransportError):
                if client.get(f"{url}/fr/").status_code == httpx.codes.OK:
                    return
            time.sleep(0.02)
    message = f"no page within {limit_s} s"
    raise RuntimeError(message)


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, politely first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT_S)


@contextlib.contextmanager
def running(
    folder: Path,
    command: Sequence[str] = (str(BOT), "run"),
    limit_s: float = START_LIMIT_S,
    **settings: object,
) -> Iterator[Daemon]:
    """Start `command` in `folder`, wait for its first page, end it afterwards; its output goes to run.log.

    `settings` are given by the environment.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (folder / "run.log").open("ab") as log:
        start = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(port, **settings),
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_for_page(url, process, limit_s)
            took_s = time.monotonic() - start
            yield Daemon(url, process.pid, took_s, cpu_time(process.pid))
        finally:
            end_group(process)

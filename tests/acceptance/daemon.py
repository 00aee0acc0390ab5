"""A real `bot run` in an empty folder: started, read, stopped with real signals."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

READY_S = 30
STOP_S = 5


def free_port() -> int:
    """Give a loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Daemon:
    """One installation in `folder`; it may be started, stopped and killed many times."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("BOT_")}
        self.env = {
            **kept,
            "BOT_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **{f"BOT_{k.upper()}": v for k, v in settings.items()},
        }
        self.process: subprocess.Popen[str] | None = None
        self.said = ""

    def bot(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run another `bot` command in the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            start_new_session=True,  # no terminal: what is typed unseen is read from `stdin`
        )

    def start(self, command: str = "run", ready_s: int = READY_S) -> "Daemon":
        """Start `bot run`, or `bot demo`, and wait until it answers."""
        out = self.folder / "out.txt"
        with out.open("w") as sink, (self.folder / "err.txt").open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", command],
                cwd=self.folder,
                env=self.env,
                stdout=sink,
                stderr=errors,
                text=True,
            )
        end = time.monotonic() + ready_s
        while time.monotonic() < end:
            assert self.process.poll() is None, (self.folder / "err.txt").read_text()[-2000:]
            self.said = out.read_text()
            if "is running" in self.said:
                assert httpx.get(f"{self.url}/fr/").status_code == 200
                return self
            time.sleep(0.05)
        message = f"no answer in {ready_s} s: {self.said}"
        raise AssertionError(message)

    def setup_link(self) -> str:
        """Give the one-time link that the first start printed."""
        found = re.search(r"http://\S+/admin/setup/\S+", self.said)
        assert found, self.said
        return found[0]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; give the exit code and the seconds it took."""
        assert self.process is not None
        begin = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(STOP_S * 4)
        self.process = None
        return code, time.monotonic() - begin

    def close(self) -> None:
        """End whatever still runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_S)

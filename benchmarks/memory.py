"""Memory of a daemon that nobody asks anything."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.daemon import running

IDLE_S = 10


def _status(pid: int) -> dict[str, float]:
    """Give the sizes of /proc/PID/status in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return {
        name: int(value.split()[0]) / 1024
        for name, _, value in (line.partition(":") for line in lines)
        if value.endswith("kB")
    }


def run() -> list[tuple[str, str, str]]:
    """Read the daemon's resident memory after ten idle seconds."""
    with TemporaryDirectory() as name, running(Path(name)) as daemon:
        time.sleep(IDLE_S)
        sizes = _status(daemon.pid)
    note = (
        f"after {IDLE_S} s on an empty folder, one page served; highest until then {sizes['VmHWM']:.0f} MiB"
    )
    return [("Resident memory of the idle daemon", f"{sizes['VmRSS']:.0f} MiB", note)]

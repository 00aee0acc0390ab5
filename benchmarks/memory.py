"""Memory of a daemon that nobody asks anything."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.daemon import running

IDLE_S = 10


def sizes_of(pid: int | str) -> dict[str, float]:
    """Give the sizes of /proc/PID/status in MiB; `self` is this process.

    `VmHWM`, the highest resident memory, begins anew with each program; `ru_maxrss` may be the parent's.
    """
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return {
        name: int(value.split()[0]) / 1024
        for name, _, value in (line.partition(":") for line in lines)
        if value.endswith("kB")
    }


def run() -> list[tuple[str, str, str]]:
    """Read the daemon's resident memory after ten idle seconds: on an empty folder, then started again."""
    rows = []
    with TemporaryDirectory() as name:
        for when, what in (
            ("", "empty folder, the database made"),
            (", started again", "nothing to migrate"),
        ):
            with running(Path(name)) as daemon:
                time.sleep(IDLE_S)
                sizes = sizes_of(daemon.pid)
            note = f"{what}, one page served, after {IDLE_S} s; highest until then {sizes['VmHWM']:.0f} MiB"
            rows.append((f"Resident memory of the idle daemon{when}", f"{sizes['VmRSS']:.0f} MiB", note))
    return rows

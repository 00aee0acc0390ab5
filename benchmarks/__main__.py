"""Measure everything and write results.md: `python -m benchmarks [--fresh] [MODULE …]`.

With module names only those are measured and nothing is written.
"""

import argparse
import os
import platform
import signal
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks import goals, start

MODULES = {
    "forms": "Sending a notice",
    "flood": "The form in a flood",
    "weight": "Weight of the seeker's form",
    "memory": "Memory",
    "start": "Start",
    "restart": "Restart after a kill",
    "bench_round": "Planning round",
    "bench_exact": "Exact round",
    "bench_optimum": "Exact round against an independent solver",
    "bench_reach": "Reach with the same counts",
    "bench_online": "Decisions at the slot, in memory",
    "bench_days": "Thirty simulated days",
    "bench_future": "The rule beside one who knows the future",
    "bench_twins": "Twins at the slot",
    "bench_stick": "Stable plans",
    "bench_audit": "Audit of a month",
    "bench_journal": "The journal",
    "bench_delivery": "Boosts by the API",
    "month": "Thirty days within every limit",
    "jetstream": "Watching Bluesky",
}
RESULTS = Path(__file__).parent / "results.md"
Rows = list[tuple[str, str, str]]


def machine() -> list[str]:
    """Describe the machine in the lines that head the results."""
    cpu = platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
            break
    return [
        f"- Machine: {cpu}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()}",
        f"- Python: {platform.python_version()}",
        f"- Date: {datetime.now(UTC):%Y-%m-%d}",
    ]


def fixed_loop() -> float:
    """Time the same arithmetic anywhere, in ms: the same machine may run at half its speed another day."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        sum(number * number for number in range(1_000_000))
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def table(title: str, rows: Rows) -> list[str]:
    """Write one module's rows as Markdown."""
    lines = ["", f"## {title}", "", "| measured | figure | note |", "|---|---:|---|"]
    return lines + [f"| {name} | {figure} | {note} |" for name, figure, note in rows]


def main() -> int:
    """Run the modules asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=", ".join(MODULES))
    parser.add_argument(
        "--fresh", action="store_true", help="also time `make run` on a fresh clone (network)"
    )
    asked = parser.parse_args()
    # Ended from outside, still end the daemons that were started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    if unknown := set(asked.modules) - MODULES.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    head = [
        "# Results",
        "",
        "Written by `python -m benchmarks`; how each figure is taken: [README](README.md).",
        "",
    ]
    head += machine()
    loads, speeds, sections = [os.getloadavg()[0]], [fixed_loop()], []
    if loads[0] > (os.cpu_count() or 1):
        head.append("- **The machine was busy with other work: times are longer than on an idle one.**")
    for name in asked.modules or MODULES:
        print(f"{name} …", file=sys.stderr, flush=True)
        rows: Rows = import_module(f"benchmarks.{name}").run()
        if name == "start" and asked.fresh:
            rows += start.fresh()
        section = table(MODULES[name], rows)
        print("\n".join(section), flush=True)
        loads.append(os.getloadavg()[0])
        speeds.append(fixed_loop())
        sections += section
        if not asked.modules:
            load = f"- Load average before and after each section: {', '.join(f'{x:.1f}' for x in loads)}"
            speed = (
                f"- A fixed loop of Python, at the same moments: {', '.join(f'{x:.0f}' for x in speeds)} ms"
            )
            text = "\n".join([*head, load, speed, *goals.table(), *sections]) + "\n"
            RESULTS.write_text(text, encoding="utf-8")
    print("\n".join(goals.table()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

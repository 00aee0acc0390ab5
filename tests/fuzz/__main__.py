"""`make fuzz`: Atheris, which is led by the code that an input reaches, on each parser for `SECONDS` each.

Findings and what was learnt stay in `.fuzz/`. A run without Atheris (its wheels are for Linux) says so.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

SECONDS = int(os.environ.get("SECONDS_EACH", "30"))
KEPT = Path(".fuzz")
SLOW_S = 0.1
"""CPU seconds that no input of up to `BYTES` may take."""
BYTES = 4_096


def fuzz(name: str) -> None:
    """Fuzz one parser; does not return."""
    import atheris

    with atheris.instrument_imports(include=["bot"]):
        from tests.fuzz import parsers
    parser = next(one for one in parsers.PARSERS if one.name == name)
    corpus = KEPT / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(parser.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        began = time.process_time()
        parsers.one(parser, data)
        if time.process_time() - began > SLOW_S and _again(data) > SLOW_S:
            raise TimeoutError

    def _again(data: bytes) -> float:
        """Measure anew: the first time may have imported or built something."""
        began = time.process_time()
        parsers.one(parser, data)
        return time.process_time() - began

    limits = [f"-max_total_time={SECONDS}", f"-max_len={BYTES}", "-timeout=10", "-rss_limit_mb=1024"]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={KEPT}/found-{name}-", str(corpus)], once)
    atheris.Fuzz()


def main() -> int:
    """Fuzz every parser, each in a process of its own; give 1 when one was broken."""
    from tests.fuzz.parsers import PARSERS

    broken = []
    for name in sys.argv[1:] or [parser.name for parser in PARSERS]:
        code = "from tests.fuzz.__main__ import fuzz; import sys; fuzz(sys.argv.pop())"
        done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=False)
        lines = done.stderr.splitlines()
        last = next((line for line in reversed(lines) if line.startswith(("Done ", "#"))), "nothing said")
        sys.stdout.write(f"{name:10} {'ok    ' if done.returncode == 0 else 'BROKEN'} {last}\n")
        if done.returncode:
            broken.append(name)
            sys.stdout.write("\n".join([*lines[-25:], ""]))
        sys.stdout.flush()
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())

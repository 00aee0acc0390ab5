"""Tries mutants in copies of one process (`fork`) that has loaded everything and run nothing."""

import contextlib
import gc
import json
import os
import pkgutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from tests.mutants.made import Finder, Mutant, activate

PATIENCE = (20, 10)
"""A test may take 20 seconds, and ten times what it takes without a change."""


class Fate(StrEnum):
    """What became of a mutant."""

    NOTICED = "noticed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"
    UNREACHED = "unreached"


def _too_slow(*_: Any) -> None:
    raise TimeoutError


class Trials:
    """A plugin of pytest that takes the place of its loop."""

    def __init__(
        self,
        finder: Finder,
        mutants: Sequence[Mutant],
        *,
        controls: int,
        budget_s: float,
        kept: Path,
        prepared: str,
    ) -> None:
        self.all_mutants, self.code = finder.mutants, finder.code
        self.mutants, self.controls, self.budget_s, self.kept = mutants, controls, budget_s, kept
        self.prepared = prepared
        self.fates: list[tuple[Mutant, Fate, str]] = []
        self.false: list[str] = []
        """Tests that failed though nothing was changed."""
        self._failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Hear of a test that failed."""
        self._failed |= report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn once which tests reach which lines, then try each mutant."""
        if session.testsfailed:
            raise session.Interrupted("not every test can be loaded")
        self._items = {item.nodeid: item for item in session.items}
        if self.prepared:
            activate("")
            pkgutil.resolve_name(self.prepared)()
        gc.freeze()  # what is loaded is shared with every copy: a collection would touch all of it
        seen = self.kept / "reached.json"
        learnt = json.loads(seen.read_text()) if seen.exists() else {}
        if learnt.get("code") != self.code:
            learnt = {"code": self.code, "tests": {}, "slow": [], "failed": [], "reached": {}}
        if self._items.keys() - learnt["tests"].keys():
            self._fork(lambda: self._learn(learnt, seen), 3600)
            learnt = json.loads(seen.read_text())
        self._costs: dict[str, tuple[float, float]] = learnt["tests"]
        self._reached: dict[str, dict[str, list[str]]] = learnt["reached"]
        self._slow = set(learnt["slow"])
        self.false += learnt["failed"]
        for number, mutant in enumerate(self.mutants):
            fate, by = self._try(mutant)
            self.fates.append((mutant, fate, by))
            sys.stdout.write(f"{number + 1:4} {fate:9} {mutant.name} {by}\n")
            sys.stdout.flush()
        step = max(1, len(self.mutants) // max(1, self.controls))
        for mutant in self.mutants[::step][: self.controls]:
            fate, by = self._try(mutant, name="")
            self.false += [by] if fate in {Fate.NOTICED, Fate.TIMED_OUT} else []
        return True

    def _learn(self, learnt: dict[str, Any], seen: Path) -> None:
        """Run every test that is new since the code changed once, nothing changed."""
        coverage = Coverage(
            data_file=None, config_file=False, include=sorted({mutant.file for mutant in self.all_mutants})
        )
        signal.signal(signal.SIGPROF, _too_slow)
        with coverage.collect():
            for name in self._items.keys() - learnt["tests"].keys():
                coverage.switch_context(name)
                began = time.monotonic(), time.process_time()
                signal.setitimer(signal.ITIMER_PROF, self.budget_s)
                good = self._run(self._items[name])
                signal.setitimer(signal.ITIMER_PROF, 0)
                costs = time.monotonic() - began[0], time.process_time() - began[1]
                learnt["tests"][name] = costs
                if not good:
                    learnt["slow" if costs[1] > self.budget_s else "failed"].append(name)
        data = coverage.get_data()
        for file in data.measured_files():
            lines = learnt["reached"].setdefault(file, {})
            for line, tests in data.contexts_by_lineno(file).items():
                lines[str(line)] = lines.get(str(line), []) + [test for test in tests if test]
        seen.write_text(json.dumps(learnt))

    def _run(self, item: pytest.Item) -> bool:
        self._failed = False
        # No test follows, so that what a test shares with the next is put up anew and cannot hide a change.
        try:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        except (TypeError, Warning):  # cut off where pytest cannot say where: its fixtures still stand
            item.session._setupstate.teardown_exact(None)
            self._failed = True
        return not self._failed

    def _tests(self, mutant: Mutant) -> list[str]:
        """Give the tests that reach the change, as many as the budget allows.

        Quick ones come first, and one of each function and file before a second: they look at other things.
        """
        lines = self._reached.get(mutant.file, {})
        # Neither a part of an expression nor a default value has a line that runs: its neighbours tell.
        found = next((lines[str(line)] for line in mutant.lines if lines.get(str(line))), [])
        usable = (set(found) & self._items.keys()) - set(self.false) - self._slow
        order, many = {}, Counter[str]()
        for name in sorted(usable, key=lambda test: self._costs[test][1]):
            file, function = name.partition("::")[0], name.partition("[")[0]
            order[name] = (many[function], many[file])
            many.update((function, file))
        tests, spent = [], 0.0
        for name in sorted(order, key=order.__getitem__):
            spent += self._costs[name][1]
            if tests and spent > self.budget_s:
                break
            tests.append(name)
        return tests

    def _try(self, mutant: Mutant, name: str | None = None) -> tuple[Fate, str]:
        tests = self._tests(mutant)
        if not tests:
            return Fate.UNREACHED, ""
        said = self.kept / "running"

        def attempt() -> None:
            activate(mutant.name if name is None else name)
            for test in tests:
                said.write_text(test)
                signal.alarm(int(PATIENCE[0] + PATIENCE[1] * self._costs[test][0]))
                if not self._run(self._items[test]):
                    os._exit(1)

        status = self._fork(attempt, 1800)
        if status == 0:
            return Fate.SURVIVED, f"{len(tests)} tests"
        ended_by_alarm = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM
        return (Fate.TIMED_OUT if ended_by_alarm else Fate.NOTICED), said.read_text()

    def _fork(self, work: Callable[[], Any], limit_s: int) -> int:
        """Do the work in a copy of this process, and end whatever it leaves behind; give its status."""
        failure = self.kept / "failure.txt"
        child = os.fork()
        if child == 0:
            os.setsid()
            silence = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(silence, stream)
            signal.alarm(limit_s)
            try:
                work()
            except BaseException:  # noqa: BLE001 - a mutant may end the program in any way
                failure.write_text(traceback.format_exc())
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        return status

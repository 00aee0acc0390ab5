"""The command line as a person runs it: a process in an empty folder."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app import build
from bot.settings import Settings

Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(**extra: str) -> dict[str, str]:
    """Give this machine's environment without settings of Languette, plus `extra` (`undo_s="0"`)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BOT_")}
    return kept | {f"BOT_{name.upper()}": value for name, value in extra.items()}


@pytest.fixture(autouse=True)
def installed(tmp_path: Path) -> Path:
    """The data folder of an installation in the test's folder: empty, migrated."""
    folder = tmp_path / "data"
    build(Settings(data_dir=folder, _env_file=None)).close()  # type: ignore[call-arg]
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run `bot …` in the test's folder: `run("notices", "list", code=0, stdin="", undo_s="0")`."""

    def call(*args: str, code: int | None = 0, stdin: str = "", **settings: str):
        done = subprocess.run(
            [sys.executable, "-m", "bot", *args],
            cwd=tmp_path,
            env=environment(**settings),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if code is not None:
            assert done.returncode == code, f"{args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return call


@pytest.fixture
def data(run: Run) -> Callable[..., Any]:
    """Run a command that prints JSON and give what it says."""

    def call(*args: str, **more: Any) -> Any:
        return json.loads(run(*args, **more).stdout)

    return call


@pytest.fixture
def submit(run: Run) -> Callable[..., str]:
    """Send a notice and give its status link."""

    def call(title: str = "Welder", **more: Any) -> str:
        words = ("--place", "Lille", "--text", "Ten years of TIG welding.", "--name", "Moussa")
        return run("submit", "--title", title, *words, "--consent", **more).stdout.strip()

    return call

"""`bot run` as its operator meets it."""

import signal
import sqlite3
from pathlib import Path

import httpx
import pytest


def test_first_start_prints_pages_and_set_up_link(daemon):
    """With no configuration the daemon migrates, serves, and prints its pages and a one-time link."""
    one = daemon().start()
    for path in ("/fr/", "/fr/join", "/fr/impact", "/fr/admin"):
        assert f"{one.url}{path}" in one.said
    assert httpx.get(one.setup_link()).status_code == 200
    assert httpx.get(f"{one.url}/healthz").status_code == 200


def test_nothing_is_written_outside_data(daemon, tmp_path: Path):
    """A start writes the data folder and nothing else."""
    one = daemon().start()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "err.txt", "out.txt"]
    assert oct((tmp_path / "data" / "secret.key").stat().st_mode)[-3:] == "600"
    one.stop()


def test_second_daemon_is_refused(daemon):
    """A second daemon on the same data ends at once with a sentence that says what to do."""
    one = daemon().start()
    other = daemon()
    refused = other.bot("run")
    assert refused.returncode == 6
    assert f"A daemon already runs on data (process {one.process.pid})" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_is_clean(daemon, tmp_path: Path, number: int):
    """SIGTERM and Ctrl-C end the daemon within 5 s with exit code 0 and a sound database."""
    one = daemon().start()
    with httpx.Client(base_url=one.url) as idle:
        idle.get("/fr/")  # a kept-alive connection must not hold the stop up
        code, took = one.stop(number)
    assert code == 0
    assert took < 5
    with sqlite3.connect(tmp_path / "data" / "languette.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert "Traceback" not in (tmp_path / "err.txt").read_text()


def test_port_in_use_is_said(daemon):
    """A taken port gives a sentence and exit code 5."""
    one = daemon().start()
    refused = one.bot("run", "--data-dir", "other")
    assert refused.returncode == 5
    assert "Choose another with --port" in refused.stderr


def test_bad_setting_is_named(daemon):
    """A setting that cannot be used is named, with exit code 5."""
    refused = daemon(time_zone="Europe/Lilel").bot("run")
    assert refused.returncode == 5
    assert "time_zone" in refused.stderr
    assert "Traceback" not in refused.stderr

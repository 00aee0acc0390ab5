"""`bot run` as its operator meets it."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
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


def test_nobody_else_reads_the_first_run(daemon, tmp_path: Path):
    """Folder, database and log are this user's alone while the very first daemon still runs."""
    before = os.umask(0o022)
    try:
        one = daemon().start()
    finally:
        os.umask(before)
    data = tmp_path / "data"
    found = {path.name: path.stat().st_mode & 0o077 for path in (data, *data.glob("languette.db*"))}
    assert {"languette.db", "languette.db-wal"} < found.keys()
    assert not any(found.values()), found
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


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ('modes = ["automatic"]\n[consent]\nautomatic = "found"', "docs.x.com/developer-terms/policy"),
        ('modes = ["by_hand", "automatic"]\ncap_day = 40', "no bulk, aggressive or spammy actions"),
        ('modes = ["by_hand", "automatic"]', "needs x_client_id, x_client_secret, x_budget_day_usd"),
    ],
)
def test_automatic_boosts_that_x_forbids_stop_the_start(daemon, tmp_path: Path, policy: str, says: str):
    """The rule is named with its source; what X allows still needs credentials and a budget."""
    (tmp_path / "config/networks").mkdir(parents=True)
    (tmp_path / "config/networks/x.toml").write_text(policy, encoding="utf-8")
    refused = daemon().bot("run")
    assert refused.returncode == 5
    assert says in refused.stderr


def test_half_sent_body_does_not_hold_the_stop(daemon):
    """A form that stops arriving keeps nobody waiting: SIGTERM still ends the daemon within 5 s, code 0."""
    one = daemon().start()
    form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 5000"
    head = f"POST /fr/ HTTP/1.1\r\nHost: x\r\n{form}"
    with socket.create_connection(("127.0.0.1", one.port)) as slow:
        slow.sendall(f"{head}\r\n\r\nabc".encode())
        time.sleep(0.5)
        code, took = one.stop()
    assert code == 0
    assert took < 5


def test_stop_while_starting_is_clean(daemon, tmp_path: Path):
    """SIGTERM before the first page is served ends with code 0, and the next start works."""
    one = daemon()
    with (tmp_path / "early.txt").open("w") as sink:
        early = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"], cwd=tmp_path, env=one.env, stdout=sink, stderr=sink
        )
        while not (tmp_path / "data").exists():  # the program has begun its work
            time.sleep(0.01)
        early.terminate()
        assert early.wait(20) == 0
    one.start().stop()


@pytest.mark.parametrize("request_line", ["OPTIONS * HTTP/1.1", "GET foo HTTP/1.1", "GET /fr HTTP/1.1"])
def test_odd_request_lines_are_answered(daemon, request_line: str):
    """A request line no browser sends gets an answer below 500."""
    one = daemon().start()
    with socket.create_connection(("127.0.0.1", one.port)) as line:
        line.sendall(f"{request_line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = line.recv(200).decode()
    assert int(answer.split()[1]) < 500, answer


def test_an_error_never_logs_what_was_typed(daemon, tmp_path: Path):
    """A page that breaks logs a short traceback without the values of its frames."""
    one = daemon().start()
    with sqlite3.connect(tmp_path / "data" / "languette.db") as database:
        database.execute("alter table admin rename to gone")
    answer = httpx.post(
        f"{one.url}/fr/admin/login", data={"name": "Ada", "password": "MY-SECRET-PASSPHRASE-1"}, timeout=30
    )
    assert answer.status_code in {500, 503}
    logged = (tmp_path / "err.txt").read_text()
    assert "page_failed" in logged
    assert "MY-SECRET" not in logged
    assert len(logged) < 20_000


def test_a_file_that_is_no_database_is_named(daemon, tmp_path: Path):
    """A damaged database gives a sentence and exit code 6."""
    one = daemon()
    one.start().stop()
    for name in ("languette.db-wal", "languette.db-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    (tmp_path / "data" / "languette.db").write_bytes(b"this is not a database" * 100)
    refused = one.bot("run")
    assert refused.returncode == 6, refused.stderr
    assert "cannot be used" in refused.stderr

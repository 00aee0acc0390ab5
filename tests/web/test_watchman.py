"""What the log says of attempts on the site: each limit, lock and role that held, in ids and codes only."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.model.access import Role
from bot.moderation import lockout
from bot.storage import admins as stored
from bot.trust.passwords import hash_password
from bot.web import gate, watchman
from tests.conftest import NOW
from tests.web.visitor import NOTICE, Visitor

ROOT = Path(__file__).parents[2]
PASSWORD = "seven green bicycles"
ADDRESS = "198.51.100.7"
BEHIND = {"x-forwarded-for": ADDRESS}
CSP_REPORT = {
    "csp-report": {
        "document-uri": "http://127.0.0.1:8000/fr/n/a-personal-link-0001",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/a.js",
    }
}


@pytest.fixture(scope="module")
def password_hash() -> str:
    """Hash the password once: argon2id is slow on purpose."""
    return hash_password(PASSWORD)


@pytest.fixture
def visitor(app, password_hash) -> Visitor:
    """A browser at a site with one admin, Camille, number 1, who is a reader."""
    app.store.run_write(stored.add, "Camille", password_hash, Role.READER, NOW)
    return Visitor(app)


def heard(act) -> list[dict]:
    """Give what is logged meanwhile."""
    with capture_logs() as lines:
        act()
    return lines


def log_in(visitor: Visitor, password: str, name: str = "Camille"):
    """Send the log-in form."""
    return visitor.post("/en/admin/login", {"name": name, "password": password}, headers=BEHIND)


def test_log_ins_are_logged(visitor):
    """A wrong password says from where and at which name, as hashes; a log-in whose; a lock that it held."""
    wrong, again, other = (
        heard(lambda name=name: log_in(visitor, "wrong", name))[0]
        for name in ("Camille", "camille", "Nobody")
    )
    assert (wrong["event"], wrong["factor"], wrong["log_level"]) == ("answer_wrong", "password", "warning")
    assert wrong["route"] == "/{lang}/admin/login"
    assert wrong["who"] == again["who"] != other["who"]
    assert wrong["origin"] == other["origin"] != ""
    (entered,) = heard(lambda: log_in(visitor, PASSWORD))
    assert (entered["event"], entered["admin"], entered["log_level"]) == ("admin_entered", 1, "info")
    visitor.forget()
    door = visitor.site.state.lock_out.for_password("Camille", device="", network=ADDRESS)
    for _ in range(lockout.TRIES):
        door.failed(NOW)
    assert heard(lambda: log_in(visitor, PASSWORD))[0]["event"] == "answer_locked"


def test_factors_and_proofs_are_logged(visitor):
    """A wrong code of a new app, and a wrong proof before a dangerous act, name the admin and the factor."""
    log_in(visitor, PASSWORD)
    for path, sent, factor in (
        ("/en/admin/factor", {"nonce": "x", "code": "000000"}, "new code"),
        ("/en/admin/prove", {"code": "wrong"}, "proof"),
        ("/en/admin/password", {"present": "wrong"}, "password"),
    ):
        (line,) = heard(lambda path=path, sent=sent: visitor.post(path, sent))
        assert (line["event"], line["factor"], line["admin"]) == ("answer_wrong", factor, 1), path


def test_refusals_by_role_are_logged(visitor):
    """An admin who asks for more than the role covers is logged with both roles and the page."""
    log_in(visitor, PASSWORD)
    (line,) = heard(lambda: visitor.get("/en/admin/admins"))
    assert (line["event"], line["admin"], line["role"], line["needed"]) == (
        "role_refused",
        1,
        "reader",
        "operator",
    )
    assert line["route"] == "/{lang}/admin/admins"


@pytest.mark.parametrize("path", ["/fr/n/no-such-link-00000000", "/fr/inbox/no-such-link-00000000"])
def test_links_that_open_nothing_are_logged(visitor, path):
    """A personal link that nobody has is logged by its page; the link itself is not."""
    (line,) = heard(lambda: visitor.get(path))
    assert line["event"] == "link_unknown"
    assert "no-such-link" not in json.dumps(line)
    assert heard(lambda: visitor.get("/fr/nothing")) == []


def test_forms_that_are_refused_are_logged(visitor):
    """Forms from elsewhere, too large, unreadable, filled by a program, beyond a limit: each by its code."""
    unreadable = {"content": b"x", "headers": {"content-type": "multipart/form-data"}}
    visitor.send(title="")
    for act, event, code in (
        (
            lambda: visitor.post("/fr/", dict(NOTICE), headers={"sec-fetch-site": "cross-site"}),
            "form_from_elsewhere",
            {},
        ),
        (lambda: visitor.send(text="x" * 200_000), "form_unreadable", {"status": 413}),
        (lambda: visitor.ask("POST", "/fr/", **unreadable), "form_unreadable", {"status": 400}),
        (lambda: visitor.send(confirm_empty="x"), "form_hurried", {"cause": "trap"}),
        (lambda: visitor.send(shown=visitor.shown(0)), "form_hurried", {"cause": "fast"}),
        (lambda: visitor.send(shown=visitor.shown(90_000)), "form_hurried", {"cause": "old"}),
    ):
        (line,) = heard(act)
        assert (line["event"], {name: line[name] for name in code}) == (event, code)


@pytest.mark.parametrize(
    ("limit", "times", "sent"),
    [
        ("tries", gate.TRIES_MOST, {}),
        ("sent", gate.SENT_MOST, {}),
        ("slow", gate.SLOW_MOST, {"work": ""}),
    ],
)
def test_limits_met_are_logged(visitor, limit, times, sent):
    """Each limit before the form of notices says which it was."""
    network = visitor.app.keys.digest("form-network", ADDRESS)
    key = {"tries": network, "sent": f"sent {network}", "slow": "sent"}[limit]
    for _ in range(times):
        getattr(visitor.site.state.gate, limit).count(key, NOW)
    (line,) = heard(lambda: visitor.send(behind=ADDRESS, **sent))
    assert (line["event"], line["limit"]) == ("form_held", "unworked" if limit == "slow" else limit)


def test_the_log_cannot_be_flooded(visitor, clock):
    """After sixty lines of an event in a minute one says that more are withheld; then it goes on."""
    lines = heard(lambda: [visitor.get("/fr/n/no-such-link-00000000") for _ in range(watchman.MOST + 5)])
    assert [line["event"] for line in lines] == ["link_unknown"] * watchman.MOST + ["events_withheld"]
    assert lines[-1]["of"] == "link_unknown"
    clock.advance(watchman.PER + timedelta(seconds=1))
    assert heard(lambda: visitor.get("/fr/n/no-such-link-00000000"))[0]["event"] == "link_unknown"


def test_origins_cannot_be_followed_for_longer_than_a_day(visitor, clock):
    """The same network has another mark tomorrow, and none of them is its address."""
    today = heard(lambda: log_in(visitor, "wrong"))[0]
    clock.advance(timedelta(days=1))
    tomorrow = heard(lambda: log_in(visitor, "wrong"))[0]
    assert today["origin"] != tomorrow["origin"]
    assert ADDRESS not in json.dumps([today, tomorrow])


@pytest.mark.parametrize(
    ("report", "codes"),
    [
        (CSP_REPORT, {"directive": "script-src-elem", "blocked": "address"}),
        (
            {"csp-report": {"effective-directive": "style-src-attr", "blocked-uri": "inline", "x": "words"}},
            {"directive": "style-src-attr", "blocked": "inline"},
        ),
        (
            {"csp-report": {"effective-directive": "words of somebody"}},
            {"directive": "unknown", "blocked": "unknown"},
        ),
        ({"csp-report": {"blocked-uri": "http://[::1"}}, {"directive": "unknown", "blocked": "unknown"}),
    ],
)
def test_violations_of_the_policy_are_logged(visitor, report, codes):
    """A browser's report is logged by two codes; no address and no word of it is."""
    (line,) = heard(lambda: visitor.ask("POST", "/reports/csp", content=json.dumps(report)))
    assert {name: line[name] for name in codes} == codes
    assert line["event"] == "csp_violated"
    assert not re.search("personal-link|evil|words", json.dumps(line))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"3",
        b"[]",
        b'["x", {"body": 3}]',
        b'{"csp-report": []}',
        b"[" * 9_000,
        b" " * 20_000 + b"{}",
    ],
)
def test_what_is_no_report_is_dropped(visitor, body):
    """Whatever else is sent there is answered the same, and nothing is logged."""
    answers = []
    assert heard(lambda: answers.append(visitor.ask("POST", "/reports/csp", content=body))) == []
    assert answers[0].status_code == 204


def test_nobody_elses_site_reports_here(visitor):
    """A report that another site sends is refused like any form of theirs."""
    sent = {"content": json.dumps(CSP_REPORT), "headers": {"sec-fetch-site": "cross-site"}}
    answers = []
    (line,) = heard(lambda: answers.append(visitor.ask("POST", "/reports/csp", **sent)))
    assert (answers[0].status_code, line["event"]) == (403, "form_from_elsewhere")


def test_every_event_is_explained():
    """The page of events has a line for each event that the program logs, and no other."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    logged = set(re.findall(r"\blog\.(?:info|warning|error|exception)\(\s*\"(\w+)\"", written))
    logged |= set(re.findall(r"watchman\.note\(\s*[^,]+, \"(\w+)\"", written))
    page = (ROOT / "docs/reference/events.md").read_text(encoding="utf-8")
    assert len(logged) > 30
    assert sorted(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == sorted(logged)

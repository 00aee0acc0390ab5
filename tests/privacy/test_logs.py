"""Logs carry opaque ids only: two people's whole story at DEBUG, with every word looked for."""

import sys
import time

import structlog

from bot import logs, ticks
from bot.model.journal import CLI
from bot.privacy import erasure
from tests.clocks import StillClock
from tests.privacy.people import SEEKERS_WORDS, VOLUNTEERS_WORDS, story
from tests.web.visitor import Visitor

PASSWORD = "correct horse battery nobody knows"


def test_no_word_of_anybody_is_logged(app, clock: StillClock, capsys, settings):
    """Pages, ticks, failures and erasure at DEBUG, as JSON and as text: events, and 0 words or tokens."""
    for as_json in (True, False):
        debug = settings.model_copy(update={"log_level": "debug", "log_json": as_json})
        before = structlog.get_config()
        try:
            logs.set_up(debug)
            tokens = live(app, clock) if as_json else look_again(app)
        finally:
            structlog.configure(**before)
        logged = capsys.readouterr().err
        assert "logged_for_the_test" in logged, "the search would find something"
        words = (*SEEKERS_WORDS, *VOLUNTEERS_WORDS, PASSWORD, *tokens)
        assert [word for word in words if word.lower() in logged.lower()] == []


def live(app, clock: StillClock) -> tuple[str, ...]:
    """Let the two people live their story through functions and pages; give their tokens."""
    structlog.get_logger().info("logged_for_the_test")
    people = story(app, clock)
    visitor = Visitor(app)
    visitor.send(title="Zymologist", place="Quimperlé", name="Perpetua", email="perpetua.quill@example.org")
    visitor.send(title="", name="Perpetua", text="mornings only in the cellar")
    for rest in ("", "/data", "/data.json", "/change", "/erase"):
        assert visitor.get(f"/fr/n/{people.seeker_token}{rest}").status_code == 200
    for rest in ("", "/data", "/history", "/settings"):
        assert visitor.get(f"/fr/inbox/{people.volunteer_token}{rest}").status_code == 200
    visitor.post("/fr/admin/login", {"name": "Perpetua", "password": PASSWORD})
    visitor.post("/fr/find", {"link": f"https://example.org/fr/n/{people.seeker_token}"})
    for tick in ticks.every(app):
        if tick.name != "backup":
            ticks.run(app, tick)
    ticks.run(app, ticks.Tick("broken", 60, _break))
    now, ledger = clock.now(), app.ledger()
    erasure.erase_seeker(app.store, ledger, people.seeker, now=now, actor=CLI)
    erasure.erase_volunteer(app.store, ledger, people.volunteer, now=now, actor=CLI)
    return people.seeker_token, people.volunteer_token


def look_again(app) -> tuple[str, ...]:
    """Visit as text is logged."""
    structlog.get_logger().info("logged_for_the_test", at=round(time.time()), python=sys.version_info[0])
    Visitor(app).send(
        title="Zymologist", place="Quimperlé", name="Perpetua", email="perpetua.quill@example.org"
    )
    ticks.run(app, ticks.Tick("broken", 60, _break))
    return ()


def _break(app) -> dict[str, int]:
    """Fail as a constraint of the database does, with a person's words in the statement's values."""

    def write(session) -> None:
        from bot.storage import seekers

        seekers.add_keys(session, 987_654, {VOLUNTEERS_WORDS[1]: SEEKERS_WORDS[4]})

    app.store.run_write(write)
    return {}

"""`bot explain` and the pages say the same, in both languages: one function makes each sentence."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from bot.app import App
from bot.locale import say
from bot.model.journal import CLI
from bot.moderation import admins
from bot.planning import ask, prove
from bot.planning import round as planning
from bot.reporting import inquiry
from bot.roster import change
from bot.storage import boosts, rounds
from tests.conftest import NOW
from tests.web.visitor import Visitor

REGION = {
    "fr": "qui prend sa langue, sa région et son réseau a ",
    "en": "takes its language, its region and its network has ",
}


@pytest.fixture
def collective(app: App, make_notice: Any, make_volunteer: Any) -> Visitor:
    """Three people for one volunteer with one turn a day: one is asked, two are explained why not."""
    for n in range(3):
        make_notice(title=f"Welder {n}", region="32", token=f"seeker-{n}")
    make_volunteer(cap_day=1, spacing_min=0, token="volunteer-token")
    how = {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": NOW}
    for work in (planning.run, prove.run, ask.ask_due):
        app.store.run_write(work, **how)
    visitor = Visitor(app)
    app.store.run_write(admins.create, "Camille", "a few words in a row", now=NOW)
    visitor.cookies.set("admin", app.store.run_write(admins.log_in, 1, NOW))
    return visitor


def _read(visitor: Visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def _words(sentence: str) -> str:
    return " ".join(sentence.split())


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_why_no_more(app: App, collective: Visitor, lang: str):
    """Of every notice with a certificate, the pages of seeker and admin have the sentence of explain."""
    zone, told, named = app.settings.time_zone, 0, 0
    for number in (1, 2, 3):
        story = app.store.run_read(inquiry.notice, number, now=NOW + timedelta(seconds=1))
        if story.certificate is None:
            continue
        sentence = _words(say(story.why[-1], lang, zone))
        told += 1
        named += REGION[lang] in sentence
        assert sentence in _read(collective, f"/{lang}/admin/notice/{number}")
        assert sentence in _read(collective, f"/{lang}/n/seeker-{number - 1}")
    assert told >= 2
    assert named >= 1


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_why_me(app: App, collective: Visitor, lang: str):
    """The volunteer reads every sentence of `bot explain boost` on the card."""
    (boost,) = [one for one in app.store.run_read(boosts.listed) if one.asked_at]
    page = _read(collective, f"/{lang}/inbox/volunteer-token")
    story = app.store.run_read(inquiry.boost, boost.id)
    assert len(story.why) >= 3
    for message in story.why:
        assert _words(say(message, lang, app.settings.time_zone)) in page


def test_who_has_left_is_told_by_no_certificate(app: App, make_notice: Any, make_volunteer: Any):
    """Whoever was asked and left gives nothing any more: neither page nor command says the contrary."""
    make_notice(token="seeker")
    one = make_volunteer()
    how = {"settings": app.settings, "keys": app.keys, "networks": app.networks, "now": NOW}
    for work in (planning.run, prove.run, ask.ask_due):
        app.store.run_write(work, **how)
    assert app.store.run_read(rounds.certificate, 1)["best"] == 1
    app.store.run_write(change.leave, one.id, now=NOW, actor=CLI)
    app.store.run_write(planning.run, **how)
    story = app.store.run_read(inquiry.notice, 1, now=NOW + timedelta(seconds=1))
    said = [say(one, "en", app.settings.time_zone) for one in story.why]
    for text in (" ".join(said), _read(Visitor(app), "/en/n/seeker")):
        assert "There is no volunteer yet." in text
        assert "In the next 24 hours" not in text

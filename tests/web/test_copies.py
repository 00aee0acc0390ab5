"""A person's own data on the pages: seen, taken away, agreed to, erased."""

from datetime import timedelta

import pytest

from bot.app import App
from bot.intake import life
from bot.model.boost import BoostState
from bot.model.journal import Actor
from bot.model.moderation import Reason, Verdict
from bot.model.notice import NoticeState
from bot.moderation import decide
from bot.privacy import retention
from bot.storage import boosts, journal, notices, reports
from bot.web.copies import FIELDS, SECTIONS
from tests.clocks import NOW, StillClock
from tests.planned import plan_boost
from tests.privacy.people import SEEKERS_WORDS, VOLUNTEERS_WORDS, People, found_in, story
from tests.web.visitor import Read, Visitor

ALL_SEEN = ("Zymologist", "Perpetua", "perpetua.quill@example.org", "Kindly leave the cellar out of it.")


@pytest.fixture
def people(app: App, clock: StillClock) -> People:
    """Two people and their story."""
    return story(app, clock)


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A browser."""
    return Visitor(app)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_seeker_reads_all_that_is_kept(visitor: Visitor, people: People, lang: str):
    """Words, name, address, moderators' words and the text agreed to, with when and how; no token."""
    answer = visitor.get(f"/{lang}/n/{people.seeker_token}/data")
    page = Read(answer.text).text
    assert [word for word in ALL_SEEN if word not in page] == []
    shown = {"fr": "J’accepte que cette annonce soit publiée", "en": "send_notice"}[lang]
    assert shown in page
    assert "Balthazar" not in page


def test_a_volunteer_reads_all_that_is_kept(visitor: Visitor, people: People):
    """Name, handles, remarks and the charter as it was shown."""
    page = Read(visitor.get(f"/fr/inbox/{people.volunteer_token}/data").text).text
    for word in ("Balthazar", "balthazar@reeds.example", "smells of yeast", "Ni points, ni prix"):
        assert word in page


def test_the_files_hold_every_field(visitor: Visitor, people: People):
    """Both files are JSON to download; the page names only fields that they have."""
    seeker = visitor.get(f"/fr/n/{people.seeker_token}/data.json")
    volunteer = visitor.get(f"/fr/inbox/{people.volunteer_token}/data.json")
    for answer in (seeker, volunteer):
        assert answer.headers["content-disposition"].startswith("attachment;")
    text = seeker.text + volunteer.text
    assert [name for name in (*FIELDS, *SECTIONS) if f'"{name}"' not in text] == []


def test_a_seeker_erases_everything_from_the_page(app: App, visitor: Visitor, people: People):
    """Looking changes nothing; one button, and no file holds a word; the link is dead."""
    link = f"/fr/n/{people.seeker_token}"
    assert visitor.get(f"{link}/erase").status_code == 200
    assert "Zymologist" in visitor.get(link).text
    assert "effacées" in visitor.post(f"{link}/erase").text
    assert visitor.get(link).status_code == visitor.post(f"{link}/erase").status_code == 404
    words = tuple(word for word in SEEKERS_WORDS if word not in VOLUNTEERS_WORDS)
    assert found_in(app.settings.data_dir, words) == []


def test_a_volunteer_who_leaves_is_in_no_file(app: App, visitor: Visitor, people: People):
    """Leaving by the page is an erasure, and takes every consent back."""
    visitor.post(f"/fr/inbox/{people.volunteer_token}/leave")
    assert found_in(app.settings.data_dir, VOLUNTEERS_WORDS) == []
    kept = app.store.run_read(journal.consents, f"volunteer:{people.volunteer}")
    assert all(one["withdrawn_at"] for one in kept)


@pytest.mark.parametrize("later", [False, True])
def test_a_shown_name_is_taken_off_by_one_button(app: App, visitor: Visitor, make_notice, later: bool):
    """Before its words are erased or after: the name is off the impact page, the consent withdrawn."""
    notice = make_notice(name="Nadia", token="A" * 22)
    app.store.run_write(life.found_job, notice.id, show_name=True, now=NOW, actor=Actor("seeker"))
    if later:
        app.clock.moment = NOW.replace(day=NOW.day + 2)
        retention.sweep(app.store, app.ledger(), now=app.clock.now())
    link = f"/en/n/{'A' * 22}"
    assert "Nadia" in visitor.get(f"{link}/data").text
    visitor.get(f"{link}/hide-name")
    assert app.store.run_read(notices.get, notice.id).show_name
    visitor.post(f"{link}/hide-name")
    found = app.store.run_read(notices.get, notice.id)
    assert (found.show_name, found.words.name) == (False, "" if later else "Nadia")
    (consent,) = app.store.run_read(journal.consents, f"notice:{notice.id}")
    assert consent["withdrawn_at"]
    assert visitor.get(f"{link}/data").status_code == (404 if later else 200)


@pytest.mark.parametrize("verdict", [Verdict.ACCEPT, Verdict.REFUSE, Verdict.ASK])
def test_a_copy_tells_nothing_young_of_a_reported_notice(
    app: App, clock, visitor, make_notice, make_volunteer, verdict
):
    """It goes round and was reported: its state, its shares and its reports are as before the decision."""
    notice, volunteer = make_notice(token="A" * 22), make_volunteer()
    boost_id = app.store.run_write(plan_boost, notice, volunteer)
    app.store.run_write(boosts.move, boost_id, BoostState.DUE)
    why = {"why": "scam", "now": clock.now() - timedelta(minutes=5)}
    app.store.run_write(reports.add, notice_id=notice.id, volunteer_id=volunteer.id, **why)
    before = visitor.get(link := f"/fr/n/{'A' * 22}/data.json").json()
    app.store.run_write(
        decide.decide,
        notice.id,
        verdict,
        reason=None if verdict is Verdict.ACCEPT else Reason.SCAM,
        now=clock.now(),
        settings=app.settings,
        admin_id=None,
        undo=timedelta(seconds=app.settings.undo_s),
    )
    assert visitor.get(link).json() == before


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_copy_tells_no_decision_that_can_still_be_undone(app: App, clock, visitor, make_notice, verdict):
    """Like the page: neither the decision nor its note, state or line in the journal; once it stands, all."""
    notice = make_notice(state=NoticeState.PENDING, text="Appelez le 06 12 34 56 78.", token="A" * 22)
    before = visitor.get(link := f"/fr/n/{'A' * 22}/data.json").json()
    reason = Reason.SCAM if verdict in {Verdict.REFUSE, Verdict.ASK} else None
    values = {"settings": app.settings, "admin_id": None, "undo": timedelta(seconds=app.settings.undo_s)}
    app.store.run_write(
        decide.decide, notice.id, verdict, reason=reason, note="Une pensée", now=clock.now(), **values
    )
    assert visitor.get(link).json() == before
    assert "Une pensée" not in visitor.get(link.removesuffix(".json")).text
    clock.advance(timedelta(seconds=app.settings.undo_s))
    (stands,) = visitor.get(link).json()["notices"][0]["decisions"]
    assert (stands["verdict"], stands["note"]) == (verdict.value, "Une pensée")
    assert "person_id" not in str(stands)
    assert "Une pensée" in visitor.get(link.removesuffix(".json")).text

"""Notices with the same address, post, author or browser: a moderator says whose they are, nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import ConflictError
from bot.intake import form, life
from bot.intake.submit import submit
from bot.model.journal import Actor
from bot.model.moderation import Reason, Verdict
from bot.model.notice import NoticeState
from bot.moderation import decide as moderation
from bot.moderation import outside, queue
from bot.storage import notices, twins
from tests.clocks import NOW
from tests.intake.test_form import FULL

SEEKER = Actor("seeker")
UNDO = timedelta(seconds=30)
HERS = {"email": "nadia@example.org"}


def post(number):
    """Name a post of one account."""
    return {"has_post": "yes", "link": f"https://x.com/bb_v/status/{number}"}


@pytest.fixture
def send(app):
    """Send a form; give its notice."""

    def run(*, browser=None, **values):
        plain = {"has_post": "no", "link": "", "email": ""}
        draft, _ = form.read(replace(FULL, **(plain | values)), app.networks)
        kept = {"settings": app.settings, "keys": app.keys, "now": NOW, "actor": SEEKER}
        return app.store.run_write(submit, draft, browser=browser, **kept).notice

    return run


@pytest.fixture
def decide(app):
    """Decide on a notice."""

    def run(notice, verdict, *, at=NOW, **values):
        kept = {"settings": app.settings, "admin_id": None, "now": at, "undo": UNDO}
        return app.store.run_write(moderation.decide, notice.id, verdict, **kept, **values)

    return run


@pytest.fixture
def now_is(app):
    """Read a notice anew."""
    return lambda notice: app.store.run_read(notices.get, notice.id)


def found(app, notice):
    """Let its seeker have found a job."""
    app.store.run_write(life.found_job, notice.id, show_name=False, now=NOW, actor=SEEKER)


def back(app, notice):
    """Let them not have found it after all."""
    return app.store.run_write(life.undo_found_job, notice.id, now=NOW, actor=SEEKER)


def test_nobody_goes_round_twice_at_once(app, send, decide, now_is):
    """Beside a twin that goes round a notice is accepted only once that one has ended."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    with pytest.raises(ConflictError, match=f"Notice {one.id}, with the same address"):
        decide(two, Verdict.ACCEPT)
    found(app, one)
    decide(two, Verdict.ACCEPT)
    assert now_is(two).state is NoticeState.ACTIVE


def test_what_a_stranger_sends_hinders_nobody(send, decide, now_is):
    """A form in her name that waits keeps hers from nothing."""
    hers = send(**HERS)
    send(**HERS)
    decide(hers, Verdict.ACCEPT)
    assert now_is(hers).state is NoticeState.ACTIVE


def test_sending_again_gains_nothing(app, send, decide, now_is):
    """Accepted after an earlier one of the same person, one counts with it and has the rest of its round."""
    one = send(**HERS)
    decide(one, Verdict.ACCEPT)
    found(app, one)
    two = send(**HERS)
    assert two.person_id == two.seeker_id
    made = decide(two, Verdict.ACCEPT, at=NOW + timedelta(hours=1))
    assert now_is(two).person_id == one.person_id
    assert now_is(two).deadline == now_is(one).deadline
    app.store.run_write(moderation.undo, made.id, admin_id=None, now=NOW + timedelta(hours=1), undo=UNDO)
    assert now_is(two).person_id == two.seeker_id


def test_a_moderator_tells_two_people_apart(send, decide, now_is, app):
    """Somebody went round in her name: hers goes round beside it, with turns of its own."""
    his, hers = send(**HERS), send(**HERS)
    decide(his, Verdict.ACCEPT)
    decide(hers, Verdict.ACCEPT, at=NOW + timedelta(hours=1), apart=True)
    assert now_is(hers).state is NoticeState.ACTIVE
    assert now_is(hers).person_id == hers.seeker_id
    assert now_is(hers).deadline > now_is(his).deadline
    assert now_is(hers).demand == app.settings.boosts_wanted


def test_naming_two_people_makes_them_one_to_nobody(app, send, decide, now_is):
    """A stranger's form with the address of one and the account of another, accepted, joins nobody."""
    hers, theirs = send(**HERS), send(**post(1))
    for one in (hers, theirs):
        decide(one, Verdict.ACCEPT)
    found(app, theirs)
    evil = send(**HERS, **post(2))
    with pytest.raises(ConflictError):
        decide(evil, Verdict.ACCEPT)
    decide(evil, Verdict.ACCEPT, apart=True)
    assert now_is(evil).person_id == evil.seeker_id
    found(app, evil)
    again = send(**post(3))
    decide(again, Verdict.ACCEPT)
    assert now_is(again).person_id == again.seeker_id


def test_a_change_without_the_address_loses_no_twin(app, send, decide):
    """The form comes back without the address; what was given before is remembered."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    draft, _ = form.read(form.filled(two, None), app.networks, consent_given=True)
    app.store.run_write(life.edit, two.id, draft, keys=app.keys, now=NOW, actor=SEEKER)
    assert app.store.run_read(twins.still_open, [two.id]) == {two.id: [one.id]}
    with pytest.raises(ConflictError):
        decide(two, Verdict.ACCEPT)


def test_an_undone_refusal_brings_nobody_round_twice(app, send, decide):
    """Reported, refused, replaced: the refusal cannot be undone while the other goes round."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    app.store.run_write(outside.receive, one.id, why="x", contact="", now=NOW + timedelta(minutes=5))
    at = NOW + timedelta(minutes=7)
    refusal = decide(one, Verdict.REFUSE, at=at, reason=Reason.SCAM)
    decide(two, Verdict.ACCEPT, at=at)
    with pytest.raises(ConflictError, match="moved on"):
        app.store.run_write(moderation.undo, refusal.id, admin_id=None, now=at, undo=UNDO)


@pytest.mark.parametrize("verdict", [Verdict.ASK, Verdict.ACCEPT])
def test_the_way_back_tells_nothing_of_others(app, send, decide, verdict):
    """A job not found after all: a notice is as it was, whoever else sent one."""
    alone, beside = send(email="ana@example.org"), send(**HERS)
    for one in (alone, beside):
        decide(one, verdict, note="?" if verdict is Verdict.ASK else "")
        found(app, one)
    send(**HERS)
    assert back(app, alone).state is back(app, beside).state


def test_beside_a_later_one_of_the_same_person_it_waits(app, send, decide):
    """A moderator has accepted the later one: the earlier is read again before it goes round."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    found(app, one)
    decide(two, Verdict.ACCEPT)
    assert back(app, one).state is NoticeState.PENDING


def test_moderators_see_twins_and_their_shares(app, send):
    """Each of two open ones is flagged beside the other; the page lists them."""
    one, two = send(**HERS), send(**HERS)
    for mine, other in ((one, two), (two, one)):
        case = app.store.run_read(queue.case, mine.id, now=NOW)
        assert case.twins == (other.id,)
        assert [flag.kind for flag in case.flags if flag.kind.value == "twin"]
        seen = app.store.run_read(queue.evidence, case)
        assert [notice.id for notice, _ in seen.earlier] == [other.id]

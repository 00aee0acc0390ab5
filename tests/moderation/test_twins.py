"""Notices with the same address, post, author or browser: a moderator says whose they are, nobody else."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import ConflictError, UsageError
from bot.intake import form, life
from bot.intake.submit import submit
from bot.model.journal import Actor
from bot.model.moderation import FlagKind, Reason, Verdict
from bot.model.notice import CloseReason, NoticeState
from bot.moderation import decide as moderation
from bot.moderation import outside, queue
from bot.storage import notices, seekers
from tests.clocks import NOW
from tests.intake.makers import still_open
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


@pytest.fixture
def two_of_one(app, send, decide):
    """Two notices of one person: the later goes round, the earlier came back since."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    found(app, one)
    decide(two, Verdict.ACCEPT)
    back(app, one)
    return one, two


def test_nobody_goes_round_twice_at_once(app, send, decide, now_is):
    """Beside a twin that goes round a notice is accepted only once that one has ended."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    with pytest.raises(ConflictError, match="Say whose turns"):
        decide(two, Verdict.ACCEPT)
    with pytest.raises(ConflictError, match=f"Notice {one.id} of this person"):
        decide(two, Verdict.ACCEPT, whose=one.id)
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
    decide(hers, Verdict.ACCEPT, at=NOW + timedelta(hours=1), whose=hers.id)
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
    decide(evil, Verdict.ACCEPT, whose=evil.id)
    assert now_is(evil).person_id == evil.seeker_id
    found(app, evil)
    again = send(**post(3))
    with pytest.raises(ConflictError, match="several people"):
        decide(again, Verdict.ACCEPT)
    decide(again, Verdict.ACCEPT, whose=theirs.id)
    assert now_is(again).person_id == theirs.person_id


def test_nobody_has_the_turns_of_what_never_went_round(app, send, decide, now_is):
    """Only a notice that went round, or the notice itself, can be named; once settled, nothing else."""
    other, unread, mine = send(**post(1)), send(**HERS), send(**HERS)
    decide(other, Verdict.ACCEPT)
    for wrong in (unread.id, 99):
        with pytest.raises(UsageError, match=f"Notice {wrong} is none"):
            decide(mine, Verdict.ACCEPT, whose=wrong)
    decide(mine, Verdict.ACCEPT)
    changed(app, mine, NOW + timedelta(hours=1))
    with pytest.raises(UsageError, match=f"Notice {other.id} is none"):
        decide(mine, Verdict.ACCEPT, whose=other.id, at=NOW + timedelta(hours=2))
    assert now_is(mine).person_id == mine.seeker_id


def test_the_same_words_may_be_the_same_person(app, send, decide, now_is):
    """Sent again without address, post and browser: not proposed, but a moderator can say so."""
    one = send()
    decide(one, Verdict.ACCEPT)
    app.store.run_write(life.withdraw, one.id, now=NOW, actor=SEEKER)
    again = send()
    seen = app.store.run_read(queue.case, again.id, now=NOW)
    whose = app.store.run_read(queue.evidence, seen).whose
    assert ([other.id for other in whose.people], whose.proposed) == ([one.id], again.id)
    decide(again, Verdict.ACCEPT, whose=one.id)
    assert (now_is(again).person_id, now_is(again).deadline) == (one.person_id, now_is(one).deadline)


def changed(app, notice, at=NOW):
    """Let its seeker send it once more, with the same words."""
    draft, _ = form.read(form.filled(notice, None), app.networks, consent_given=True)
    app.store.run_write(life.edit, notice.id, draft, keys=app.keys, now=at, actor=SEEKER)


def test_told_apart_a_notice_is_read_again_like_any_other(app, send, decide, now_is):
    """A stranger goes round in her name; hers, told apart, is changed: nothing need be said again."""
    his, hers = send(**HERS), send(**HERS)
    decide(his, Verdict.ACCEPT)
    decide(hers, Verdict.ACCEPT, whose=hers.id)
    changed(app, hers, NOW + timedelta(hours=1))
    seen = app.store.run_read(queue.case, hers.id, now=NOW)
    assert not app.store.run_read(queue.evidence, seen).whose.people
    decide(hers, Verdict.ACCEPT, at=NOW + timedelta(hours=2))
    assert now_is(hers).state is now_is(his).state is NoticeState.ACTIVE


def test_nobody_slips_in_while_a_notice_is_read_again(app, send, decide, now_is):
    """Hers went round and was changed: a stranger's is not accepted unseen beside it, and hers comes back."""
    hers = send(**HERS)
    decide(hers, Verdict.ACCEPT)
    changed(app, hers, NOW + timedelta(hours=1))
    his = send(**HERS)
    with pytest.raises(ConflictError, match="Say whose turns"):
        decide(his, Verdict.ACCEPT)
    decide(his, Verdict.ACCEPT, whose=his.id)
    decide(hers, Verdict.ACCEPT, at=NOW + timedelta(hours=2))
    assert now_is(hers).state is now_is(his).state is NoticeState.ACTIVE
    assert now_is(hers).person_id != now_is(his).person_id


def test_of_two_of_one_person_that_are_read_again_the_first_goes_round(app, two_of_one, decide, now_is):
    """The other waits until it has ended."""
    one, two = two_of_one
    changed(app, two, NOW + timedelta(hours=1))
    decide(one, Verdict.ACCEPT, at=NOW + timedelta(hours=2))
    with pytest.raises(ConflictError, match=f"Notice {one.id} of this person"):
        decide(two, Verdict.ACCEPT, at=NOW + timedelta(hours=2))
    assert now_is(one).person_id == now_is(two).person_id


def test_what_went_round_before_is_told_and_proposed(app, send, decide):
    """An ended twin whose round goes on would shorten this one's: the desk says so before it is accepted."""
    his = send(**HERS)
    decide(his, Verdict.ACCEPT)
    found(app, his)
    hers = send(**HERS)
    seen = app.store.run_read(queue.case, hers.id, now=NOW)
    twin = next(flag for flag in seen.flags if flag.kind is FlagKind.TWIN)
    assert (twin.message.params, twin.severe) == ({"ids": f"#{his.id}"}, False)
    whose = app.store.run_read(queue.evidence, seen).whose
    assert ([one.id for one in whose.people], whose.proposed) == ([his.id], his.id)


def test_all_twins_are_named(app, send):
    """One remark for those that have not ended, with the number of each."""
    sent = [send(**HERS) for _ in range(4)]
    seen = app.store.run_read(queue.case, sent[3].id, now=NOW)
    twin = next(flag for flag in seen.flags if flag.kind is FlagKind.TWIN)
    assert (twin.message.params, twin.severe) == ({"ids": "#1, #2, #3"}, True)


@pytest.mark.parametrize("ended", [False, True])
def test_no_reason_tells_of_a_twin(app, send, decide, ended):
    """“Duplicate” would say that there is another, or was."""
    hers = send(**HERS)
    decide(hers, Verdict.ACCEPT)
    if ended:
        found(app, hers)
    with pytest.raises(ConflictError, match="Duplicate"):
        decide(send(**HERS), Verdict.REFUSE, reason=Reason.DUPLICATE)


def test_a_contest_tells_nothing_of_others(app, send, decide, now_is):
    """Refused after it was joined to hers, a notice can be contested whether or not hers goes round again."""
    hers = send(**HERS)
    decide(hers, Verdict.ACCEPT)
    found(app, hers)
    his = send(**HERS)
    decide(his, Verdict.ACCEPT)
    app.store.run_write(outside.receive, his.id, why="x", contact="", now=NOW + timedelta(minutes=5))
    decide(his, Verdict.REFUSE, reason=Reason.SCAM, at=NOW + timedelta(minutes=7))
    assert back(app, hers).state is NoticeState.ACTIVE
    app.store.run_write(moderation.contest, his.id, now=NOW + timedelta(hours=1))
    assert now_is(his).state is NoticeState.PENDING


def test_a_change_without_the_address_loses_no_twin(app, send, decide):
    """The form comes back without the address; what was given before is remembered."""
    one, two = send(**HERS), send(**HERS)
    decide(one, Verdict.ACCEPT)
    changed(app, two)
    assert app.store.run_read(still_open, [two.id]) == {two.id: [one.id]}
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


def test_beside_a_later_one_of_the_same_person_it_waits(two_of_one, now_is):
    """A moderator has accepted the later one: the earlier is read again before it goes round."""
    assert now_is(two_of_one[0]).state is NoticeState.PENDING


def test_moderators_see_twins_and_their_shares(app, send):
    """Each of two open ones is flagged beside the other; the page lists them."""
    one, two = send(**HERS), send(**HERS)
    for mine, other in ((one, two), (two, one)):
        case = app.store.run_read(queue.case, mine.id, now=NOW)
        assert case.twins == (other.id,)
        assert [flag.kind for flag in case.flags if flag.kind.value == "twin"]
        seen = app.store.run_read(queue.evidence, case)
        assert [notice.id for notice, _ in seen.earlier] == [other.id]


def test_an_undone_question_brings_nobody_round_twice(app, two_of_one, decide, now_is):
    """Reported, asked for a change, the other accepted meanwhile: the question cannot be undone."""
    one, two = two_of_one
    app.store.run_write(outside.receive, two.id, why="x", contact="", now=NOW + timedelta(minutes=5))
    at = NOW + timedelta(minutes=7)
    slip = decide(two, Verdict.ASK, note="Which twon?", at=at)
    app.store.run_write(moderation.undo, slip.id, admin_id=None, now=at, undo=UNDO)
    assert now_is(two).state is NoticeState.ACTIVE, "the other only waits"
    question = decide(two, Verdict.ASK, note="Which town?", at=at)
    decide(one, Verdict.ACCEPT, at=at)
    with pytest.raises(ConflictError, match="moved on"):
        app.store.run_write(moderation.undo, question.id, admin_id=None, now=at, undo=UNDO)
    assert (now_is(one).state, now_is(two).state) == (NoticeState.ACTIVE, NoticeState.ASKED)


def test_a_refusal_that_nobody_has_read_keeps_nobody_from_withdrawing(app, send, decide, now_is):
    """Taken back while the refusal can be undone: the address goes, and the undo brings nothing back."""
    hers = send(**HERS)
    refusal = decide(hers, Verdict.REFUSE, reason=Reason.SCAM)
    app.store.run_write(life.withdraw, hers.id, now=NOW, actor=SEEKER)
    assert now_is(hers).close_reason is CloseReason.WITHDRAWN
    assert app.store.run_read(seekers.email_of, hers.seeker_id) is None
    with pytest.raises(ConflictError, match="moved on"):
        app.store.run_write(moderation.undo, refusal.id, admin_id=None, now=NOW, undo=UNDO)
    with pytest.raises(ConflictError):
        app.store.run_write(moderation.contest, hers.id, now=NOW + timedelta(hours=1))

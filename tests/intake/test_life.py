"""A notice from its sending to its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import App
from bot.errors import ConflictError, NotFoundError
from bot.intake import form, known, life
from bot.intake.submit import AlreadyActiveError, Submitted, submit
from bot.model.boost import BoostState
from bot.model.journal import Actor
from bot.model.moderation import Verdict
from bot.model.notice import CloseReason, Notice, NoticeState
from bot.model.volunteer import Volunteer
from bot.moderation.decide import decide
from bot.privacy import erasure, retention
from bot.storage import boosts, journal, notices, seekers, twins
from bot.trust.links import hash_token
from tests.conftest import NOW
from tests.intake.makers import still_open
from tests.intake.test_form import FULL
from tests.planned import plan_boost

SEEKER = Actor("seeker")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def send(app: App) -> Callable[..., Submitted]:
    """Send FULL with other values: `send(email="", browser=token)`."""

    def sent(*, browser: str | None = None, **values: object) -> Submitted:
        draft, errors = form.read(replace(FULL, **values), app.networks)  # type: ignore[arg-type]
        assert draft is not None, errors
        return app.store.run_write(
            submit,
            draft,
            settings=app.settings,
            keys=app.keys,
            now=NOW,
            actor=SEEKER,
            browser=browser,
        )

    return sent


@pytest.fixture
def boosted(app: App, make_notice: Callable[..., Notice], make_volunteer: Callable[..., Volunteer]) -> Notice:
    """An active notice with one boost done, one asked, one planned."""
    notice = make_notice()
    for index, states in enumerate([(), (BoostState.ASKED,), (BoostState.ASKED, BoostState.DECLARED)]):
        volunteer = make_volunteer()
        boost_id = app.store.run_write(plan_boost, notice, volunteer, due_at=NOW + index * HOUR)
        for state in states:
            app.store.run_write(boosts.move, boost_id, state)
    return notice


def states(app: App, notice: Notice) -> list[BoostState]:
    """Give the states of a notice's boosts."""
    return sorted(boost.state for boost in app.store.run_read(boosts.listed, notice_id=notice.id))


def test_sending_stores_a_pending_notice(app: App, send: Callable[..., Submitted]):
    """The notice waits for a moderator, matched by a guess, with the demand of the settings."""
    notice = send().notice
    assert notice.state is NoticeState.PENDING
    assert notice.demand == app.settings.boosts_wanted
    assert (notice.sector, notice.region) == ("H", "32")
    assert [post.remote_id for post in notice.posts] == ["12"]


def test_the_token_opens_the_notice_and_is_not_stored(app: App, send: Callable[..., Submitted]):
    """Only the hash of the status token is in the database."""
    sent = send()
    found = app.store.run_read(notices.by_token, hash_token(sent.token))
    assert found is not None
    assert found.id == sent.notice.id
    raw = app.settings.database.read_bytes() + app.settings.database.with_suffix(".db-wal").read_bytes()
    assert sent.token.encode() not in raw


def test_consent_is_recorded_with_the_version_of_its_text(app: App, send: Callable[..., Submitted]):
    """Who said yes to which version, in which language, by which act."""
    notice = send().notice
    (consent,) = app.store.run_read(journal.consents, f"notice:{notice.id}")
    assert (consent["purpose"], consent["text_version"], consent["lang"], consent["act"]) == (
        "publish_notice",
        "2",
        "fr",
        "send_notice",
    )
    assert consent["withdrawn_at"] is None


def test_the_journal_holds_no_words(app: App, send: Callable[..., Submitted]):
    """The journal says what happened with ids and codes only."""
    send()
    (entry,) = app.store.run_read(journal.read, action="notice.received")
    assert dict(entry.details) == {"network": "x"}


@pytest.mark.parametrize(
    "values",
    [
        {"has_post": "no"},
        {"email": "", "link": "https://twitter.com/Moussa/status/13"},
        {"email": "", "link": "https://x.com/i/status/12"},
        {"email": "MOUSSA@example.fr ", "link": "https://x.com/other/status/14"},
    ],
)
def test_a_second_open_notice_comes_in_beside_the_first(
    app: App, send: Callable[..., Submitted], values: dict[str, str]
):
    """Same e-mail, author or post: the sender is told nothing, moderators see which ones are open."""
    first = send()
    second = send(**values)
    assert second.notice.seeker_id != first.notice.seeker_id
    one, two = ids = [first.notice.id, second.notice.id]
    assert app.store.run_read(still_open, ids) == {one: [two], two: [one]}
    app.store.run_write(life.withdraw, one, now=NOW, actor=SEEKER)
    assert two not in app.store.run_read(still_open, ids)


def test_a_browser_is_recognised_by_its_token(send: Callable[..., Submitted]):
    """The token kept in the browser names the seeker when nothing else does."""
    first = send()
    with pytest.raises(AlreadyActiveError) as refused:
        send(email="", has_post="no", browser=first.token)
    assert refused.value.known_browser is True


def test_another_person_may_send(send: Callable[..., Submitted]):
    """Without anything in common, two notices are two seekers'."""
    first = send()
    second = send(email="", link="https://x.com/lise/status/99", browser="something else")
    assert second.notice.seeker_id != first.notice.seeker_id


def test_after_an_end_anybody_sends_again(app: App, send: Callable[..., Submitted]):
    """Each notice is a seeker of its own; the same browser, or address, is remembered for moderators."""
    first = send()
    app.store.run_write(life.found_job, first.notice.id, show_name=False, now=NOW, actor=SEEKER)
    for again in (send(browser=first.token, email="", has_post="no").notice, send().notice):
        assert again.seeker_id == again.person_id != first.notice.seeker_id
        assert first.notice.id in app.store.run_read(twins.of, [again.id])[again.id]


def test_an_edit_goes_back_to_moderation(app: App, boosted: Notice):
    """New words wait for a moderator; nothing of the old plan is left before anybody's eyes."""
    draft, _ = form.read(FULL, app.networks)
    assert draft is not None
    changed = app.store.run_write(life.edit, boosted.id, draft, keys=app.keys, now=NOW, actor=SEEKER)
    assert changed.state is NoticeState.PENDING
    assert changed.words == draft.words
    assert changed.revision == boosted.revision + 1
    assert [post.remote_id for post in changed.posts] == ["12"]
    assert states(app, boosted) == [BoostState.CANCELLED, BoostState.DECLARED]


@pytest.mark.parametrize("end", ["withdraw", "found_job", "pause"])
def test_whatever_stops_a_notice_drops_its_plan(app: App, boosted: Notice, end: str):
    """Planned boosts vanish and asked ones are cancelled in the same transaction; done ones stay."""
    extra = {"show_name": False} if end == "found_job" else {}
    app.store.run_write(getattr(life, end), boosted.id, now=NOW, actor=SEEKER, **extra)
    assert states(app, boosted) == [BoostState.CANCELLED, BoostState.DECLARED]


def test_withdrawing_withdraws_the_consent_and_forgets_the_address(app: App, send: Callable[..., Submitted]):
    """What recognises it stays 30 days, for who sends again goes on with the boosts of before."""
    notice = send().notice
    closed = app.store.run_write(life.withdraw, notice.id, now=NOW + HOUR, actor=SEEKER)
    assert closed.close_reason is CloseReason.WITHDRAWN
    (consent,) = app.store.run_read(journal.consents, f"notice:{notice.id}")
    assert consent["withdrawn_at"] is not None
    assert app.store.run_read(seekers.email_of, notice.seeker_id) is None
    mine = known.of_email("moussa@example.fr", app.keys)
    for days, recognised in ((29, [notice.seeker_id]), (31, [])):
        retention.sweep(app.store, app.ledger(), now=NOW + timedelta(days=days))
        assert app.store.run_read(seekers.known_by, mine) == recognised


def test_an_erasure_leaves_nothing_that_recognises(app: App, send: Callable[..., Submitted]):
    """Not for a day, whatever was withdrawn before."""
    notice = send().notice
    app.store.run_write(life.withdraw, notice.id, now=NOW, actor=SEEKER)
    erasure.erase_seeker(app.store, app.ledger(), notice.seeker_id, now=NOW, actor=SEEKER)
    mine = known.of_email("moussa@example.fr", app.keys)
    assert app.store.run_read(seekers.known_by, mine) == []


def test_what_a_change_replaced_is_forgotten(app: App, send: Callable[..., Submitted]):
    """A notice gathers no names by being changed; what it went round with stays."""

    def change(number: int) -> None:
        link = f"https://x.com/somebody{number}/status/{number}"
        draft, _ = form.read(replace(FULL, has_post="yes", link=link), app.networks)
        assert draft is not None
        app.store.run_write(life.edit, notice.id, draft, keys=app.keys, now=NOW + number * DAY, actor=SEEKER)

    def named() -> list[int]:
        posts = {n: app.keys.digest("post", f"x:{n}") for n in range(1, 6)}
        return [n for n, key in posts.items() if app.store.run_read(seekers.known_by, [key])]

    notice = send().notice
    change(1)
    change(2)
    assert named() == [2]
    kept = {"settings": app.settings, "admin_id": None, "now": NOW + 2 * DAY + HOUR, "undo": HOUR}
    app.store.run_write(decide, notice.id, Verdict.ACCEPT, **kept)
    for number in (3, 4, 5):
        change(number)
    assert named() == [2, 5]


def test_found_job_may_be_taken_back_for_a_day(app: App, make_notice: Callable[..., Notice]):
    """The notice goes on where it was; the time away does not count, the name is shown no more."""
    notice = make_notice()
    found = app.store.run_write(life.found_job, notice.id, show_name=True, now=NOW, actor=SEEKER)
    assert (found.close_reason, found.show_name) == (CloseReason.FOUND_JOB, True)
    back = app.store.run_write(life.undo_found_job, notice.id, now=NOW + 5 * HOUR, actor=SEEKER)
    assert (back.state, back.close_reason, back.show_name) == (NoticeState.ACTIVE, None, False)
    assert notice.deadline is not None
    assert back.deadline == notice.deadline + 5 * HOUR
    (consent,) = app.store.run_read(journal.consents, f"notice:{notice.id}")
    assert consent["purpose"] == "show_first_name"
    assert consent["withdrawn_at"] is not None


def test_after_a_day_found_job_stands(app: App, make_notice: Callable[..., Notice]):
    """Undo is refused once 24 hours are over."""
    notice = make_notice()
    app.store.run_write(life.found_job, notice.id, show_name=False, now=NOW, actor=SEEKER)
    with pytest.raises(ConflictError):
        app.store.run_write(
            life.undo_found_job, notice.id, now=NOW + DAY + timedelta(seconds=1), actor=SEEKER
        )


def test_an_expired_notice_may_still_find(app: App, make_notice: Callable[..., Notice]):
    """A job found after the end of the round counts; a withdrawn notice stays withdrawn."""
    notice = make_notice()
    app.store.run_write(life.close_overdue, now=NOW + 8 * DAY)
    found = app.store.run_write(life.found_job, notice.id, show_name=False, now=NOW + 9 * DAY, actor=SEEKER)
    assert found.close_reason is CloseReason.FOUND_JOB
    other = make_notice()
    app.store.run_write(life.withdraw, other.id, now=NOW, actor=SEEKER)
    with pytest.raises(ConflictError):
        app.store.run_write(life.found_job, other.id, show_name=False, now=NOW, actor=SEEKER)


def test_a_pause_moves_the_deadline(app: App, make_notice: Callable[..., Notice]):
    """The rest of the round is kept."""
    notice = make_notice()
    app.store.run_write(life.pause, notice.id, now=NOW + DAY, actor=SEEKER)
    back = app.store.run_write(life.resume, notice.id, now=NOW + 4 * DAY, actor=SEEKER)
    assert notice.deadline is not None
    assert (back.state, back.deadline) == (NoticeState.ACTIVE, notice.deadline + 3 * DAY)
    with pytest.raises(ConflictError):
        app.store.run_write(life.resume, notice.id, now=NOW, actor=SEEKER)


def test_only_a_round_nearly_over_is_renewed(app: App, make_notice: Callable[..., Notice]):
    """Early renewal adds to the deadline, a later one starts now; each asks for a full number of boosts."""
    notice = make_notice()
    with pytest.raises(ConflictError):
        app.store.run_write(life.renew, notice.id, settings=app.settings, now=NOW, actor=SEEKER)
    early = app.store.run_write(
        life.renew, notice.id, settings=app.settings, now=NOW + 6 * DAY + HOUR, actor=SEEKER
    )
    assert early.deadline == NOW + 14 * DAY
    app.store.run_write(life.close_overdue, now=NOW + 15 * DAY)
    late = app.store.run_write(life.renew, notice.id, settings=app.settings, now=NOW + 20 * DAY, actor=SEEKER)
    assert (late.state, late.deadline) == (NoticeState.ACTIVE, NOW + 27 * DAY)
    assert late.demand == app.settings.boosts_wanted


def test_a_renewal_counts_what_was_done(app: App, boosted: Notice):
    """The demand is what was done before plus a full round."""
    again = app.store.run_write(
        life.renew, boosted.id, settings=app.settings, now=NOW + 7 * DAY, actor=SEEKER
    )
    assert again.demand == 1 + app.settings.boosts_wanted


def test_overdue_notices_end(app: App, boosted: Notice, make_notice: Callable[..., Notice]):
    """At the deadline a round ends, with its plan; a paused notice ends after thirty days."""
    paused, fresh = make_notice(), make_notice(at=NOW + 3 * DAY)
    app.store.run_write(life.pause, paused.id, now=NOW, actor=SEEKER)
    assert app.store.run_write(life.close_overdue, now=NOW + 7 * DAY) == 1
    assert app.store.run_read(notices.get, boosted.id).close_reason is CloseReason.EXPIRED
    assert BoostState.PLANNED not in states(app, boosted)
    assert app.store.run_read(notices.get, fresh.id).state is NoticeState.ACTIVE
    assert app.store.run_write(life.close_overdue, now=NOW + 31 * DAY) == 2
    assert app.store.run_read(notices.get, paused.id).close_reason is CloseReason.EXPIRED


def test_a_new_link_closes_the_old_one(app: App, send: Callable[..., Submitted]):
    """After a new link was issued, the former opens nothing."""
    sent = send()
    token = app.store.run_write(life.issue_link, sent.notice.id, now=NOW, actor=Actor("admin", 1))
    assert app.store.run_read(notices.by_token, hash_token(token)) is not None
    assert app.store.run_read(notices.by_token, hash_token(sent.token)) is None


def test_an_ended_notice_is_not_changed(app: App, make_notice: Callable[..., Notice]):
    """Edit, pause and withdraw say no after the end; an unknown notice is not found."""
    notice = make_notice(state=NoticeState.CLOSED)
    draft, _ = form.read(FULL, app.networks)
    assert draft is not None
    with pytest.raises(ConflictError):
        app.store.run_write(life.edit, notice.id, draft, keys=app.keys, now=NOW, actor=SEEKER)
    with pytest.raises(ConflictError):
        app.store.run_write(life.withdraw, notice.id, now=NOW, actor=SEEKER)
    with pytest.raises(NotFoundError):
        app.store.run_write(life.withdraw, 999, now=NOW, actor=SEEKER)


def test_a_known_author_in_a_known_browser_is_told_nothing(app: App, send: Callable[..., Submitted]):
    """A browser that holds an ended notice learns nothing about the author it names; moderators do."""
    first = send(link="", has_post="no", email="old@example.fr")
    app.store.run_write(life.withdraw, first.notice.id, now=NOW, actor=SEEKER)
    open_one = send(email="")
    second = send(email="", browser=first.token)
    found = app.store.run_read(still_open, [second.notice.id])
    assert found == {second.notice.id: [open_one.notice.id]}


def test_an_edit_to_the_post_of_another_open_notice_is_seen(app: App, send: Callable[..., Submitted]):
    """Whoever changes a notice to somebody else's post is told nothing; moderators see it."""
    first = send(email="")
    other = send(link="", has_post="no", email="other@example.fr")
    draft, _ = form.read(FULL, app.networks)
    assert draft is not None
    app.store.run_write(life.edit, other.notice.id, draft, keys=app.keys, now=NOW, actor=SEEKER)
    found = app.store.run_read(still_open, [other.notice.id])
    assert found == {other.notice.id: [first.notice.id]}


def test_an_expired_notice_may_still_be_withdrawn(app: App, send: Callable[..., Submitted]):
    """Its round is over; the seeker's end stands all the same, and the address is forgotten."""
    notice = send(email="moussa@example.fr").notice
    app.store.run_write(notices.move, notice.id, NoticeState.ACTIVE, deadline=NOW + DAY)
    assert app.store.run_write(life.close_overdue, now=NOW + 2 * DAY) == 1
    made = app.store.run_write(life.withdraw, notice.id, now=NOW + 3 * DAY, actor=SEEKER)
    assert (made.state, made.close_reason) == (NoticeState.CLOSED, CloseReason.WITHDRAWN)
    assert made.closed_at == NOW + 3 * DAY
    assert app.store.run_read(seekers.email_of, notice.seeker_id) is None


def test_each_answer_address_has_a_yes_of_its_own(app: App, send: Callable[..., Submitted]):
    """The same address again asks nothing; another withdraws the yes before; none leaves none that holds."""
    alone = {"has_post": "no", "link": "", "email": "", "show_answer_to": True}
    notice = send(**alone, answer_to="moi@example.fr").notice
    assert notice.answer_to == "moi@example.fr"

    def yeses() -> list[tuple[str, bool]]:
        found = app.store.run_read(journal.consents, f"notice:{notice.id}")
        return sorted(
            (one["act"], one["withdrawn_at"] is None) for one in found if one["purpose"] == "show_address"
        )

    sent, changed = "send_notice", "change_notice"
    for address, held in (
        ("moi@example.fr", [(sent, True)]),
        ("example.fr/moi", [(changed, True), (sent, False)]),
        ("", [(changed, False), (sent, False)]),
    ):
        draft, errors = form.read(replace(FULL, **alone, answer_to=address), app.networks, consent_given=True)
        assert draft is not None, errors
        app.store.run_write(life.edit, notice.id, draft, keys=app.keys, now=NOW + HOUR, actor=SEEKER)
        assert app.store.run_read(notices.get, notice.id).answer_to == draft.answer_to
        assert yeses() == held


@pytest.mark.parametrize("end", [life.withdraw, life.close_overdue], ids=["withdrawn", "expired"])
def test_what_has_ended_is_not_paused(
    app: App, make_notice: Callable[..., Notice], end: Callable[..., object]
):
    """A stale page's pause would bring it back, and a resume would let it go round without a yes."""
    notice, late = make_notice(), NOW + 8 * DAY
    who = {"notice_id": notice.id, "actor": SEEKER} if end is life.withdraw else {}
    app.store.run_write(end, now=late, **who)
    for act in (life.pause, life.resume):
        with pytest.raises(ConflictError):
            app.store.run_write(act, notice.id, now=late, actor=SEEKER)
    assert app.store.run_read(notices.get, notice.id).state is NoticeState.CLOSED


def test_a_notice_that_ran_out_in_its_pause_goes_on_when_renewed(
    app: App, make_notice: Callable[..., Notice]
):
    """It comes back as it was, paused, and another round ends the pause."""
    notice = make_notice()
    app.store.run_write(life.pause, notice.id, now=NOW, actor=SEEKER)
    late = NOW + life.PAUSE_MAX
    assert app.store.run_write(life.close_overdue, now=late - HOUR) == 0
    assert app.store.run_write(life.close_overdue, now=late) == 1
    made = app.store.run_write(life.renew, notice.id, settings=app.settings, now=late, actor=SEEKER)
    assert made.state is NoticeState.ACTIVE


def test_words_are_kept_longer_in_their_last_week_only(app: App, make_notice: Callable[..., Notice]):
    """Earlier, or once erased, it is refused; in the last week the yes is noted."""
    notice = make_notice(state=NoticeState.CLOSED)
    with pytest.raises(ConflictError, match="last week"):
        app.store.run_write(life.keep, notice.id, now=NOW, actor=SEEKER)
    late = NOW + timedelta(days=55)
    app.store.run_write(life.keep, notice.id, now=late, actor=SEEKER)
    assert app.store.run_read(journal.read, action="notice.kept")[0].at == late

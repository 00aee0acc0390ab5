"""What watchers saw becomes notices: each post once, with no more consent than was given."""

from datetime import timedelta

import pytest

from bot.errors import ConflictError
from bot.intake import door, life
from bot.intake.form import Submission, read
from bot.intake.found import forget, take_in
from bot.intake.submit import submit
from bot.model.found import Batch, Missed, Sight
from bot.model.journal import Actor
from bot.model.notice import CloseReason, Consent, NoticeState
from bot.networks import every
from bot.storage import journal, notices, sightings, watchers
from tests.clocks import NOW
from tests.intake.makers import found, still_open


@pytest.fixture
def take(app):
    """Take posts in: `take(found(), cursor="7")`."""

    def run(*posts, cursor="1", missed=None, watcher="x:search", at=NOW, most=300):
        return app.store.run_write(
            take_in,
            Batch(posts, cursor, missed),
            watcher=watcher,
            network="x",
            settings=app.settings.model_copy(update={"queue_max": most}),
            keys=app.keys,
            now=at,
        )

    return run


def all_notices(app):
    """Every notice there is."""
    return app.store.run_read(notices.listed)


def waiting(app, consent):
    """How many found posts with this consent wait."""
    return app.store.run_read(sightings.waiting, consent)


@pytest.mark.parametrize("days", [0, 31])
def test_a_later_yes_takes_a_place_too(app, take, days):
    """Found first, mentioned then: no more wait than there are places, however old; the form stays open."""
    for wave in range(3):
        numbers = range(3 * wave, 3 * wave + 3)
        take(*(found(number=n, author_handle=f"a{n}") for n in numbers), most=3)
        mentions = [found(number=100 + n, author_handle=f"a{n}", mentions=True) for n in numbers]
        take(*mentions, watcher="x:mentions", most=3)
    assert (waiting(app, Consent.FOUND), waiting(app, Consent.ASKED)) == (3, 3)
    later = NOW + timedelta(days=days)
    app.store.run_write(forget, now=later)
    assert waiting(app, Consent.ASKED) == 3
    assert not app.store.run_read(door.full, 3, later)


def acts(app, subject=""):
    """What the journal says, oldest first."""
    return [entry.action for entry in reversed(app.store.run_read(journal.read, subject=subject))]


def test_a_search_becomes_a_notice_that_waits(app, take):
    """It is pending, marked found, carries its post, and the journal says where it came from."""
    taken = take(found())
    [notice] = all_notices(app)
    assert (taken.seen, taken.entered) == (1, 1)
    assert notice.state is NoticeState.PENDING
    assert notice.consent is Consent.FOUND
    assert notice.posts[0].remote_id == "1"
    assert acts(app, f"notice:{notice.id}") == ["notice.found"]
    assert app.store.run_read(journal.consents, f"notice:{notice.id}") == []


def test_a_post_is_taken_in_once(app, take):
    """Seen again, by the same watcher or another, it changes nothing."""
    take(found())
    again = take(found(), watcher="x:mentions")
    assert (again.seen, again.entered) == (0, 0)
    assert len(all_notices(app)) == 1


def test_the_cursor_moves_with_the_posts(app, take):
    """What could not be stored is read again: a batch that fails leaves neither notice nor cursor."""
    take(found(), cursor="41")
    broken = found(number=2, author_handle="marthe", at=None)
    with pytest.raises(AttributeError):
        take(broken, None, cursor="42")  # type: ignore[arg-type]
    assert app.store.run_read(watchers.get, "x:search").cursor == "41"
    assert len(all_notices(app)) == 1


def test_what_does_not_enter_leaves_its_id_only(app, take):
    """An offer makes no notice; what it was is counted."""
    take(found("Nous recrutons, envoyez votre CV ! #emploi"), found(number=2, boost=True))
    assert all_notices(app) == []
    tally = app.store.run_read(sightings.tally, NOW - timedelta(hours=1))
    assert tally == {"x:search": {Sight.OFFER: 1, Sight.BOOST: 1}}


def test_a_mention_is_entered_with_consent(app, take):
    """Its yes is on record with the text that mentions stand on."""
    take(found("@collectif je cherche un poste à Lille #emploi", mentions=True))
    [notice] = all_notices(app)
    assert notice.consent is Consent.ASKED
    [consent] = app.store.run_read(journal.consents, f"notice:{notice.id}")
    assert (consent["purpose"], consent["act"]) == ("publish_notice", "mention")


def test_a_mention_later_is_a_yes_to_the_notice_there_is(app, take):
    """The author of a found post who then mentions us has one notice, with consent."""
    take(found())
    take(found(number=2, mentions=True))
    [notice] = all_notices(app)
    assert notice.consent is Consent.ASKED
    assert acts(app, f"notice:{notice.id}") == ["notice.found", "notice.mentioned"]


FORM = {
    "title": "Soudeuse",
    "place": "Lille",
    "contract": "any",
    "text": "Dix ans d’atelier, libre tout de suite.",
    "name": "Nadia",
    "consent": True,
}
POST = {"has_post": "yes", "link": "https://twitter.com/Nadia/status/9"}


def send(app, **values):
    """Send a form; give the notice's id."""
    draft, _ = read(Submission(**FORM, **values), every())
    kept = {"settings": app.settings, "keys": app.keys, "now": NOW, "actor": Actor("seeker")}
    return app.store.run_write(submit, draft, **kept).notice.id


def test_one_person_has_one_notice(app, take):
    """A second post of the same author is known; a form with that post comes in beside it, marked."""
    take(found())
    take(found(number=2))
    assert len(all_notices(app)) == 1
    assert app.store.run_read(still_open, [send(app, **POST)]) == {2: [1]}


def test_a_form_that_names_an_author_keeps_their_post_out_of_nothing(app, take):
    """Anybody may have sent it: the post comes in beside it, and moderators are told."""
    form = send(app, **POST)
    assert take(found()).entered == 1
    post = all_notices(app)[-1].id
    assert app.store.run_read(still_open, [post]) == {post: [form]}


def test_a_form_that_links_a_post_keeps_it_out_of_nothing(app, take):
    """Who sends the link of somebody's post before it is seen, and withdraws, has not made it disappear."""
    form = send(app, **POST)
    assert take(found(number=9)).entered == 1
    post = all_notices(app)[-1].id
    assert app.store.run_read(still_open, [post]) == {post: [form]}
    assert take(found(number=9), watcher="x:mentions").seen == 0


@pytest.mark.parametrize("mentions", [False, True])
def test_a_change_that_names_an_author_is_not_their_post(app, take, mentions):
    """The owner of a found notice who names another's post takes no place and no yes of theirs."""
    take(found(author_handle="mallory"))
    [his] = all_notices(app)
    for link in ("https://x.com/nadia/status/999", "https://x.com/mallory/status/1"):
        draft, _ = read(Submission(**FORM, has_post="yes", link=link), every())
        app.store.run_write(life.edit, his.id, draft, keys=app.keys, now=NOW, actor=Actor("seeker"))
        assert take(found(number=len(link), author_handle="nadia", mentions=mentions)).entered == (
            "nadia" in link
        )
    assert app.store.run_read(notices.get, his.id).consent is Consent.FOUND
    assert take(found(number=3, author_handle="mallory")).entered == 0


def test_a_handle_of_digits_is_not_an_accounts_number(app, take):
    """An account that is called like another's number keeps nothing of the other's out."""
    take(found(author_id="77", author_handle="12345"))
    assert take(found(number=2, author_id="12345", author_handle="nadia")).entered == 1


@pytest.mark.parametrize("mentions", [False, True])
def test_found_posts_have_their_own_places(app, take, mentions):
    """They leave the form open; what is over is left for later, and judged when it is seen again."""
    posts = [found(number=n, author_handle=f"somebody{n}", mentions=mentions) for n in range(1, 6)]
    taken = take(*posts, most=3)
    assert (taken.seen, taken.entered, taken.left) == (5, 3, 2)
    assert not app.store.run_read(door.full, 1, NOW)
    assert take(found(number=9, author_handle="nadia", mentions=not mentions), most=3).entered == 1
    app.store.run_write(notices.close, 1, CloseReason.EXPIRED, NOW)
    again = take(*posts, watcher="x:mentions", most=3)
    assert (again.seen, again.entered, again.left) == (2, 1, 1)
    tally = app.store.run_read(sightings.tally, NOW - timedelta(hours=1))
    assert sum(seen.get(Sight.LATER, 0) for seen in tally.values()) == 1


def test_a_confirmed_link_is_a_yes(app, take):
    """The person who opens their link and says yes has asked; twice says nothing new."""
    take(found())
    [notice] = all_notices(app)
    app.store.run_write(life.confirm, notice.id, now=NOW, actor=Actor("seeker"))
    assert all_notices(app)[0].consent is Consent.ASKED
    [consent] = app.store.run_read(journal.consents, f"notice:{notice.id}")
    assert consent["act"] == "confirm_link"
    with pytest.raises(ConflictError):
        app.store.run_write(life.confirm, notice.id, now=NOW, actor=Actor("seeker"))


def test_what_was_missed_is_noted(app, take):
    """A stretch that could not be read back stands in the table and in the journal."""
    take(missed=Missed(NOW - timedelta(days=3), NOW - timedelta(days=2), "cursor too old"))
    [gap] = app.store.run_read(watchers.gaps, NOW - timedelta(hours=1))
    assert (gap.watcher, gap.since, gap.why) == ("x:search", NOW - timedelta(days=3), "cursor too old")
    assert acts(app) == ["watch.missed"]


def test_words_nobody_decided_on_are_erased_after_a_week(app, take):
    """The notice ends, its words and its post go; a notice with consent stays."""
    take(found(), found(number=2, author_handle="marthe", mentions=True))
    app.store.run_write(forget, now=NOW + timedelta(days=6))
    assert {n.state for n in all_notices(app)} == {NoticeState.PENDING}
    result = app.store.run_write(forget, now=NOW + timedelta(days=7, hours=1))
    lost, kept = all_notices(app)
    assert result["found_ended"] == 1
    assert (lost.close_reason, lost.words.text, lost.posts) == (CloseReason.EXPIRED, "…", ())
    assert kept.state is NoticeState.PENDING


def test_ids_are_forgotten_after_a_month(app, take):
    """The id of a post is kept for 30 days, then erased."""
    take(found(boost=True))
    assert app.store.run_write(forget, now=NOW + timedelta(days=29))["forgotten"] == 0
    assert app.store.run_write(forget, now=NOW + timedelta(days=31))["forgotten"] == 1

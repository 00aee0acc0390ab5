"""A volunteer's day: what may be done now, what comes, what was done, all in their own day."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.app import App
from bot.model.boost import Boost, BoostState, Mode
from bot.model.notice import CloseReason, NoticeState, PostRef
from bot.model.volunteer import Volunteer, VolunteerState
from bot.reporting import history
from bot.reporting import volunteer as reporting
from bot.reporting.volunteer import Day
from bot.storage import Session, boosts, notices, volunteers
from tests.conftest import NOW

ACCOUNTS = [("x", "samir"), ("mastodon", "samir@piaille.fr")]


@pytest.fixture
def samir(make_volunteer) -> Volunteer:
    """A volunteer on X and Mastodon, in Paris."""
    return make_volunteer(accounts=ACCOUNTS)


@pytest.fixture
def put(app: App, make_notice) -> Callable[..., Boost]:
    """Put a boost in a state: `put(volunteer, BoostState.DECLARED, at=…)`."""

    def make(
        who: Volunteer, state: BoostState = BoostState.ASKED, *, at=NOW, network="x", notice=None
    ) -> Boost:
        notice = notice or make_notice()
        account = next(a for a in who.accounts if a.network == network)

        def insert(session: Session) -> Boost:
            boost_id = boosts.plan(
                session,
                notice_id=notice.id,
                volunteer_id=who.id,
                account_id=account.id,
                network=network,
                mode=Mode.BY_HAND,
                due_at=at,
                reason={},
            )
            if state is not BoostState.PLANNED:
                boosts.move(session, boost_id, BoostState.ASKED, asked_at=at)
            if state is BoostState.OPENED:
                boosts.move(session, boost_id, state, opened_at=at)
            elif state not in {BoostState.ASKED, BoostState.PLANNED}:
                boosts.move(session, boost_id, state, ended_at=at)
            return boosts.get(session, boost_id)

        return app.store.run_write(insert)

    return make


def day(app: App, who: Volunteer, now=NOW) -> Day:
    """Give the day as the page reads it."""
    return app.store.run_read(reporting.day, who.id, networks=app.networks, settings=app.settings, now=now)


def test_fewest_boosted_come_first(app: App, samir, put, make_notice, make_volunteer):
    """The order of the cards is the order of need."""
    helped, alone = make_notice(title="Helped"), make_notice(title="Alone")
    put(make_volunteer(accounts=[("x", "other")]), BoostState.DECLARED, notice=helped)
    put(samir, at=NOW - timedelta(hours=1), notice=helped)
    put(samir, notice=alone)
    assert [card.notice.words.title for card in day(app, samir).cards] == ["Alone", "Helped"]


def test_a_post_is_boosted_on_the_network_itself(app: App, samir, put, make_notice):
    """With a post the strip leads to the network's own page, on Mastodon through the volunteer's instance."""
    url = "https://mastodon.social/@karim/1"
    notice = make_notice(posts=[PostRef("mastodon", url, url, "karim@mastodon.social")])
    put(samir, network="mastodon", notice=notice)
    card = day(app, samir).cards[0]
    assert card.url.startswith("https://piaille.fr/authorize_interaction?uri=https%3A%2F%2Fmastodon.social")
    assert card.see_url == url


def test_without_a_post_the_share_page_goes_in_the_notices_language(app: App, samir, put, make_notice):
    """The composer starts with words in the notice's language and the address of its share page."""
    notice = make_notice(posts=[], lang="fr", title="Soudeuse", place="Lens")
    put(samir, notice=notice)
    card = day(app, samir).cards[0]
    assert card.see_url == f"{app.settings.address}/fr/s/{notice.share_slug}"
    assert card.url.startswith("https://x.com/intent/post?text=Cherche")
    assert "Soudeuse" in card.url


def test_only_active_notices_are_shown(app: App, samir, put, make_notice):
    """A paused or closed notice leaves the page even before its boost is cancelled."""
    for notice in (make_notice(), make_notice()):
        put(samir, notice=notice)
    first, second = (card.notice.id for card in day(app, samir).cards)
    app.store.run_write(notices.move, first, NoticeState.PAUSED)
    app.store.run_write(notices.close, second, CloseReason.WITHDRAWN, NOW)
    assert day(app, samir).cards == ()


def test_what_comes_later_today_is_held_and_tomorrow_only_told(app: App, samir, put):
    """Planned boosts of today are shown with their hour; the next day's only as a moment."""
    put(samir, BoostState.PLANNED, at=NOW + timedelta(days=1))
    assert (day(app, samir).held, day(app, samir).next_at) == ((), NOW + timedelta(days=1))
    put(samir, BoostState.PLANNED, at=NOW + timedelta(hours=2))
    assert [card.boost.due_at for card in day(app, samir).held] == [NOW + timedelta(hours=2)]


def test_the_meter_counts_done_waiting_and_held(app: App, samir, put):
    """Skipped ones vanish from it; nobody owes them."""
    put(samir, BoostState.DECLARED)
    put(samir, BoostState.SKIPPED)
    put(samir, BoostState.OPENED)
    put(samir, BoostState.PLANNED, at=NOW + timedelta(hours=1))
    found = day(app, samir)
    assert (found.done, found.total, found.opened) == (1, 3, 1)


@pytest.mark.parametrize(("zone", "today"), [("Europe/Paris", 0), ("America/Martinique", 1)])
def test_today_is_the_volunteers_day(app: App, make_volunteer, put, zone, today):
    """At 1 in the morning in Paris yesterday's boost is past; in Martinique it is still today's."""
    who = make_volunteer(accounts=ACCOUNTS, time_zone=zone)
    put(who, BoostState.DECLARED, at=NOW.replace(hour=22))
    found = day(app, who, NOW.replace(day=18, hour=0))
    assert found.done == today
    assert sum(n for _, n in found.week.days) == 1


def test_good_news_names_only_who_agreed(app: App, samir, put, make_notice):
    """A found job is told for two weeks, with a name only where the seeker said yes."""
    notice = make_notice(name="Nadia")
    put(samir, BoostState.DECLARED, notice=notice)
    app.store.run_write(notices.close, notice.id, CloseReason.FOUND_JOB, NOW)
    found = day(app, samir, NOW + timedelta(days=1))
    assert [news.name for news in found.news] == [""]
    assert (found.week.boosts, found.week.people, found.week.found) == (1, 1, 1)
    assert day(app, samir, NOW + timedelta(days=20)).news == ()


@pytest.mark.parametrize(
    ("done", "demand", "torn"), [(0, 12, 0), (1, 12, 1), (6, 12, 3), (11, 12, 5), (12, 12, 6), (20, 12, 6)]
)
def test_strips_tell_none_some_or_all(done: int, demand: int, torn: int):
    """One boost tears a strip off; the last strip goes with the last boost only."""
    assert len(reporting._torn(done, demand)) == torn


def test_a_pause_whose_end_has_passed_is_over(app: App, samir):
    """The page is back by itself."""
    app.store.run_write(
        volunteers.update, samir.id, state=VolunteerState.PAUSED.value, paused_until=NOW + timedelta(days=1)
    )
    assert day(app, samir).paused
    assert not day(app, samir, NOW + timedelta(days=1)).paused


def test_history_is_by_local_day_newest_first(app: App, samir, put):
    """Each day has its lines; planned boosts are nobody's history yet."""
    put(samir, BoostState.DECLARED, at=NOW - timedelta(days=1))
    put(samir, BoostState.OPENED, at=NOW)
    put(samir, BoostState.PLANNED, at=NOW + timedelta(hours=1))
    found = app.store.run_read(history.history, samir.id, networks=app.networks)
    assert [(one.day, len(lines)) for one, lines in found.days] == [(17, 1), (16, 1)]
    assert not found.more


def test_history_has_pages(app: App, samir, put, make_notice):
    """Fifty lines a page; a page beyond the end is empty."""
    for _ in range(51):
        put(samir, BoostState.SKIPPED)
    first, second = (
        app.store.run_read(history.history, samir.id, networks=app.networks, page=page) for page in (1, 2)
    )
    assert (first.more, second.more) == (True, False)
    assert sum(len(lines) for _, lines in second.days) == 1

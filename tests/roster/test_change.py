"""Settings, pauses, leaving: each takes effect at once."""

import json
from datetime import timedelta

import pytest

from bot.errors import ConflictError, NotFoundError
from bot.model.boost import BoostState, Mode
from bot.model.journal import Actor
from bot.model.volunteer import VolunteerState
from bot.roster import change
from bot.roster.join import AlreadyMemberError
from bot.roster.profile import Hours, Interests, Pace, Presence
from bot.storage import Session, boosts, journal, portrait, volunteers
from bot.storage.store import Store
from tests.conftest import NOW

ACTOR = Actor("volunteer", 1)


@pytest.fixture
def busy(store: Store, make_notice, make_volunteer):
    """A volunteer with one boost asked on Bluesky, one asked on X, and one planned."""
    volunteer = make_volunteer(token="t", accounts=[("x", "samir"), ("bluesky", "samir.bsky.social")])

    def ask(session: Session) -> None:
        for account, asked in ((0, True), (1, True), (0, False)):
            found = volunteer.accounts[account]
            boost_id = boosts.plan(
                session,
                notice_id=make_notices.pop().id,
                volunteer_id=volunteer.id,
                account_id=found.id,
                network=found.network,
                mode=Mode.BY_HAND,
                due_at=NOW,
                reason={},
            )
            if asked:
                boosts.move(session, boost_id, BoostState.ASKED, asked_at=NOW)

    make_notices = [make_notice() for _ in range(3)]
    store.run_write(ask)
    return volunteer


def states(store: Store, volunteer_id: int) -> list[str]:
    """Give the states of the volunteer's boosts."""
    return [b.state.value for b in store.run_read(boosts.listed, volunteer_id=volunteer_id)]


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        (Pace(3, 90), {"cap_day": 3, "spacing_min": 90}),
        (Hours(60, 120, "Indian/Reunion"), {"quiet_start_min": 60, "time_zone": "Indian/Reunion"}),
        (
            Interests(frozenset("MA"), None, frozenset({"en"})),
            {"sectors": ["A", "M"], "regions": None, "languages": ["en"]},
        ),
    ],
)
def test_a_part_is_saved_by_itself(store: Store, busy, part, shown):
    """Saving one part changes it, leaves the asked boosts and lets the planned ones be planned again."""
    store.run_write(change.update, busy.id, part, now=NOW, actor=ACTOR)
    kept = store.run_read(portrait.volunteer, busy.id)["volunteer"]
    assert {name: kept[name] for name in shown} == shown
    assert states(store, busy.id) == ["asked", "asked"]


def test_a_network_that_is_dropped_takes_its_boosts_back(store: Store, busy):
    """What waits on an account that is no longer there is cancelled; the other account's stays."""
    store.run_write(change.update, busy.id, Presence("Samir", (("x", "samir"),)), now=NOW, actor=ACTOR)
    assert states(store, busy.id) == ["cancelled", "asked"]


def test_a_handle_of_another_volunteer_is_refused_and_nothing_changes(store: Store, busy, make_volunteer):
    """Settings cannot take an account that is on the roster."""
    make_volunteer(accounts=[("x", "anna")])
    with pytest.raises(AlreadyMemberError):
        store.run_write(change.update, busy.id, Presence("S", (("x", "anna"),)), now=NOW, actor=ACTOR)
    assert store.run_read(volunteers.get, busy.id).name == "Samir"
    assert states(store, busy.id) == ["asked", "asked", "planned"]


def test_a_pause_takes_back_what_waits_and_ends_by_itself(store: Store, busy):
    """Paused for a week: nothing waits, nothing may be asked until the end, then all is as before."""
    until = NOW + timedelta(days=7)
    paused = store.run_write(change.pause, busy.id, until=until, now=NOW, actor=ACTOR)
    assert states(store, busy.id) == ["cancelled", "cancelled"]
    assert not paused.may_be_asked(until - timedelta(seconds=1))
    assert paused.may_be_asked(until)


def test_an_open_pause_ends_when_the_volunteer_says_so(store: Store, busy):
    """Until I come back, then back; coming back twice is no error."""
    store.run_write(change.pause, busy.id, until=None, now=NOW, actor=ACTOR)
    for _ in range(2):
        back = store.run_write(change.resume, busy.id, now=NOW + timedelta(days=90), actor=ACTOR)
    assert back.state is VolunteerState.ACTIVE


def test_leaving_forgets_who_it_was(store: Store, busy, make_volunteer):
    """Name, handles and settings are gone, the link is dead, consents withdrawn, the handle free again."""
    store.run_write(
        journal.consent,
        NOW,
        subject=f"volunteer:{busy.id}",
        purpose="roster",
        text_version="1",
        text_hash="h",
        text="I agree.",
        lang="fr",
        act="join_form",
    )
    for _ in range(2):
        store.run_write(change.leave, busy.id, now=NOW, actor=ACTOR)
    gone = store.run_read(volunteers.get, busy.id)
    assert (gone.state, gone.name, gone.accounts) == (VolunteerState.LEFT, "", ())
    with pytest.raises(NotFoundError):
        store.run_read(change.owner, "t")
    assert all(c["withdrawn_at"] for c in store.run_read(journal.consents, f"volunteer:{busy.id}"))
    assert make_volunteer(accounts=[("x", "samir")])
    assert states(store, busy.id) == ["cancelled", "cancelled"]
    assert "samir" not in json.dumps(store.run_read(portrait.volunteer, busy.id)).lower()


def test_somebody_who_left_cannot_be_changed(store: Store, busy):
    """Settings, a pause or a new link of somebody who left are refused."""
    store.run_write(change.leave, busy.id, now=NOW, actor=ACTOR)
    with pytest.raises(ConflictError):
        store.run_write(change.update, busy.id, Pace(1, 1), now=NOW, actor=ACTOR)
    with pytest.raises(ConflictError):
        store.run_write(change.pause, busy.id, until=None, now=NOW, actor=ACTOR)
    with pytest.raises(ConflictError):
        store.run_write(change.new_link, busy.id, now=NOW, actor=ACTOR)


def test_a_new_link_replaces_the_old_one(store: Store, busy):
    """Only the last link opens the inbox."""
    token = store.run_write(change.new_link, busy.id, now=NOW, actor=ACTOR)
    assert store.run_read(change.owner, token).id == busy.id
    with pytest.raises(NotFoundError):
        store.run_read(change.owner, "t")


def test_the_copy_of_the_data_is_whole_and_plain(store: Store, busy):
    """Settings, accounts, consents and every boost with its reason, as JSON, without the token."""
    kept = json.loads(json.dumps(store.run_read(portrait.volunteer, busy.id)))
    assert {(one["network"], one["handle"]) for one in kept["accounts"]} == {
        ("bluesky", "samir.bsky.social"),
        ("x", "samir"),
    }
    assert "token_hash" not in kept["volunteer"]
    assert [b["state"] for b in kept["shares"]] == ["asked", "asked", "planned"]
    assert set(kept) == {
        "volunteer",
        "accounts",
        "accesses",
        "connections",
        "revocations",
        "shares",
        "calls",
        "recalls",
        "reports",
        "consents",
        "journal",
    }

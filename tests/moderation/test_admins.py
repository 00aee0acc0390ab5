"""Who may come in."""

from datetime import timedelta

import pytest

from bot.errors import NotFoundError, UsageError
from bot.model.journal import Actor
from bot.moderation import admins
from bot.storage import admins as stored
from bot.storage import journal
from bot.trust.links import hash_token
from tests.conftest import NOW

PASSWORD = "a few words in a row"


def test_a_setup_link_works_once(store):
    """The link makes an admin who can log in, and works no second time."""
    token = store.run_write(admins.new_setup_link, NOW)
    admin = store.run_write(admins.set_up, token, "  Camille ", PASSWORD, NOW)
    assert admin.name == "Camille"
    assert store.run_read(admins.verify, "Camille", PASSWORD) == admin
    with pytest.raises(NotFoundError):
        store.run_write(admins.set_up, token, "Eve", PASSWORD, NOW)


def test_a_setup_link_lasts_a_day(store):
    """After 24 hours the link works no more."""
    token = store.run_write(admins.new_setup_link, NOW)
    store.run_read(admins.check_setup_link, token, NOW + timedelta(hours=23))
    with pytest.raises(NotFoundError):
        store.run_read(admins.check_setup_link, token, NOW + timedelta(hours=24))


def test_a_newer_link_replaces_the_older(store):
    """Only the newest set-up link works."""
    old, new = (store.run_write(admins.new_setup_link, NOW) for _ in range(2))
    store.run_read(admins.check_setup_link, new, NOW)
    with pytest.raises(NotFoundError):
        store.run_read(admins.check_setup_link, old, NOW)


def test_a_bad_password_leaves_the_link(store):
    """A password that is too short is refused and the link keeps working."""
    token = store.run_write(admins.new_setup_link, NOW)
    with pytest.raises(UsageError):
        store.run_write(admins.set_up, token, "Camille", "short", NOW)
    store.run_write(admins.set_up, token, "Camille", PASSWORD, NOW)


def test_the_same_name_gets_a_new_password(store):
    """A set-up link with a known name changes the password and ends the sessions."""
    admin = store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    session = store.run_write(admins.log_in, admin.id, NOW)
    assert store.run_write(admins.create, "Camille", PASSWORD + "!", now=NOW) == admin
    assert store.run_read(admins.verify, "Camille", PASSWORD) is None
    assert store.run_read(stored.of_session, hash_token(session), NOW) is None


@pytest.mark.parametrize("name", ["", "   ", "\x00\u202e", "x" * 41])
def test_names_are_names(store, name):
    """A name has one to forty visible characters."""
    with pytest.raises(UsageError):
        store.run_write(admins.create, name, PASSWORD, now=NOW)


def test_strangers_stay_out(store):
    """A wrong password, an unknown name and nonsense open nothing."""
    store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    for name, password in (("Camille", "wrong"), ("Eve", PASSWORD), ("", ""), ("x" * 5000, "y" * 5000)):
        assert store.run_read(admins.verify, name, password) is None


def test_coming_and_going_is_in_the_journal(store):
    """The journal holds who came and went, without names."""
    admin = store.run_write(admins.create, "Camille", PASSWORD, now=NOW, actor=Actor("admin"))
    token = store.run_write(admins.log_in, admin.id, NOW)
    store.run_write(admins.log_out, token, admin_id=admin.id, now=NOW)
    entries = store.run_read(journal.read)
    assert [entry.action for entry in entries] == ["admin.logged_out", "admin.logged_in", "admin.set_up"]
    assert "Camille" not in str(entries)
    assert store.run_read(stored.of_session, hash_token(token), NOW) is None


def test_guesses_are_slowed_down():
    """Five wrong passwords are free; then the wait doubles, up to a quarter of an hour."""
    brake = admins.Brake()
    waits = []
    for _ in range(12):
        brake.failed("Camille", NOW)
        waits.append(brake.wait(" camille", NOW).total_seconds())
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert brake.wait("Camille", NOW + timedelta(minutes=15)) == timedelta(0)
    assert brake.wait("Sofia", NOW) == timedelta(0)
    brake.passed("Camille")
    assert brake.wait("Camille", NOW) == timedelta(0)


def test_the_brake_forgets_the_oldest():
    """However many names are tried, memory stays small."""
    brake = admins.Brake()
    for number in range(admins.NAMES_KEPT + 10):
        for _ in range(5):
            brake.failed(f"name {number}", NOW)
    assert brake.wait("name 0", NOW) == timedelta(0)
    assert brake.wait(f"name {admins.NAMES_KEPT + 9}", NOW) > timedelta(0)

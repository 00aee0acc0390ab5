"""Who may come in."""

from datetime import timedelta

import pytest

from bot.errors import ConflictError, NotFoundError, UsageError
from bot.model.access import Role
from bot.model.journal import Actor
from bot.moderation import admins, log_in
from bot.storage import admins as stored
from bot.storage import journal
from bot.trust import passwords
from tests.conftest import NOW

PASSWORD = "a few words in a row"


def fits(store, name, password):
    """Give the admin if the password fits."""
    admin, stored_hash = store.run_read(log_in.known, name)
    return admin if passwords.password_fits(password, stored_hash) else None


def test_a_setup_link_works_once(store):
    """The link makes an admin who can log in, and works no second time."""
    token = store.run_write(admins.new_setup_link, NOW)
    admin = store.run_write(admins.set_up, token, "  Camille ", PASSWORD, NOW)
    assert admin.name == "Camille"
    assert fits(store, "Camille", PASSWORD) == admin
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


def test_a_name_is_taken_once(store):
    """A set-up link with somebody's name changes nothing of theirs and keeps working."""
    admin = store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    token = store.run_write(admins.new_setup_link, NOW, role=Role.READER)
    with pytest.raises(ConflictError):
        store.run_write(admins.set_up, token, "Camille", PASSWORD + "!", NOW)
    assert fits(store, "Camille", PASSWORD) == admin
    assert store.run_write(admins.set_up, token, "Lise", PASSWORD, NOW).role is Role.READER


def test_a_reset_sets_the_password_and_ends_the_sessions(store):
    """A reset link changes its admin's password, whatever name is given, and logs them out everywhere."""
    admin = store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    session = store.run_write(admins.log_in, admin.id, NOW)
    token = store.run_write(admins.new_reset_link, admin.id, now=NOW)
    assert store.run_read(admins.check_setup_link, token, NOW) == admin
    assert store.run_write(admins.set_up, token, "Eve", PASSWORD + "!", NOW) == admin
    assert fits(store, "Camille", PASSWORD) is None
    assert fits(store, "Camille", PASSWORD + "!") == admin
    assert store.run_read(log_in.visit_of, session, NOW) is None


def test_invitations_stand_side_by_side(store):
    """Two moderators are invited in one evening; a second reset link replaces the first."""
    first, second = (store.run_write(admins.new_setup_link, NOW, role=Role.MODERATOR) for _ in range(2))
    lise = store.run_write(admins.set_up, first, "Lise", PASSWORD, NOW)
    assert store.run_write(admins.set_up, second, "Sofia", PASSWORD, NOW).role is Role.MODERATOR
    old, new = (store.run_write(admins.new_reset_link, lise.id, now=NOW) for _ in range(2))
    store.run_read(admins.check_setup_link, new, NOW)
    with pytest.raises(NotFoundError):
        store.run_read(admins.check_setup_link, old, NOW)


def test_somebody_looks_after_the_admins(store):
    """The last operator is neither removed nor given less; a second one frees the first."""
    camille = store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    for act in (
        lambda: store.run_write(admins.remove, camille.id, now=NOW),
        lambda: store.run_write(admins.give_role, camille.id, Role.READER, now=NOW),
    ):
        with pytest.raises(ConflictError, match="only operator"):
            act()
    store.run_write(admins.create, "Lise", PASSWORD, now=NOW)
    assert store.run_write(admins.give_role, camille.id, Role.READER, now=NOW).role is Role.READER
    store.run_write(admins.remove, camille.id, now=NOW)
    assert [one.name for one in store.run_read(stored.listed)] == ["Lise"]


def test_each_role_covers_the_ones_before():
    """Reader, moderator, operator: each may do what the ones before may, none more."""
    covered = [[role.covers(needed) for needed in Role] for role in Role]
    assert covered == [[True, False, False], [True, True, False], [True, True, True]]


@pytest.mark.parametrize("name", ["", "   ", "\x00\u202e", "x" * 41])
def test_names_are_names(store, name):
    """A name has one to forty visible characters."""
    with pytest.raises(UsageError):
        store.run_write(admins.create, name, PASSWORD, now=NOW)


def test_names_nobody_has(store):
    """An unknown name and nonsense have no hash to be held against."""
    store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    for name in ("Eve", "", "x" * 5000, "\x00", "camille"):
        assert store.run_read(log_in.known, name) is None


def test_coming_and_going_is_in_the_journal(store):
    """The journal holds who came and went, without names."""
    admin = store.run_write(admins.create, "Camille", PASSWORD, now=NOW, actor=Actor("admin"))
    token = store.run_write(admins.log_in, admin.id, NOW)
    store.run_write(log_in.log_out, token, admin_id=admin.id, now=NOW)
    entries = store.run_read(journal.read)
    assert [entry.action for entry in entries] == ["admin.logged_out", "admin.logged_in", "admin.set_up"]
    assert "Camille" not in str(entries)
    assert store.run_read(log_in.visit_of, token, NOW) is None


@pytest.mark.parametrize("name", ["", "   ", "\x00\x1f", "x" * 41])
def test_a_name_has_a_length(store, name):
    """Nothing but spaces and controls is no name, nor is one of more than 40 characters."""
    with pytest.raises(UsageError, match="Enter a name"):
        store.run_write(admins.create, name, PASSWORD, now=NOW)


@pytest.mark.parametrize(
    ("password", "about", "why"),
    [
        ("x" * 11, (), "Choose a password of"),
        ("seven " * 40, (), "Choose a password of"),
        ("qwertyuiop123", (), "leaked"),
        ("4321drowssap", (), "in another form"),
        ("Camille-2026!", ("Camille",), "Too easy"),
    ],
)
def test_what_a_password_may_not_be(password, about, why):
    """Too short, too long, leaked, or made of a name: each is refused in its own sentence."""
    with pytest.raises(UsageError) as refused:
        admins.check_password(password, about=about)
    assert why in refused.value.args[0].text


def test_an_admin_s_own_name_is_refused_wherever_a_password_is_set(store):
    """Making an admin, resetting and changing look at the name of the one it is for."""
    weak = "camille-2026-camille"
    with pytest.raises(UsageError, match="Too easy"):
        store.run_write(admins.create, "Camille", weak, now=NOW)
    admin = store.run_write(admins.create, "Camille", PASSWORD, now=NOW)
    token = store.run_write(admins.new_reset_link, admin.id, now=NOW)
    with pytest.raises(UsageError, match="Too easy"):
        store.run_write(admins.set_up, token, "Somebody Else", weak, NOW)
    with pytest.raises(UsageError, match="Too easy"):
        store.run_write(admins.change_password, admin.id, weak, keep="", now=NOW)
    assert fits(store, "Camille", PASSWORD) == admin

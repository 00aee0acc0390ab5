"""The second factor and the log-in that needs it, without pages."""

from datetime import timedelta

import pytest

from bot.moderation import admins, factors, log_in
from bot.storage import factors as stored
from bot.storage import journal, sessions
from bot.trust import totp
from tests.conftest import NOW

NONCE = "a nonce of the app"
STEP = timedelta(seconds=totp.STEP_S)


@pytest.fixture
def camille(make_admin):
    """An admin without a second factor."""
    return make_admin("Camille")


def shown(app, admin, at, nonce=NONCE) -> str:
    """Give what the admin's app shows."""
    return totp.code_at(totp.secret_of(app.keys, admin.id, nonce), totp.step_at(at))


def enrol(app, admin, code, at=NOW, nonce=NONCE):
    """Set the app up."""
    return app.store.run_write(factors.enrol, admin, nonce, code, keys=app.keys, now=at)


def passes(app, admin, code, at):
    """Give a code."""
    return app.store.run_write(factors.passes, admin, code, keys=app.keys, now=at)


def test_only_a_code_of_the_app_sets_it_up(app, camille):
    """A wrong code, or one of another admin's secret, stores nothing; the right one gives ten codes."""
    for code in ("000000", "", shown(app, camille, NOW, "another nonce")):
        assert enrol(app, camille, code) is None
        assert app.store.run_read(stored.get, camille.id) is None
    codes = enrol(app, camille, shown(app, camille, NOW))
    assert len(set(codes)) == factors.CODES == app.store.run_read(stored.codes_left, camille.id)
    actions = [one.action for one in app.store.run_read(journal.read, action="admin.")]
    assert actions[:2] == ["admin.codes_made", "admin.factor_set"]


def test_recovery_codes_have_a_hundred_and_twelve_bits(app, camille):
    """Each has so many letters of an alphabet without look-alikes that its plain hash cannot be searched."""
    codes = app.store.run_write(factors.new_codes, camille, keys=app.keys, now=NOW)
    letters = {one.replace("-", "") for one in codes}
    assert {len(one) for one in letters} == {factors.CODE_PARTS * factors.CODE_PART}
    assert len(factors.CODE_LETTERS) ** (factors.CODE_PARTS * factors.CODE_PART) > 2**112
    assert not set("".join(letters)) - set(factors.CODE_LETTERS)
    assert not set("il1o0") & set(factors.CODE_LETTERS)


def test_a_code_of_the_app_serves_once(app, camille):
    """The code of setting up is used up; the next one passes once; nobody without an app passes."""
    assert not passes(app, camille, "000000", NOW)
    enrol(app, camille, shown(app, camille, NOW))
    assert not passes(app, camille, shown(app, camille, NOW), NOW)
    later = NOW + STEP
    code = shown(app, camille, later)
    assert [passes(app, camille, code, later) for _ in range(2)] == [True, False]


def test_a_recovery_code_serves_once_and_its_owner_only(app, camille, make_admin):
    """However it is typed; another admin's code is none; new codes end the old ones."""
    one, two, *_ = enrol(app, camille, shown(app, camille, NOW))
    sofia = make_admin("Sofia")
    enrol(app, sofia, shown(app, sofia, NOW))
    assert not passes(app, sofia, one, NOW)
    assert passes(app, camille, one.upper().replace("-", " "), NOW)
    assert not passes(app, camille, one, NOW)
    assert app.store.run_read(journal.read, action="admin.code_used")[0].details["left"] == factors.CODES - 1
    app.store.run_write(factors.new_codes, camille, keys=app.keys, now=NOW)
    assert not passes(app, camille, two, NOW)


def test_a_half_session_becomes_whole_by_a_code(app, camille):
    """Under another token, once, within ten minutes; a wrong code or a stranger's token gives nothing."""
    write, read = app.store.run_write, app.store.run_read
    enrol(app, camille, shown(app, camille, NOW))
    half = write(admins.log_in, camille.id, NOW, whole=False)
    late = NOW + sessions.HALF_LONGEST + timedelta(seconds=1)
    for token, code, at in (
        (half, "000000", NOW),
        ("nobody's", shown(app, camille, NOW + STEP), NOW + STEP),
        ("", shown(app, camille, NOW + STEP), NOW + STEP),
        (half, shown(app, camille, late), late),
    ):
        assert write(log_in.finish, token, code, keys=app.keys, now=at) is None
    whole = write(log_in.finish, half, shown(app, camille, NOW + STEP), keys=app.keys, now=NOW + STEP)
    assert read(log_in.visit_of, half, NOW + STEP) is None
    assert read(log_in.visit_of, whole, NOW + STEP).whole
    assert read(journal.read, action="admin.logged_in")[0].actor == f"admin:{camille.id}"


def test_sessions_are_touched_proved_and_ended(app, camille):
    """Use keeps one from idling out, a proof is noted, log-out ends one, log-out everywhere all."""
    write, read = app.store.run_write, app.store.run_read
    one, two, three = (write(admins.log_in, camille.id, NOW) for _ in range(3))
    noon = NOW + sessions.IDLE - timedelta(minutes=1)
    write(log_in.touch, one, noon)
    write(log_in.touch, "nobody's", noon)
    late = NOW + sessions.IDLE + timedelta(minutes=1)
    assert read(log_in.visit_of, one, late) is not None
    assert read(log_in.visit_of, two, late) is None
    write(log_in.prove, one, admin=camille, now=noon)
    assert read(log_in.visit_of, one, noon).proved_at == noon
    write(log_in.log_out, one, admin_id=camille.id, now=noon)
    assert read(log_in.visit_of, one, noon) is None
    assert read(log_in.visit_of, three, NOW) is not None
    write(log_in.log_out_everywhere, admin_id=camille.id, now=noon)
    assert read(sessions.listed, camille.id) == []


def test_a_name_that_cannot_be_one_is_nobody_s(app, camille):
    """What is typed as a name is looked up as it would be stored; nonsense is nobody's, and no error."""
    read = app.store.run_read
    assert read(log_in.known, " Camille ")[0] == camille
    assert [read(log_in.known, name) for name in ("Nobody", "", "x" * 41, "\x00")] == [None] * 4
    assert read(log_in.hash_of, camille) == "no hash"
    app.store.run_write(admins.give_role, camille.id, camille.role, now=NOW)  # the same role: nothing happens
    assert read(journal.read, action="admin.role_given") == []

"""Keys over time: nothing is sealed to a key that is gone, whatever happens while one changes."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery import lending as stage
from bot.delivery import lost_key, rotation, tokens
from bot.errors import ConfigError
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI
from bot.model.lending import Trouble, Way
from bot.model.secret import Secret
from bot.storage import access, connections, journal, revocations, sealed
from bot.storage.tables import ConnectionRow
from bot.trust import keyfile
from tests.backup.killing import DONE, run_and_kill
from tests.clocks import NOW
from tests.delivery.lending import Lending, delivering
from tests.fakes.lender import FakeLender
from tests.fakes.recording import RecordingNet
from tests.lent import allow, make_vault, run_errands

HANDLE = "samir@piaille.fr"
EVERYTHING = datetime.max.replace(tzinfo=UTC)


@pytest.fixture
def key(tmp_path):
    """The vault's private keys."""
    return tmp_path / "vault.key"


@pytest.fixture
def app(app, key):
    """An installation with a vault, whose policy allows every mode on Mastodon."""
    make_vault(app, key)
    return allow(app, "mastodon")


@pytest.fixture
def change(app, key, clock):
    """Rotate, and remove every retired key that nothing needs, as after a theft."""

    def do():
        rotation.rotate(app.store, key, app.settings.data_dir, clock=clock)
        rotation.prune(app.store, key, app.settings.data_dir, before=EVERYTHING, now=clock.now())

    return do


def everything(app, key):
    """Open everything that is sealed, and give it; a start of the daemon would be allowed."""
    vault = tokens.open_vault(app.store, str(key), app.settings.data_dir)
    assert vault is not None
    return [
        vault.open(tokens.place_of(one), one.text).reveal() for one in app.store.run_read(sealed.others, [])
    ]


def state_of(account):
    """Give what the network gives back for an account."""
    return f"state-{account.id}"


def begin(app, account, kept="verifier -", way=Way.PAGE):
    """Begin a connection, as the page does."""
    app.store.run_write(
        stage.begin,
        keyfile.Published(app.settings.data_dir),
        account,
        Secret(kept),
        mode=Mode.AUTOMATIC,
        way=way,
        state=state_of(account),
        policies=app.policies,
        lang="fr",
        now=NOW,
    )


class RotatingLender(FakeLender):
    """A network during whose answer the operator changes the key."""

    change = staticmethod(lambda: None)

    def answer(self, path, asked):
        """Answer once the key has changed."""
        if path == "/sign-in":
            self.change()
        return super().answer(path, asked)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_key_changes_while_a_volunteer_connects(app, key, change, make_volunteer, wanted):
    """The token that comes after the change is sealed to the new key: kept, or sent back."""
    account = make_volunteer(accounts=[("mastodon", HANDLE)]).accounts[0]
    lender = RotatingLender()

    def meanwhile():
        change()
        if not wanted:
            app.store.run_write(connections.fail, account.id, Trouble.NOT_ALLOWED)

    lender.change = meanwhile
    try:
        begin(app, account, lender.password, Way.PASSWORD)
        before = keyfile.read_public(app.settings.data_dir)
        assert run_errands(app, lender.lenders(), key) == 1
        assert keyfile.read_public(app.settings.data_dir) != before
        assert (app.store.run_read(access.of, account.id) is not None) is wanted
        assert everything(app, key) == list(lender.tokens)
    finally:
        lender.end()


def test_a_connection_under_way_outlives_a_change(app, key, change, make_volunteer):
    """Begun before the change, answered after it, it is finished: what was kept is sealed anew, too."""
    account = make_volunteer(accounts=[("mastodon", HANDLE)]).accounts[0]
    lender = FakeLender()
    try:
        lender.codes["c"] = HANDLE
        begin(app, account)
        change()
        seal, back = keyfile.Published(app.settings.data_dir), {"code": "c"}
        owner = account.volunteer_id
        app.store.run_write(
            stage.come_back, seal, state_of(account), back, network="mastodon", volunteer_id=owner, now=NOW
        )
        change()
        assert sorted(everything(app, key)) == ["verifier -", '{"code": "c"}']
        run_errands(app, lender.lenders(), key)
        assert app.store.run_read(connections.of, account.id) is None
        assert everything(app, key) == list(lender.tokens)
    finally:
        lender.end()


def test_a_token_renewed_while_the_key_changes_is_kept(lending: Lending, net: RecordingNet):
    """It replaces the one that gave it, though that had been sealed anew meanwhile, under the new key."""
    app, key = lending.app, lending._key
    boost_id = lending.due(lending.notice(), lending.volunteer(token="renew:fresh"))

    async def run():
        async with delivering(lending) as engine:
            await engine.begin()
            assert (await engine.step()).claims
            rotation.rotate(app.store, key, app.settings.data_dir, clock=lending.clock)
            await engine.settled()

    asyncio.run(run())
    rotation.prune(app.store, key, app.settings.data_dir, before=EVERYTHING, now=NOW)
    assert app.store.run_read(revocations.page) == []
    assert everything(app, key) == ["fresh"]
    lending.advance(minutes=1)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED


def test_nothing_is_sealed_to_a_key_that_goes_under_load(app, key, change, make_volunteer):
    """Two threads connect and give back, again and again, while the key changes eight times."""
    accounts = [make_volunteer(accounts=[("mastodon", f"v{n}@piaille.fr")]).accounts[0] for n in range(6)]
    seal, stop, failed, given = keyfile.Published(app.settings.data_dir), threading.Event(), [], []

    def connect(mine):
        try:
            while not stop.is_set():
                for account in mine:
                    begin(app, account)
                    app.store.run_write(
                        tokens.give, seal, account, Secret("token"), mode=Mode.AUTOMATIC, now=NOW
                    )
                    given.append(account)
                    stop.wait(0.02)  # SQLite starves a writer whom others never give a moment
                app.store.run_write(access.give_back, mine[0].id)
        except Exception as error:  # noqa: BLE001  told by the test
            failed.append(error)

    threads = [threading.Thread(target=connect, args=(accounts[n::2],)) for n in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            change()
            everything(app, key)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(given) > 8
    assert set(everything(app, key)) <= {"token", "verifier -"}
    change()
    assert [one.retired_at for one in keyfile.read_private(key)] == [None]


def test_killed_at_every_touch_of_the_disk(app, key, clock, make_volunteer):
    """A process that dies anywhere in a rotation, or in removing keys, leaves everything open to the next."""
    for number in range(5):
        account = make_volunteer(accounts=[("mastodon", f"v{number}@piaille.fr")]).accounts[0]
        seal = keyfile.Published(app.settings.data_dir)
        app.store.run_write(tokens.give, seal, account, Secret("t"), mode=Mode.AUTOMATIC, now=NOW)

    def work():
        rotation.rotate(app.store, key, app.settings.data_dir, clock=clock, batch=2)
        rotation.prune(app.store, key, app.settings.data_dir, before=EVERYTHING, now=NOW)

    app.store.engine.dispose()  # no connection is shared with the children
    kills, ended = 0, ""
    while ended != DONE:
        kills += 1
        ended = run_and_kill(work, kills)
        assert everything(app, key) == ["t"] * 5
        app.store.engine.dispose()
    assert kills > 12
    assert [one.retired_at for one in keyfile.read_private(key)] == [None]


def test_two_rotations_at_once_lose_no_key(app, key, clock, make_volunteer):
    """Each waits for the other: neither writes a file without the key that the other made."""
    account = make_volunteer(accounts=[("mastodon", HANDLE)]).accounts[0]
    seal = keyfile.Published(app.settings.data_dir)
    app.store.run_write(tokens.give, seal, account, Secret("t"), mode=Mode.AUTOMATIC, now=NOW)
    threads = [
        threading.Thread(
            target=rotation.rotate, args=(app.store, key, app.settings.data_dir), kwargs={"clock": clock}
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert everything(app, key) == ["t"]
    assert len(keyfile.read_private(key)) == 5


def test_a_start_publishes_the_key_that_is_there(app, key, change):
    """A public key that is gone, or of another day, would seal to a key that nobody has."""
    folder = app.settings.data_dir
    old = keyfile.read_public(folder)
    change()
    for stale in (old, None):
        (folder / keyfile.PUBLIC).unlink()
        if stale is not None:
            keyfile.write_public(folder, stale)
        tokens.ready(app.store, str(key), folder)
        assert keyfile.read_public(folder).key == keyfile.read_private(key)[-1].id


class TestDamaged:
    """One sealed value opens with no key."""

    @pytest.fixture
    def damaged(self, app, make_volunteer):
        """Three accounts being connected: what stands at the first belongs to the second. Give the first."""
        accounts = [make_volunteer(accounts=[("mastodon", f"v{n}@piaille.fr")]).accounts[0] for n in range(3)]
        for account in accounts:
            begin(app, account)

        def damage(session):
            first, second = (session.get(ConnectionRow, one.id) for one in accounts[:2])
            first.sealed = second.sealed
            session.add(first)

        app.store.run_write(damage)
        return accounts[0]

    @pytest.mark.parametrize("batch", [1, 500])
    def test_it_keeps_no_stolen_key(self, app, key, clock, damaged, batch):
        """The rotation ends, what is sound opens with the new key alone, and the stolen one can go."""
        stolen, folder = keyfile.read_private(key)[0].id, app.settings.data_dir
        before = app.store.run_read(connections.of, damaged.id).sealed
        assert rotation.rotate(app.store, key, folder, clock=clock, batch=batch) == (2, 1)
        assert app.store.run_read(connections.of, damaged.id).sealed == before
        assert rotation.prune(app.store, key, folder, before=EVERYTHING, now=NOW) == [stolen]
        (held,) = keyfile.read_private(key)
        assert app.store.run_read(sealed.by_key) == {held.id: 2, stolen: 1}
        assert rotation.rotate(app.store, key, folder, clock=clock, batch=batch) == (2, 1), "nor the next one"

    def test_it_is_noted_in_ids(self, app, key, clock, damaged):
        """Whose it is, and no word of it."""
        rotation.rotate(app.store, key, app.settings.data_dir, clock=clock)
        (line,) = app.store.run_read(journal.read, action="access.unopened")
        about = {"account": damaged.id, "network": "mastodon"}
        assert (line.subject, line.details) == (f"volunteer:{damaged.volunteer_id}", about)

    def test_it_is_given_up_though_no_key_is_missing(self, app, key, clock, damaged):
        """Found before a rotation and after; then everything opens, and the old key goes in its time."""
        folder = app.settings.data_dir
        for rotated in (False, True):
            if rotated:
                rotation.rotate(app.store, key, folder, clock=clock)
            vault = keyfile.open_vault(key, folder)
            assert [one.row for one in app.store.run_read(lost_key.unopened, vault)] == [damaged.id]
        assert app.store.run_write(lost_key.give_up, vault, now=NOW, actor=CLI) == 1
        assert app.store.run_read(connections.of, damaged.id).trouble is Trouble.CUT_OFF
        assert everything(app, key) == ["verifier -"] * 2
        after = NOW + timedelta(days=1)
        assert len(rotation.prune(app.store, key, folder, before=after, now=after)) == 1

    def test_no_daily_removal_makes_the_next_start_refuse(self, app, key, clock, damaged):
        """Its key stays as long as the value, however old, unless it is removed by force."""
        folder = app.settings.data_dir
        rotation.rotate(app.store, key, folder, clock=clock)
        clock.advance(timedelta(days=90))
        before = clock.now() - timedelta(days=30)
        assert rotation.prune(app.store, key, folder, before=before, now=clock.now()) == []
        assert rotation.overdue(app.store, key, before=before) == []
        tokens.ready(app.store, str(key), folder)

    def test_killed_at_every_touch_of_the_disk_the_sound_ones_open(self, app, key, clock, damaged):
        """As without it."""

        def work():
            rotation.rotate(app.store, key, app.settings.data_dir, clock=clock, batch=1)

        app.store.engine.dispose()
        kills, ended = 0, ""
        while ended != DONE:
            kills += 1
            ended = run_and_kill(work, kills)
            vault = keyfile.open_vault(key, app.settings.data_dir)
            assert [one.row for one in app.store.run_read(lost_key.unopened, vault)] == [damaged.id]
            app.store.engine.dispose()
        assert kills > 8

    def test_its_key_stays_while_it_opens_anything_else(self, app, key, clock, damaged, make_volunteer):
        """A token that came late is sealed to it: not even by force, until the next rotation."""
        late, folder = make_volunteer(accounts=[("mastodon", HANDLE)]).accounts[0], app.settings.data_dir
        old = keyfile.read_public(folder)
        rotation.rotate(app.store, key, folder, clock=clock)
        app.store.run_write(tokens.give, old, late, Secret("late"), mode=Mode.AUTOMATIC, now=NOW)
        assert rotation.prune(app.store, key, folder, before=EVERYTHING, now=NOW) == []
        assert rotation.rotate(app.store, key, folder, clock=clock) == (3, 1)
        assert len(rotation.prune(app.store, key, folder, before=EVERYTHING, now=NOW)) == 2


class TestLost:
    """The key is gone for good."""

    @pytest.fixture
    def lose(self, app, key):
        """Put another key in the place of the one that is lost; give the vault that is left."""

        def do():
            vault = keyfile.write_private(key, app.settings.data_dir, [keyfile.new_key()])
            app.store.run_write(tokens.publish, app.settings.data_dir, vault)
            return vault

        return do

    def test_boosts_are_made_by_hand_until_it_is_lent_again(self, lending: Lending, net: RecordingNet, lose):
        """What was to go by a call is asked of the volunteer; a start is allowed; a new token goes on."""
        app = lending.app
        person = lending.volunteer()
        boost_id = lending.due(lending.notice(), person)
        held = lose()
        with pytest.raises(ConfigError, match="bot keys lost"):
            tokens.open_vault(app.store, str(lending._key), app.settings.data_dir)
        assert app.store.run_write(lost_key.give_up, held, now=NOW, actor=CLI) == 1
        tokens.open_vault(app.store, str(lending._key), app.settings.data_dir)
        lending.deliver()
        assert (lending.state(boost_id), net.log) == (BoostState.ASKED, [])
        lending.seal = keyfile.read_public(app.settings.data_dir)
        lending.lend(person.accounts[0], token="again")
        again = lending.due(lending.notice(), person)
        lending.advance(minutes=1)
        lending.deliver()
        assert lending.state(again) is BoostState.VERIFIED

    def test_each_kind_is_given_up_and_said(self, app, key, lose, make_volunteer):
        """Lent, refused before, on its way back, being connected: ids in the journal, what works."""
        seal = keyfile.Published(app.settings.data_dir)
        lent, refused, back, connecting = (
            make_volunteer(accounts=[("mastodon", f"v{n}@piaille.fr")]).accounts[0] for n in range(4)
        )
        for account in (lent, refused, back):
            app.store.run_write(tokens.give, seal, account, Secret("t"), mode=Mode.AUTOMATIC, now=NOW)
        app.store.run_write(access.lose, refused.id, NOW)
        app.store.run_write(access.give_back, back.id)
        begin(app, connecting)
        held = lose()
        can_not = app.store.run_read(lost_key.irrevocable, held)
        assert [one.account_id for one in can_not] == [lent.id, back.id]
        later = NOW + timedelta(hours=1)
        assert app.store.run_write(lost_key.give_up, held, now=later, actor=CLI) == 4
        assert app.store.run_read(sealed.by_key) == {}
        stands = [app.store.run_read(access.of, one.id) for one in (lent, refused)]
        assert [(one.sealed, one.lost_at) for one in stands] == [("", later), ("", NOW)]
        assert app.store.run_read(connections.of, connecting.id).trouble is Trouble.CUT_OFF
        lines = [
            (one.action, one.subject, one.actor, one.details)
            for one in app.store.run_read(journal.read)
            if one.action in {"access.key_lost", "access.not_revoked"}
        ]
        assert sorted(lines) == [
            (action, f"volunteer:{one.volunteer_id}", "cli", {"account": one.id, "network": "mastodon"})
            for action, one in (("access.key_lost", lent), ("access.not_revoked", back))
        ]
        assert app.store.run_write(lost_key.give_up, held, now=later, actor=CLI) == 0

    def test_a_lost_token_goes_back_to_nobody(self, app, lose, make_volunteer):
        """Taking the account back, or lending it again, sends nothing that nobody can open to the network."""
        account = make_volunteer(accounts=[("mastodon", HANDLE)]).accounts[0]
        seal = keyfile.Published(app.settings.data_dir)
        app.store.run_write(tokens.give, seal, account, Secret("t"), mode=Mode.AUTOMATIC, now=NOW)
        app.store.run_write(lost_key.give_up, lose(), now=NOW, actor=CLI)
        assert app.store.run_write(stage.take_back, account, now=NOW, actor=CLI)
        assert app.store.run_read(revocations.page) == []

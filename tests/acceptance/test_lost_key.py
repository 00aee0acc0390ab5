"""The key of lent accounts is lost, or an old backup comes back without it: a real daemon goes on."""

import time
from collections.abc import Callable
from pathlib import Path

from bot.delivery import tokens
from bot.model.boost import Mode
from bot.model.secret import Secret
from bot.settings import Settings
from bot.storage import volunteers
from bot.storage.store import Store
from bot.trust import keyfile
from tests.acceptance.daemon import Daemon
from tests.acceptance.visitor import Visitor
from tests.clocks import NOW


def test_the_daemon_starts_and_the_volunteer_is_asked_to_connect_again(
    daemon: Callable[..., Daemon], visit: Callable[[str], Visitor], tmp_path: Path
):
    """Refused without the key, then, once that is said to be lost, started; the page asks for another."""
    key = tmp_path / "vault.key"
    policy = tmp_path / "config/networks/mastodon.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text('modes = ["by_hand", "one_tap", "automatic"]\n')
    one = daemon(vault_key=str(key))
    keyfile.write_private(key, tmp_path / "data", [keyfile.new_key()])
    one.start()
    volunteer = visit(one.url)
    volunteer.open("/fr/join")
    time.sleep(2.1)  # a form that comes back faster is taken for a program's
    handle = {"handle-mastodon": "samir@piaille.fr"}
    volunteer.send(name="Samir", network="mastodon", **handle, quiet="no", charter="1", consent="1")
    inbox = volunteer.path
    one.stop()
    store = Store(Settings(data_dir=tmp_path / "data", _env_file=None).database)  # type: ignore[call-arg]
    account = store.run_read(volunteers.get, 1).accounts[0]
    seal = keyfile.Published(tmp_path / "data")
    store.run_write(tokens.give, seal, account, Secret("t"), mode=Mode.AUTOMATIC, now=NOW)
    store.close()
    key.unlink()
    refused = one.bot("run")
    assert (refused.returncode, "bot keys lost" in refused.stderr) == (5, True)
    assert one.bot("keys", "lost", "--yes").returncode == 0
    one.start()
    volunteer.open(inbox)
    assert "Notre clé pour Mastodon ne marche plus" in volunteer.page.text
    volunteer.open(f"{inbox}/accounts/1/automatic")
    assert volunteer.page.status_code == 200

"""An account is lent, used and its boost taken back by a real `bot run`, against X's fake on loopback.

What the collective does from its own account is in `test_own_account`.
"""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.trust import keyfile
from tests.acceptance.daemon import Daemon
from tests.acceptance.served import served, until
from tests.acceptance.visitor import Visitor
from tests.fakes.x import FakeX, x

POLICY = 'modes = ["by_hand", "one_tap", "automatic"]\n'
ACCOUNT = "/accounts/1"


@pytest.fixture
def fake() -> Iterator[FakeX]:
    """X."""
    with served(x) as made:
        yield made


@pytest.fixture
def one(daemon: Callable[..., Daemon], fake: FakeX, tmp_path: Path) -> Daemon:
    """An installation that lends accounts on X in every mode, and runs."""
    data, key = tmp_path / "data", tmp_path / "vault.key"
    data.mkdir()
    keyfile.write_public(data, keyfile.write_private(key, data, [keyfile.new_key()]).seal)
    policy = tmp_path / "config/networks/x.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text(POLICY)
    made = daemon(
        log_level="debug",
        undo_s="0",
        notice_spacing_min="0",
        plan_every_s="1",
        vault_key=str(key),
        x_api_url=fake.url,
        x_client_id=fake.oauth.client_id,
        x_client_secret=fake.oauth.client_secret,
        x_budget_day_usd="1",
        x_budget_month_usd="1",
    )
    return made.start()


def killed(one: Daemon) -> None:
    """End the daemon as a power cut would, and start it again: every tick runs at once."""
    one.stop(signal.SIGKILL)
    one.start()


def lend(volunteer: Visitor, fake: FakeX, mode: str) -> str:
    """Join, say yes here and on X, and finish; give the volunteer's own page."""
    volunteer.open("/fr/join")
    time.sleep(2.1)  # a form that comes back faster is taken for a program's
    volunteer.send(
        name="Samir", network="x", **{"handle-x": "samir_demo"}, quiet="no", charter="1", consent="1"
    )
    inbox = volunteer.path
    volunteer.open(f"{inbox}{ACCOUNT}/{mode}")
    volunteer.send(where=f"/{mode}", agree="1")
    [there] = [link for link in volunteer.links() if "/oauth2/authorize" in link]
    back = fake.oauth.consent(there, fake.user("samir_demo"))
    volunteer.open(f"/fr/connected/x?state={back['state']}&code={back['code']}")
    volunteer.send(where="/connected/x")
    assert str(volunteer.page.url).endswith("?done=lent"), volunteer.page.text
    return inbox


def accept_notice(one: Daemon, seeker: Visitor, moderator: Visitor, number: str) -> None:
    """A seeker gives a post on X, a moderator accepts it."""
    seeker.open("/fr/")
    time.sleep(2.1)  # a form that comes back faster is taken for a program's
    seeker.send(
        title="Soudeur TIG",
        place="Saint-Nazaire",
        contract="permanent",
        text="Dix ans de chantier naval.",
        has_post="yes",
        link=f"https://x.com/moussa/status/{number}",
        name="Moussa",
        consent="1",
    )
    moderator.open(one.setup_link())
    moderator.send(name="Camille", password="correct horse battery", again="correct horse battery")
    moderator.open("/fr/admin")
    moderator.send(where="/admin/case/1", button=("verdict", "accept"))


def keys_found(one: Daemon, fake: FakeX, inbox: str, volunteer: Visitor, moderator: Visitor) -> set[str]:
    """Give where a key that was lent, or opens one, can be read: files, logs, pages, copies, commands."""
    [vault] = (one.folder / "vault.key").read_text().splitlines()
    keys = [*fake.oauth.access, *fake.oauth.refresh, fake.oauth.client_secret, vault.split()[-1]]
    assert len(keys) >= 4
    places = {str(path): path.read_bytes() for path in one.folder.rglob("*") if path.is_file()}
    assert any("languette.db" in name for name in places)
    assert b"delivery_started" in places[str(one.folder / "err.txt")]
    del places[str(one.folder / "vault.key")]
    for who, paths in (
        (volunteer, (inbox, f"{inbox}{ACCOUNT}", f"{inbox}/data", f"{inbox}/data.json", "/metrics")),
        (
            moderator,
            ("/fr/admin/networks", "/fr/admin/health", "/fr/admin/journal", "/fr/admin/volunteers/1"),
        ),
    ):
        for path in paths:
            places[path] = who.open(path).encode()
            assert who.page.status_code == 200, path
    for words in (("accounts", "list", "--json"), ("status", "--json"), ("config",)):
        places[" ".join(words)] = one.bot(*words).stdout.encode()
    return {name for name, text in places.items() if any(key.encode() in text for key in keys)}


def states(one: Daemon) -> list[str]:
    """Give the state of every boost."""
    return [boost["state"] for boost in json.loads(one.bot("boosts", "list", "--json").stdout)]


@pytest.mark.parametrize("mode", ["one_tap", "automatic"])
def test_lent_boosted_once_and_taken_back(one: Daemon, fake: FakeX, visit, mode: str):
    """One boost at the network, whatever is killed; taken back on the page, it is gone. No key shows."""
    seeker, moderator, volunteer = visit(one.url), visit(one.url), visit(one.url)
    number = fake.post("Je cherche un poste de soudeur")
    inbox = lend(volunteer, fake, mode)
    accept_notice(one, seeker, moderator, number)
    killed(one)

    def shows(text: str) -> bool:
        return text in volunteer.open(inbox)

    if mode == "one_tap":
        until(lambda: shows("/boosts/1/tap"), lambda: volunteer.page.text)
        assert fake.made == [], "nothing is boosted before the tap"
        volunteer.send(where="/boosts/1/tap")
    made = [(next(iter(fake.users)), number)]
    until(lambda: fake.made == made, lambda: volunteer.open(inbox) + str(fake.made))
    until(lambda: shows("/boosts/1/take-back") and not shows("data-pending"), lambda: volunteer.page.text)
    said = "relayée pour vous" if mode == "automatic" else "relayée à"
    assert said in volunteer.page.text

    killed(one)
    time.sleep(1.5)  # the engine looks once a second
    assert fake.made == made
    assert states(one) == ["verified"]

    volunteer.open(inbox)
    volunteer.send(where="/boosts/1/take-back")
    until(lambda: not fake.boosts, lambda: volunteer.open(inbox))
    until(lambda: shows("est annulé"), lambda: volunteer.page.text)
    assert states(one) == ["undone"]
    assert fake.made == made
    assert "Traceback" not in (one.folder / "err.txt").read_text()
    assert keys_found(one, fake, inbox, volunteer, moderator) == set()

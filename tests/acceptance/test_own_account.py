"""The collective's own account, connected by command and used by a real `bot run`, on a fake GoToSocial.

It keeps no key of a post: whatever is sent twice is two posts. The official PDS is in `test_own_bluesky`.
"""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.trust import keyfile
from tests.acceptance.daemon import Daemon
from tests.acceptance.served import served, until
from tests.acceptance.visitor import Visitor
from tests.fakes.mastodon import FakeMastodon, mastodon
from tests.fakes.mastodon_oauth import decide
from tests.fakes.proxy import Fault, Proxy, proxy
from tests.fakes.wire import Request

NAME, WHO = "social.example", "emploi"
HANDLE = f"{WHO}@{NAME}"
POLICY = 'modes = ["by_hand", "collective"]\ncollective_spacing_min = 5\n'
QUIET_S = 40
"""The least that the setting allows."""


@asynccontextmanager
async def network() -> AsyncIterator[tuple[FakeMastodon, Proxy]]:
    """A server that makes a post each time it is asked for one, behind a proxy."""
    switches = {"duplicating": True, "ulids": True, "per_ip": True, "modern": False}
    async with mastodon(name=NAME, **switches) as fake, proxy(fake.url) as before:
        fake.automated.add(WHO)
        yield fake, before


@pytest.fixture
def both() -> Iterator[tuple[FakeMastodon, Proxy]]:
    """The server and the proxy."""
    with served(network) as made:
        yield made


def installed(make: Callable[..., Daemon], folder: Path, network: str, **settings: str) -> Daemon:
    """Make an installation whose policy allows it, not started yet."""
    data, key = folder / "data", folder / "vault.key"
    data.mkdir()
    keyfile.write_public(data, keyfile.write_private(key, data, [keyfile.new_key()]).seal)
    policy = folder / f"config/networks/{network}.toml"
    policy.parent.mkdir(parents=True)
    policy.write_text(POLICY)
    made = make(undo_s="0", plan_every_s="1", vault_key=str(key), doubt_quiet_s=str(QUIET_S), **settings)
    made.env["BOT_SITE_URL"] = made.url
    return made


def connect(one: Daemon, network: str, handle: str, agree: Callable[[str], dict[str, str]]) -> str:
    """Run `bot collective connect` as the operator does, page and pasted address; give what it says."""
    command = [sys.executable, "-m", "bot", "collective", "connect", network, handle]
    with subprocess.Popen(
        command,
        cwd=one.folder,
        env=one.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if line.strip().startswith("http"):
                break
        else:
            raise AssertionError(said)
        back = f"{one.url}/connected/{network}?{urlencode(agree(line.strip()))}"
        more, _ = process.communicate(back + "\n", timeout=60)
        assert process.returncode == 0, said + more
        return said + more


def accept_notice(one: Daemon, seeker: Visitor, moderator: Visitor) -> str:
    """Send a notice without a post and accept it; give its seeker's page."""
    seeker.open("/fr/")
    time.sleep(2.1)  # a form that comes back faster is taken for a program's
    words = {"title": "Soudeur TIG", "place": "Saint-Nazaire", "text": "Dix ans de chantier naval."}
    seeker.send(**words, contract="permanent", has_post="no", name="Moussa", consent="1")
    page = seeker.path
    moderator.open(one.setup_link())
    moderator.send(name="Camille", password="correct horse battery", again="correct horse battery")
    moderator.open("/fr/admin")
    moderator.send(where="/admin/case/1", button=("verdict", "accept"))
    return page


def shares(one: Daemon) -> list[str]:
    """Give the state of every share."""
    return [boost["state"] for boost in json.loads(one.bot("boosts", "list", "--json").stdout)]


def standing(one: Daemon, network: str) -> dict[str, object]:
    """Give what `bot collective show` says of a network."""
    rows = json.loads(one.bot("collective", "show", "--json").stdout)
    return next(row for row in rows if row["network"] == network)


def agreed(page: str, before: Proxy) -> dict[str, str]:
    """Say yes on the page of consent, which is under the server's name."""
    return asyncio.run(decide(page.replace(f"https://{NAME}", before.url), WHO))


def posts(asked: Request) -> bool:
    """Whether a request publishes."""
    return (asked.method, asked.path) == ("POST", "/api/v1/statuses")


def test_killed_with_its_post_out_there_is_one_post(
    daemon: Callable[..., Daemon],
    visit: Callable[[str], Visitor],
    both: tuple[FakeMastodon, Proxy],
    tmp_path: Path,
):
    """Killed between the post and its record, it finds the post; left out, it deletes it."""
    fake, before = both
    own = json.dumps({NAME: before.url})
    one = installed(daemon, tmp_path, "mastodon", own_servers=own).start()
    assert one.bot("collective", "check").returncode == 0, "there is nothing to look at yet"
    said = connect(one, "mastodon", HANDLE, lambda page: agreed(page, before))
    assert f"{HANDLE} is the collective's account" in said
    assert standing(one, "mastodon")["state"] == "works"

    before.meet(Fault.DRIP, posts)
    page = accept_notice(one, visit(one.url), visit(one.url))
    until(lambda: len(fake.statuses) == 1, lambda: str(shares(one)))
    assert shares(one) == ["sending"]
    one.stop(signal.SIGKILL)
    one.start()
    until(lambda: shares(one) == ["verified"], lambda: str(shares(one)), QUIET_S + 30)
    assert [asked.path for asked, _ in before.seen if posts(asked)] == ["/api/v1/statuses"]
    [post] = fake.statuses
    assert "Soudeur TIG" in post["content"]
    assert f"{one.url}/fr/s/" in post["content"]

    seeker = visit(one.url)
    assert "compte du collectif" in seeker.open(page)
    seeker.open(f"{page}/alone")
    seeker.send(where="/alone")
    until(lambda: not fake.statuses, lambda: str(shares(one)))
    until(lambda: shares(one) == ["undone"], lambda: str(shares(one)))

    assert json.loads(one.bot("collective", "leftovers", "--json").stdout) == []
    assert "bot collective leftovers" in one.bot("collective", "removed", "1").stderr
    fake.automated.discard(WHO)
    checked = one.bot("collective", "check")
    assert (checked.returncode, "not labelled" in checked.stdout) == (1, True)
    gone = one.bot("collective", "disconnect", "mastodon", "--yes")
    assert gone.returncode == 0, gone.stderr
    until(lambda: not fake.tokens, lambda: one.bot("collective", "show").stdout)
    assert standing(one, "mastodon")["state"] == "not connected"
    assert "Traceback" not in (one.folder / "err.txt").read_text()

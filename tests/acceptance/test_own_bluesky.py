"""The collective's own account on the official PDS of Bluesky: connected by command, used by `bot run`."""

import json
from collections.abc import Callable
from pathlib import Path

from bot.networks.atproto.records import POSTS
from tests.acceptance.daemon import Daemon
from tests.acceptance.served import until
from tests.acceptance.test_own_account import accept_notice, connect, installed, shares, standing
from tests.acceptance.visitor import Visitor
from tests.pds import Pds


def test_published_once_and_deleted_with_its_notice(
    daemon: Callable[..., Daemon], visit: Callable[[str], Visitor], named: Pds, tmp_path: Path
):
    """One post in the account's own repository, with a link to the page; withdrawn, the post is gone."""
    account = named.person("emploi")
    named.label(account, "bot")
    own = json.dumps({"pds.example": named.url, "plc.example": named.plc})
    settings = {"own_servers": own, "bluesky_plc": "https://plc.example", "bluesky_appview": named.name}
    one = installed(daemon, tmp_path, "bluesky", **settings).start()
    words = ("collective", "connect", "bluesky", account.handle, "--password")
    typed = one.bot(*words, stdin=named.app_password(account) + "\n")
    assert (typed.returncode, standing(one, "bluesky")["state"]) == (0, "works"), typed.stderr
    connect(one, "bluesky", account.handle, lambda page: named.consent(page, account))
    assert standing(one, "bluesky")["state"] == "works"

    seeker = visit(one.url)
    page = accept_notice(one, seeker, visit(one.url))
    until(lambda: shares(one) == ["verified"], lambda: str(shares(one)))
    [record] = named.records(account, POSTS)
    assert f"{one.url}/fr/s/" in record["value"]["text"]

    seeker.open(f"{page}/withdraw")
    seeker.send(where="/withdraw")
    until(lambda: shares(one) == ["undone"], lambda: str(shares(one)))
    assert named.records(account, POSTS) == []
    assert one.bot("collective", "disconnect", "bluesky", "--yes").returncode == 0
    assert standing(one, "bluesky")["state"] == "not connected"
    assert "Traceback" not in (one.folder / "err.txt").read_text()

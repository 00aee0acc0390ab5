"""Who is who, when documents and hosts say odd things: on a wire whose every byte a test decides."""

import asyncio
import json

import pytest

from bot.model.secret import Secret
from bot.networks.api.base import Lent
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.atproto.calls import Calls
from bot.networks.atproto.identity import Directory, Identity
from bot.networks.atproto.records import POSTS
from bot.networks.errors import RateLimitedError, RefusedError, UnavailableError
from bot.networks.http import Http, anywhere
from bot.networks.links import PostRef
from bot.trust.outbound import PublicOnly
from tests.fakes.wire import read_head, whole, wire
from tests.networks.bluesky_lent import ON_LOOPBACK

DID = "did:plc:" + "a" * 24
OTHER = "did:plc:" + "b" * 24
CID = "bafyreig7bsbk5makryhfkzcvddm6psuzphelpy6menokivw2wsqyxaqrxq"
POST = PostRef("bluesky", "", f"at://{DID}/{POSTS}/3l2s5xxv2ze2c")
LENT = Lent(None, Secret(""))


def document(pds="https://pds.example", did=DID, names=("at://nadia.test",)):
    """A DID document, as the PLC directory gives it."""
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}
    return {"id": did, "alsoKnownAs": list(names), "service": [service]}


def serving(pages, act, gate=anywhere):
    """Serve JSON (or raw bytes) by the last part of the path, and run `act` with that address."""
    asked = []

    async def answering(request, writer):
        path = read_head(request).path
        asked.append(path)
        found = pages.get(path.rpartition("/")[2], whole(b"{}", 404))
        writer.write(found if isinstance(found, bytes) else whole(json.dumps(found).encode()))

    async def run():
        async with wire(answering) as url, Http(gate) as http:
            return await act(http, url)

    return asyncio.run(run()), asked


def find(pages, who="nadia.test"):
    """Find who has a handle."""

    async def act(http, url):
        return await Directory(Calls(http), url, url).find(who)

    return serving(pages, act)[0]


ODD = [
    "http://pds.example",
    "ftp://pds.example",
    "x",
    "https://",
    "https://localhost",
    "https://pds.example/api?q=",
    "https://pds.example/api",
    "https://pds.example?",
    "https://pds.example#",
    "https://pds.example//",
    "https://me@pds.example",
    "https://me:pw@pds.example",
    "https://pds.example\\x",
    "https://pds.example:x",
    "http://127.0.0.1:18002/api/v1/admin/anything?q=",
    "http://127.1",
    "http://10.0.0.1",
    "http://localhost.example",
    "http://localhost@pds.example",
]
"""No origins: what is behind the host would lead elsewhere than to a PDS."""
RESOLVES = {"com.atproto.identity.resolveHandle": {"did": DID}}


def test_handle_and_document_name_each_other():
    """The handle leads to the DID, and its document back to the handle; capitals do not count."""
    pages = RESOLVES | {DID: document("https://pds.example/", names=("https://x", "at://Nadia.test"))}
    assert find(pages) == Identity(DID, "Nadia.test", "https://pds.example")


@pytest.mark.parametrize(
    "page",
    [
        document(names=("at://other.test",)),
        document(names=()),
        document(did=OTHER),
        document(pds=7),
        *(document(pds=odd) for odd in ODD),
        {"id": DID},
        {"id": DID, "service": "x", "alsoKnownAs": {"a": 1}},
        whole(b"{}", 410),
    ],
    ids=["another handle", "no handle", "another's", "odd PDS", *ODD, "no PDS", "odd lists", "tombstone"],
)
def test_who_is_not_who_they_seem_is_refused(page):
    """Each of these documents is nobody's whose account could be lent."""
    with pytest.raises(RefusedError):
        find(RESOLVES | {DID: page})


@pytest.mark.parametrize("did", [None, 7, "did:key:abc", "did:plc:short", "did:web:../x"])
def test_a_handle_that_leads_to_nothing_known_is_refused(did):
    """Only `did:plc` and `did:web` are in use."""
    with pytest.raises(RefusedError):
        find({"com.atproto.identity.resolveHandle": {"did": did}})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (whole(b"<html>", 200), UnavailableError),
        (whole(b"[]", 200), UnavailableError),
        (whole(b"<html>", 404), UnavailableError),
        (whole(b"", 500), UnavailableError),
        (whole(b"", 403), UnavailableError),
        (whole(b"", 429, "Retry-After: 7"), RateLimitedError),
    ],
    ids=["page", "list", "404 page", "500", "403 without a reason", "429"],
)
def test_a_directory_in_trouble_decides_nothing(answer, error):
    """Nobody is refused because a host answers nonsense."""
    with pytest.raises(error):
        find(RESOLVES | {DID: answer})


def test_a_document_is_asked_for_once():
    """What was read an hour ago at most is believed, unless it is asked for afresh."""

    async def act(http, url):
        directory = Directory(Calls(http), url, url)
        for fresh in (False, False, True):
            await directory.identity(DID, fresh=fresh)

    assert serving({DID: document()}, act)[1] == [f"/{DID}"] * 2


def test_a_post_is_looked_for_where_its_author_moved():
    """The PDS that is known does not have the account any more: the document is read anew, once."""
    record = "com.atproto.repo.getRecord"
    asked = []

    async def gate(scheme, host, port):
        asked.append(host)
        return await anywhere(scheme, host, port)

    async def act(http, url):
        pages.update(
            {DID: document(url.replace("127.0.0.1", "localhost")), record: {"cid": CID, "value": {}}}
        )
        api = BlueskyApi(http, ON_LOOPBACK, url, url)
        await api.locate(LENT, POST)
        pages.update({DID: document(url), record: whole(b'{"error":"InvalidRequest"}', 400)})
        with pytest.raises(RefusedError):
            await api.locate(LENT, POST)

    pages = {}
    serving(pages, act, gate)
    assert asked == ["127.0.0.1", "localhost", "localhost", "127.0.0.1", "127.0.0.1"]


@pytest.mark.parametrize(
    "record",
    [{}, {"cid": CID}, {"cid": CID, "value": []}, {"cid": "a b", "value": {}}, {"cid": 7, "value": {}}],
)
def test_a_pds_that_answers_something_else_is_not_believed(record):
    """PDSs belong to anybody: what is no record is no post, and no error of ours."""

    async def act(http, url):
        pages[DID] = document(url)
        with pytest.raises(UnavailableError):
            await BlueskyApi(http, ON_LOOPBACK, url, url).locate(LENT, POST)

    pages = {"com.atproto.repo.getRecord": record}
    serving(pages, act)


def test_a_pds_cannot_pass_a_post_off_as_another_s():
    """The address is the one that was asked for, whatever the answer claims."""
    claimed = {"uri": f"at://{OTHER}/{POSTS}/3l2s5xxv2ze2c", "cid": CID, "value": {"text": "Bonjour"}}

    async def act(http, url):
        pages[DID] = document(url)
        return await BlueskyApi(http, ON_LOOPBACK, url, url).locate(LENT, POST)

    pages = {"com.atproto.repo.getRecord": claimed}
    assert serving(pages, act)[0] == f"{POST.remote_id} {CID}"


@pytest.mark.parametrize(
    "pds",
    [
        "http://127.0.0.1:1",
        "http://localhost:1",
        "https://127.0.0.1",
        "https://nas.local",
        "https://p.example:8443",
    ],
)
def test_a_pds_inside_is_never_called(pds):
    """Documents are people's own: behind the outbound guard only public hosts are called, by https."""
    guard = PublicOnly()

    async def gate(scheme, host, port):
        """Let the directory on loopback pass, as the operator's own choice would be."""
        directory = scheme == "http" and host == "127.0.0.1" and port != 1
        return ["127.0.0.1"] if directory else await guard(scheme, host, port)

    async def act(http, url):
        pages[DID] = document(pds)
        with pytest.raises(UnavailableError):
            await BlueskyApi(http, ON_LOOPBACK, url, url).locate(LENT, POST)

    pages = {}
    assert serving(pages, act, gate)[1] == [f"/{DID}"]

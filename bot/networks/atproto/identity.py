"""Who is who in the AT Protocol: a handle names a DID, its document names the PDS that keeps the account.

Handles change hands and accounts move: the DID is what is kept, the rest is looked up, and anew when a host
answers that the account is not there. Hosts come from people's own documents: give an `Http` with a gate.
"""

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.networks.atproto import answers
from bot.networks.atproto.calls import Calls
from bot.networks.errors import NetworkError, RefusedError, UnavailableError
from bot.networks.http import Answer, NoAnswerError

FRESH_S = 3600.0
"""How long what a document says is believed."""
KNOWN = 10_000
"""Documents that are remembered."""
_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]{3,200})")
_NOT_FOUND = frozenset({404, 410})
_ORIGIN = re.compile(
    r"(?:https://[a-z0-9-]+(?:\.[a-z0-9-]+)+|http://(?:localhost|127\.0\.0\.1))(?::[0-9]{1,5})?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A DID with what its document says: the address of its PDS, the handle it claims (empty: none)."""

    did: str
    handle: str
    pds: str


class Directory:
    """Looks identities up. `plc` keeps the documents of `did:plc`, `resolver` answers for handles."""

    def __init__(self, calls: Calls, plc: str, resolver: str) -> None:
        self._calls = calls
        self._plc = plc
        self._resolver = resolver
        self._known: dict[str, tuple[float, Identity]] = {}

    async def did_of(self, who: str) -> str:
        """Give the DID of a handle; a DID is its own.

        Raises:
            RefusedError: nobody has this handle.
            UnavailableError: nothing is known now.
        """
        if _DID.fullmatch(who):
            return who
        url = f"{self._resolver}/xrpc/com.atproto.identity.resolveHandle"
        answer = await self._get(url, handle=who)
        if answer.status == answers.BAD:
            message = "nobody on Bluesky has this handle"
            raise RefusedError(message)
        did = _readable(answer, url).get("did")
        if not isinstance(did, str) or not _DID.fullmatch(did):
            message = "the handle leads to no DID that is in use"
            raise RefusedError(message)
        return did

    async def identity(self, did: str, *, fresh: bool = False) -> Identity:
        """Give what the DID's document says; `fresh`: whatever was known of it.

        Raises:
            RefusedError: there is no such DID, or it has no PDS.
            UnavailableError: nothing is known now.
        """
        now = time.monotonic()
        known = self._known.get(did)
        if known and not fresh and now - known[0] < FRESH_S:
            return known[1]
        found = _identity(did, _readable(await self._get(self._document(did)), did))
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[did] = (now, found)
        return found

    async def find(self, handle: str) -> Identity:
        """Give who has a handle: the handle must name the DID, and the DID's document the handle.

        Raises:
            RefusedError: nobody, or only one of the two says so.
        """
        found = await self.identity(await self.did_of(handle), fresh=True)
        if found.handle.casefold() != handle.casefold():
            message = "the account behind this handle goes by another"
            raise RefusedError(message)
        return found

    def _document(self, did: str) -> str:
        """Give where a DID's document is.

        Raises:
            RefusedError: it is of another kind.
        """
        if not _DID.fullmatch(did):
            message = "no DID of a kind that Bluesky uses"
            raise RefusedError(message)
        method, _, name = did.removeprefix("did:").partition(":")
        return f"{self._plc}/{did}" if method == "plc" else f"https://{name}/.well-known/did.json"

    async def _get(self, url: str, **params: str) -> Answer:
        try:
            return await self._calls.get(url, params or None)
        except NoAnswerError as error:
            message = f"{urlsplit(url).hostname} gave no answer: {error}"
            raise UnavailableError(message) from error


def _readable(answer: Answer, url: str) -> Any:
    """Give the JSON of a look-up.

    Raises:
        NetworkError: there is none; a document that is not there is refused.
    """
    if not answers.is_success(answer) and answer.status not in _NOT_FOUND:
        found = answers.problem(answer, url)
        raise found if isinstance(found, NetworkError) else UnavailableError(str(found))
    try:
        document = answers.body(answer)
    except NoAnswerError as error:  # a page of something before the directory
        message = f"a look-up ended in no JSON: {error}"
        raise UnavailableError(message) from error
    if answer.status in _NOT_FOUND:
        message = "there is no such account any more"
        raise RefusedError(message)
    return document


def _identity(did: str, document: Any) -> Identity:
    """Read a document (atproto.com/specs/did).

    Raises:
        RefusedError: it is another's, or names no PDS.
    """
    services = [one for one in _list(document, "service") if isinstance(one, dict)]
    hosts = [one.get("serviceEndpoint") for one in services if str(one.get("id")).endswith("#atproto_pds")]
    names = [name for name in _list(document, "alsoKnownAs") if str(name).startswith("at://")]
    pds = str(hosts[0]).removesuffix("/") if hosts else ""
    if document.get("id") != did or not is_origin(pds):
        message = "the account's document names no PDS"
        raise RefusedError(message)
    handle = str(names[0]).removeprefix("at://") if names else ""
    return Identity(did, handle, pds)


def is_origin(url: str) -> bool:
    """Whether this is `https://HOST` and perhaps a port: no path, query, fragment or login.

    Plain http on loopback counts, as atproto.com/specs/oauth has it for development: whether such a host is
    called is the gate's affair, and that of an installation lets none through.
    """
    return _ORIGIN.fullmatch(url) is not None


def _list(document: Any, key: str) -> list[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else []

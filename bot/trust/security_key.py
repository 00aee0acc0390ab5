"""For which site security keys answer, and when a count gives a copy away; see `bot.trust.webauthn`."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

_PORTS = {"https": 443, "http": 80}


class WrongAnswerError(Exception):
    """The answer is not that of a key to this question; the text says why, for tests."""


@dataclass(frozen=True, slots=True)
class Site:
    """For whom keys answer: `host` is what they are bound to, `origin` where the page stands."""

    name: str
    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A key that was made for a site."""

    credential_id: bytes
    public_key: bytes
    count: int


def site_of(address: str, name: str) -> Site | None:
    """Give the site at a public address; None where no browser lets keys be used.

    They want https, or this machine under the name localhost, and a name: an IP address has no keys.
    """
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode()
    local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_number(host) or (parts.scheme != "https" and not local):
        return None
    port = "" if parts.port in {None, _PORTS[parts.scheme]} else f":{parts.port}"
    return Site(name, host, f"{parts.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_copy(before: int, count: int) -> bool:
    """Whether a count shows that a key was copied: one that counts never gives the same number twice."""
    return count <= before and (count, before) != (0, 0)

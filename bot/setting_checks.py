"""What a setting's value must look like, beyond its type; a ValueError says what is wrong. Pure."""

import re
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator

PORT_MAX = 65_535
_LABELS = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
_NAME = re.compile(rf"(?=.{{4,253}}$){_LABELS}\.[a-z](?:[a-z0-9-]*[a-z0-9])?", re.IGNORECASE)
_SERVER = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?/?", re.IGNORECASE
)


_zones = cache(available_timezones)  # they lie all over the disk


def known_zone(name: str) -> str:
    """Let IANA time zones through."""
    if name not in _zones():
        message = "is not an IANA time zone, e.g. Europe/Paris"
        raise ValueError(message)
    return name


def web_address(url: str) -> str:
    """Let web addresses through, without a slash at the end."""
    if url and not url.startswith(("http://", "https://")):
        message = "must start with http:// or https://"
        raise ValueError(message)
    return url.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]


def ip_networks(given: tuple[str, ...]) -> tuple[str, ...]:
    """Let ranges of IP addresses through."""
    for one in given:
        ip_network(one, strict=False)  # its ValueError says what is wrong
    return given


def counts(given: dict[str, int]) -> dict[str, int]:
    """Let numbers from 1 on through, by name."""
    for name, count in given.items():
        if count < 1:
            message = f"{name}: must be at least 1; a network that is not to be used stays out of `networks`"
            raise ValueError(message)
    return given


Counts = Annotated[dict[str, int], AfterValidator(counts)]
"""Numbers by name, as `{x = 30}` in TOML and `{"x": 30}` in the environment."""


def loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def instances(given: tuple[str, ...]) -> tuple[str, ...]:
    """Let names of instances through, and addresses on this machine."""
    for one in given:
        url = urlsplit(one if "://" in one else f"https://{one}")
        if not url.hostname or url.path or (url.scheme != "https" and not loopback(url.hostname)):
            message = f"{one} is not the name of an instance, like piaille.fr"
            raise ValueError(message)
    return given


def api_address(url: str) -> str:
    """Let https through, and this machine itself: a token goes there."""
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme != "https" and not loopback(parts.hostname)):
        message = "must start with https://"
        raise ValueError(message)
    return url.rstrip("/")


def servers(given: dict[str, str]) -> dict[str, str]:
    """Let addresses through by the name people know them by: https, or this machine itself."""
    checked: dict[str, str] = {}
    for name, url in given.items():
        if not _NAME.fullmatch(name):
            message = f"{name!r}: write the server's public name, like social.example.org, in letters a to z"
            raise ValueError(message)
        if name.lower() in checked:
            message = f"{name} is there twice, capitals aside: keep one"
            raise ValueError(message)
        checked[name.lower()] = _server_address(name, url)
    return checked


def _server_address(name: str, url: str) -> str:
    """Read where a server is; what was written is not repeated: it may hold a password."""
    parts = _SERVER.fullmatch(url)
    if parts is None or not _is_host(parts["host"]) or not 0 < int(parts["port"] or 1) <= PORT_MAX:
        message = (
            f"{name}: write an address like http://127.0.0.1:3000 or https://10.0.0.5: scheme, host and port "
            f"(1 to {PORT_MAX}) only, without spaces, path, login, ? or #"
        )
        raise ValueError(message)
    if parts["scheme"].lower() == "http" and not loopback(parts["host"].strip("[]").lower()):
        message = (
            f"{name}: plain http is for this machine (loopback) only; "
            "write https://, or an address like http://127.0.0.1:3000"
        )
        raise ValueError(message)
    return url.lower().rstrip("/")


def _is_host(host: str) -> bool:
    """Whether it is an address or a name; `127.1` is none: it would be read as one."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return (
            re.fullmatch(_LABELS, host, re.IGNORECASE) is not None and not host.rpartition(".")[2].isdigit()
        )
    return host.startswith("[") is (":" in host)


Servers = Annotated[dict[str, str], AfterValidator(servers)]
"""Addresses by name, as `{"social.example.org" = "http://127.0.0.1:3000"}` in TOML."""


def issuer_address(url: str) -> str:
    """Let names of log-in providers through, exactly as they are: https, or this machine itself."""
    parts = urlsplit(url)
    named = parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname or ""))
    if url and (not named or not parts.hostname or parts.username or parts.query or parts.fragment):
        message = "must be the issuer as your provider names it, starting with https://"
        raise ValueError(message)
    return url


def stream_address(url: str) -> str:
    """Let addresses of websockets through."""
    if not url.startswith(("ws://", "wss://")):
        message = "must start with wss:// (ws:// on this machine only)"
        raise ValueError(message)
    return url.rstrip("/")

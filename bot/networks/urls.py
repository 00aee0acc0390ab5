"""Taking the URL of a post apart, with no call and no surprise: the part that all networks share."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from bot.model.notice import LINK_MAX
from bot.model.text import N_, Message
from bot.networks import hosts

PROFILE: Final = Message(N_("Paste the link to one post, not to your profile"))
SHORT_LINK: Final = Message(N_("This is a short link. Open it, then copy the long link of the post."))
NOT_HTTPS: Final = Message(N_("The link of a post starts with https://"))
NOT_A_LINK: Final = Message(N_("This is not a link. Open your post and copy its link, with https://"))
TOO_LONG: Final = Message(N_("This link is too long. Open your post and copy its link again."))
ACCOUNT_IN_LINK: Final = Message(
    N_("This link carries a login before its address. Copy the post’s own link.")
)
PORT_IN_LINK: Final = Message(N_("This link carries a port number. Copy the post’s own link."))
ODD_HOST: Final = Message(
    N_("The address of this link has unusual letters, so we cannot be sure where it goes.")
)
LOCAL_HOST: Final = Message(N_("This link goes to a machine, not to a public site."))

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:(?![0-9])")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\<>\"`{}|^]|\s")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_TOP = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}")
_HOST_MAX = 253
_LOCAL_TOPS = frozenset(
    {"localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "onion", "invalid"}
)


@dataclass(frozen=True, slots=True)
class Address:
    """A checked web address: lower-case ASCII `host` (see `hosts`) and percent-decoded path `parts`."""

    host: str
    parts: tuple[str, ...]

    @property
    def site(self) -> str:
        """The host without a leading `www.`, `mobile.` or `m.`."""
        return re.sub(r"^(?:www|mobile|m)\.", "", self.host)


def problem_of(url: str) -> Message | None:
    """Say what is wrong with the form of a link, whatever the network; None when nothing is.

    `http` is read as `https` and a missing scheme as `https`; every other scheme is refused, and so are
    control characters, logins, ports, hosts that may pass for others, IP addresses and local names.
    """
    read = _read(url)
    return read if isinstance(read, Message) else None


def address(url: str) -> Address | None:
    """Take a link apart; None when `problem_of` it is something."""
    read = _read(url)
    return read if isinstance(read, Address) else None


def public_host(text: str) -> str | None:
    """Normalise a public host name; None for IP addresses, local names and names that may deceive."""
    host = _ascii(text)
    return host if host is not None and _host_problem(host) is None else None


def cut(text: str, room: int) -> str:
    """Shorten `text` to at most `room` characters, ending in `…` when something was left out."""
    return text if len(text) <= room else text[: max(room - 1, 0)].rstrip() + "…"


def _read(url: str) -> Address | Message:
    url = url.strip()
    if problem := _form_problem(url):
        return problem
    try:
        split = urlsplit(url if _SCHEME.match(url) else f"https://{url}")
    except ValueError:
        return NOT_A_LINK
    host = _ascii(split.netloc)
    problem = _host_problem(split.netloc if host is None else host)
    if host is None or problem is not None:
        return problem or ODD_HOST
    return Address(host, tuple(unquote(part) for part in split.path.split("/") if part))


def _ascii(netloc: str) -> str | None:
    """Give what stands for the host in lower-case ASCII; None: it cannot, or must not, be written so."""
    netloc = netloc.lower()
    if netloc.isascii() and hosts.PREFIX not in netloc:
        return netloc
    return hosts.to_ascii(netloc)


def _form_problem(url: str) -> Message | None:
    if len(url) > LINK_MAX:
        return TOO_LONG
    scheme = _SCHEME.match(url)
    if scheme[1].lower() not in {"http", "https"} if scheme else _OTHER_SCHEME.match(url):
        return NOT_HTTPS
    if _FORBIDDEN.search(url) or url.startswith("/") or "." not in url:
        return NOT_A_LINK
    return None


def _host_problem(netloc: str) -> Message | None:
    host = netloc.lower()
    labels = host.split(".")
    top = labels[-1]
    # In this order: what is before and after the host first, so that the rest looks at a host only.
    rules = (
        ("@" in host, ACCOUNT_IN_LINK),
        (host.startswith("["), LOCAL_HOST),
        (":" in host, PORT_IN_LINK),
        (not host.isascii(), ODD_HOST),
        (re.fullmatch(r"[0-9.]+", host) or len(labels) == 1 or top in _LOCAL_TOPS, LOCAL_HOST),
        (len(host) > _HOST_MAX or not all(map(_LABEL.fullmatch, labels)), NOT_A_LINK),
        (not _TOP.fullmatch(top), LOCAL_HOST),
    )
    return next((message for broken, message in rules if broken), None)

"""Email addresses: their form, and the typing slips that deserve a question. Pure."""

import re
from difflib import get_close_matches

from bot.model.notice import EMAIL_MAX

_FORM = re.compile(r"[^\s@,;:<>()\[\]\\\"]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_COMMON = (
    "gmail.com",
    "hotmail.com",
    "hotmail.fr",
    "outlook.com",
    "outlook.fr",
    "live.fr",
    "yahoo.com",
    "yahoo.fr",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "sfr.fr",
    "laposte.net",
    "icloud.com",
    "protonmail.com",
    "proton.me",
    "gmx.fr",
    "bbox.fr",
    "neuf.fr",
    "numericable.fr",
)
_REAL = frozenset(
    {"email.com", "mail.com", "ymail.com", "gmx.com", "gmx.net", "gmx.de", "live.com", "live.be", "me.com"}
    | {
        "hotmail.be",
        "hotmail.it",
        "hotmail.es",
        "outlook.be",
        "outlook.de",
        "yahoo.es",
        "yahoo.de",
        "yahoo.it",
    }
)
"""Domains that look like a slip and are none."""
_CLOSE = 0.82
"""Likeness from which a domain is taken for a slip."""


def read_email(text: str) -> str | None:
    """Give the address in lower case; None when it cannot be one."""
    text = text.lower()
    return text if len(text) <= EMAIL_MAX and _FORM.fullmatch(text) else None


def likely_meant(email: str) -> str | None:
    """Give the address that was probably meant; None when nothing looks mistyped."""
    user, _, domain = email.rpartition("@")
    if domain in _COMMON or domain in _REAL:
        return None
    close = get_close_matches(domain, _COMMON, n=1, cutoff=_CLOSE)
    return f"{user}@{close[0]}" if close else None

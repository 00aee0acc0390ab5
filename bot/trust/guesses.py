"""Passwords that are guessed first here: little more than words that everybody knows."""

import re
import unicodedata
from collections.abc import Sequence

WORDS = (
    "languette",
    "password",
    "motdepasse",
    "admin",
    "administrator",
    "administrateur",
    "moderator",
    "moderateur",
    "moderatrice",
    "moderation",
    "operator",
    "operateur",
    "operatrice",
    "reader",
    "benevole",
    "volunteer",
    "collectif",
    "boost",
    "partage",
    "annonce",
    "emploi",
    "chomage",
    "francetravail",
    "mastodon",
    "bluesky",
    "twitter",
    "linkedin",
)
"""Words of the collective, its roles, networks and subject, without accents; docs/security.md lists them."""
LEFT_LEAST = 8
"""Letters that have to be left without those words, digits and signs."""
KINDS_LEAST = 5
"""Different characters that a password has to have."""


def obvious(password: str, about: Sequence[str] = ()) -> bool:
    """Whether a password is little more than words of ours, digits, or few characters again and again.

    `about`: names of the person and of the site; each of their words counts, down to three letters.
    """
    plain = _letters(password)
    if len(set(password.casefold())) < KINDS_LEAST:
        return True
    named = {word for text in about for word in re.split(r"[\W_]+", _plain(text)) if len(word) > 2}  # noqa: PLR2004
    for word in sorted({*WORDS, *named, *map(_letters, about)} - {""}, key=len, reverse=True):
        plain = plain.replace(word, "")
    return len(plain) < LEFT_LEAST


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _letters(text: str) -> str:
    return "".join(char for char in _plain(text) if char.isalpha())

"""Filters in the address: every value is a stranger's, none raises; the same page can be bookmarked."""

from collections.abc import Container
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

WORDS_MAX = 100
NUMBER_MAX = 1_000_000


class Filters:
    """The query of one request."""

    def __init__(self, params: QueryParams) -> None:
        self._params = params

    def words(self, name: str) -> str:
        """Give free words, at most 100 characters without control characters."""
        kept = "".join(c for c in self._params.get(name, "")[:WORDS_MAX] if c.isprintable())
        return kept.strip()

    def choice(self, name: str, known: Container[str]) -> str:
        """Give a code if it is a known one, otherwise nothing."""
        value = self._params.get(name, "")
        return value if value in known else ""

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self._params.get(name) == "1"

    def number(self, name: str) -> int | None:
        """Give a whole number from 1 to a million, otherwise None."""
        value = self._params.get(name, "")
        if not (value.isascii() and value.isdecimal() and len(value) < len(str(NUMBER_MAX))):
            return None
        return int(value) or None


def query(values: dict[str, Any], **changes: Any) -> str:
    """Give the query of an address (`?state=active&page=2`), leaving out what is empty."""
    kept = {
        name: "1" if value is True else value
        for name, value in (values | changes).items()
        if value not in {None, "", False}
    }
    return "?" + urlencode(kept) if kept else "?"

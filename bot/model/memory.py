"""What this process keeps of people's words to be quick: whoever keeps any says how to empty it."""

import urllib.parse
from collections.abc import Callable

_emptied: list[Callable[[], object]] = [urllib.parse.clear_cache]  # type: ignore[attr-defined]  # of posts


def empties(*ways: Callable[[], object]) -> None:
    """Take the ways to empty what a module keeps."""
    _emptied.extend(ways)


def forget() -> None:
    """Empty everything: somebody was erased."""
    for empty in _emptied:
        empty()

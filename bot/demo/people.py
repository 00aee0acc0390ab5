"""The demo's cast: 30 notices and 40 volunteers, all invented and marked as such (cast.toml)."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files

from bot.model.notice import Contract

MARK = "(démo)"
"""Stands behind every name, so that no screenshot can pass for real."""


@dataclass(frozen=True, slots=True)
class Part:
    """One invented notice. `ends`: how its story ends within the history (`found`, `withdrawn` or open)."""

    name: str
    title: str
    place: str
    contract: Contract
    text: str
    remote: bool = False
    mastodon: bool = False
    ends: str = ""


_CAST = tomllib.loads((files(__package__) / "cast.toml").read_text(encoding="utf-8"))


def _parts(key: str) -> tuple[Part, ...]:
    return tuple(Part(**{**entry, "contract": Contract(entry["contract"])}) for entry in _CAST[key])


ROUND = _parts("round")
"""Accepted within the history."""
WAITING = _parts("waiting")
"""Left for whoever opens the demo to moderate."""
COMING = _parts("coming")
"""Sent while the demo runs."""
VOLUNTEER_NAMES: tuple[str, ...] = tuple(_CAST["volunteers"])

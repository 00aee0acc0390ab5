"""Wordings of job offers and of scams, read from wordings.toml when the program starts."""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files

from bot.model.text import N_
from bot.sets.folding import Folded

HINTS_NEEDED = 2

_SAYS = {
    "chat": N_("Asks to be contacted on WhatsApp or Telegram"),
    "earnings": N_("Promises earnings by the day or the week"),
    "crypto": N_("Crypto-currency or trading"),
    "fees": N_("Asks for money before any work"),
    "tasks": N_("Paid little tasks, as in task scams"),
    "mule": N_("Lends or borrows a bank account, parcels or money"),
    "selling": N_("Multi-level or miracle selling"),
    "wording": N_("Reads like a job offer, not a search"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One tell-tale: `says` is the sentence a moderator reads beside the marked words."""

    says: str
    pattern: re.Pattern[str]


_DATA = tomllib.loads(files(__name__.rpartition(".")[0]).joinpath("wordings.toml").read_text("utf-8"))


def _compiled(alternatives: list[str]) -> re.Pattern[str]:
    text = "|".join(alternatives)
    for name, part in _DATA["parts"].items():
        text = text.replace(f"<{name}>", part)
    return re.compile(text)


SCAMS = tuple(Wording(_SAYS[name], _compiled(found)) for name, found in _DATA["scam"].items())
OFFERS = (Wording(_SAYS["wording"], _compiled(_DATA["offer"]["wording"])),)
HINTS = tuple(_compiled([hint]) for hint in _DATA["offer"]["hints"])
"""Each is harmless in a search; two of them together make an offer likely. The first is "h/f"."""


def is_offer(title: Folded, text: Folded) -> bool:
    """Whether words read like a job offer: one wording of offers, or two hints of them."""
    if any(wording.pattern.search(part.text) for wording in OFFERS for part in (title, text)):
        return True
    marks = sum(pattern.search(text.text) is not None for pattern in HINTS)
    return marks + bool(HINTS[0].search(title.text)) >= HINTS_NEEDED

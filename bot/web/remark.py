"""A report as it is typed, by a volunteer or by anybody: what is wrong with a notice."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.delivery.by_hand import NO_WHY
from bot.model.text import N_, Message
from bot.moderation import outside
from bot.web.forms import Typed
from bot.web.pages import Speech

CONTACT_MAX = 200
OTHER, ILLEGAL = "other", "illegal"
REASONS = {
    "not_a_search": N_("It is not a job search"),
    "scam": N_("It looks like a scam or advertising"),
    "personal": N_("Personal data is visible"),
    "changed": N_("The post has changed or is gone"),
    OTHER: N_("Something else"),
}
OUTSIDE = {
    "scam": REASONS["scam"],
    "about_me": outside.ABOUT_ME,
    "personal": REASONS["personal"],
    ILLEGAL: outside.ILLEGAL,
    "not_a_search": REASONS["not_a_search"],
    OTHER: REASONS[OTHER],
}
"""What anybody may choose from."""
IN_WORDS = frozenset({OTHER, ILLEGAL})
"""Reasons that say nothing without words."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What was typed, and what is wrong with it."""

    why: str = ""
    label: str = ""
    words: str = ""
    contact: str = ""
    error: Message | None = None

    def told(self, speech: Speech) -> str:
        """Give the reason and the words as a moderator reads them."""
        return ": ".join(filter(None, (speech.say(self.label), " ".join(self.words.split()))))


def read(typed: Typed, reasons: Mapping[str, str]) -> Remark:
    """Give what was typed; without a reason, or without the words it needs, it has an error."""
    why, words, contact = (typed.text(name) for name in ("why", "words", "contact"))
    label = reasons.get(why, "")
    lacks = not label or (why in IN_WORDS and not words.strip())
    contact = " ".join(contact.split())[:CONTACT_MAX]
    return Remark(why if label else "", label, words, contact, NO_WHY if lacks else None)

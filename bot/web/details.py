"""What people read for the details of a line of the journal, which keeps ids, counts and codes only."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.model.access import Role
from bot.model.journal import Entry
from bot.model.moderation import REASONS
from bot.model.text import N_, Message, counted
from bot.web.labels import MODES

ROLES: dict[str, str] = {
    Role.READER: N_("reader"),
    Role.MODERATOR: N_("moderator"),
    Role.OPERATOR: N_("operator"),
}
PARTS: dict[str, str] = {
    "presence": N_("name and networks"),
    "pace": N_("pace"),
    "interests": N_("sectors, places, languages"),
    "hours": N_("quiet hours and time zone"),
}


def said(entry: Entry, networks: Mapping[str, str]) -> list[Message]:
    """Give the details of a line in words, in their order. `networks`: the names people know, by code.

    What is empty or nought says nothing. A detail without words here is shown as its code and value.
    """
    return [
        WORDS[name](value, networks) if name in WORDS else Message("%(name)s: %(value)s", _raw(name, value))
        for name, value in entry.details.items()
        if value
    ]


def _raw(name: str, value: object) -> dict[str, str]:
    return {"name": name, "value": " ".join(map(str, value)) if isinstance(value, list) else str(value)}


def _coded(words: Mapping[str, str], text: str = "%(what)s") -> Callable[[Any, Mapping[str, str]], Message]:
    return lambda code, _: Message(text, {"what": Message(words.get(code, code))})


def _text(text: str) -> Callable[[Any, Mapping[str, str]], Message]:
    return lambda value, _: Message(text, {"value": str(value)})


def _until(value: str, _networks: Mapping[str, str]) -> Message:
    return Message(N_("until %(moment)s"), {"moment": datetime.fromisoformat(value)})


def _networks(codes: str | list[str], networks: Mapping[str, str]) -> Message:
    some = [codes] if isinstance(codes, str) else codes
    return Message("%(value)s", {"value": ", ".join(networks.get(code, code) for code in some)})


WORDS: dict[str, Callable[[Any, Mapping[str, str]], Message]] = {
    "all": lambda _value, _networks: Message(N_("in every browser")),
    "asked": lambda n, _: counted("%(n)s volunteer asked to undo", "%(n)s volunteers asked to undo", n),
    "backup": _text(N_("from %(value)s")),
    "before": _coded(ROLES, N_("was %(what)s")),
    "boost": _text(N_("share %(value)s")),
    "boosts": lambda n, _: counted("%(n)s share given to others", "%(n)s shares given to others", n),
    "by_bot": lambda n, _: counted(
        "%(n)s share taken back by the bot", "%(n)s shares taken back by the bot", n
    ),
    "cancelled": lambda n, _: counted("%(n)s share cancelled", "%(n)s shares cancelled", n),
    "decision": _text(N_("decision %(value)s")),
    "done": lambda n, _: counted("after %(n)s share", "after %(n)s shares", n),
    "last": _text(N_("the last was line %(value)s")),
    "left": lambda n, _: counted("%(n)s code left", "%(n)s codes left", n),
    "lines": lambda n, _: counted("%(n)s line", "%(n)s lines", n),
    "mode": _coded(MODES),
    "network": _networks,
    "networks": _networks,
    "notice": _text(N_("notice %(value)s")),
    "notices": lambda n, _: counted("%(n)s notice erased", "%(n)s notices erased", n),
    "part": _coded(PARTS),
    "prolonged": lambda n, _: counted("%(n)s share with more time", "%(n)s shares with more time", n),
    "reason": _coded({code.value: text for code, text in REASONS.items()}),
    "revision": _text(N_("version %(value)s")),
    "role": _coded(ROLES, N_("now %(what)s")),
    "seeker": _text(N_("seeker %(value)s")),
    "until": _until,
    "watcher": _text("%(value)s"),
}
"""By the name under which `journal.write` was given the detail; a test compares them with the code."""

"""Sentences that are translated where they are shown, never where they are decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

LANGUAGES = ("fr", "en")


def N_(text: str) -> str:  # noqa: N802  gettext's own name for a mark without a translation
    """Mark an English source string for the catalogue and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Named:
    """A value that brings its own names by language, e.g. a sector of the data sets."""

    names: Mapping[str, str]

    def name(self, lang: str) -> str:
        """Give the name in `lang`, or in any language where that one is missing."""
        return self.names.get(lang) or next(iter(self.names.values()), "")


@dataclass(frozen=True, slots=True)
class Message:
    """An English source string with its named values, e.g. `Message(N_("%(job)s in %(place)s"), {…})`.

    Values are shown as they are; a value that is itself a `Message` is translated first, a `Named` gives its
    name and an aware datetime is written in words. With `count`, `text` is the singular and `plural` the
    plural; make those with `counted`.
    """

    text: str
    params: "Mapping[str, str | int | datetime | Named | Message]" = field(default_factory=dict)
    plural: str = ""
    count: int | None = None

    def __str__(self) -> str:
        """Give the English sentence, for logs and the command line."""
        text = self.text if self.count in {None, 1} else self.plural
        return text % {k: _english(v) for k, v in self.params.items()} if self.params else text


def _english(value: "str | int | datetime | Named | Message") -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return value.name("en") if isinstance(value, Named) else str(value)


def counted(one: str, many: str, n: int, **params: "str | int | datetime | Named | Message") -> Message:
    """Make a message in singular or plural; `%(n)s` is the number."""
    return Message(one, {"n": n, **params}, many, n)

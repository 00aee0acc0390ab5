"""Sentences that are translated where they are shown, never where they are decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LANGUAGES = ("fr", "en")


def N_(text: str) -> str:  # noqa: N802  gettext's own name for a mark without a translation
    """Mark an English source string for the catalogue and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """An English source string with its named values, e.g. `Message(N_("%(job)s in %(place)s"), {…})`.

    Values are shown as they are; a value that is itself a `Message` is translated first. With
    `count`, `text` is the singular and `plural` the plural; make those with `counted`.
    """

    text: str
    params: "Mapping[str, str | int | Message]" = field(default_factory=dict)
    plural: str = ""
    count: int | None = None

    def __str__(self) -> str:
        """Give the English sentence, for logs and the command line."""
        text = self.text if self.count in {None, 1} else self.plural
        return text % {k: str(v) for k, v in self.params.items()} if self.params else text


def counted(one: str, many: str, n: int, **params: "str | int | Message") -> Message:
    """Make a message in singular or plural; `%(n)s` is the number."""
    return Message(one, {"n": n, **params}, many, n)

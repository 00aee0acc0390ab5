"""Data sets: the ROME sectors and the regions, replaceable for another country."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.errors import ConfigError
from bot.sets.files import fold, read

__all__ = ["PAPERS", "Label", "paper_colour", "regions", "sectors"]

PAPERS = ("", "bleu", "rose", "vert")
"""Classes of the paper of a notice; empty is the yellow one."""


@dataclass(frozen=True, slots=True)
class Label:
    """A code of a data set and what people call it, by language."""

    code: str
    names: Mapping[str, str]

    def name(self, lang: str) -> str:
        """Give the name in `lang` (`fr`, `en`), or in any language where that one is missing."""
        return self.names.get(lang) or next(iter(self.names.values()))


def _labels(file: str) -> dict[str, Label]:
    found: dict[str, Label] = {}
    for code, row in read(file).items():
        names = {lang: row[lang] for lang in ("fr", "en") if isinstance(row, dict) and row.get(lang)}
        if not names:
            message = f'{file}.toml: [{code}] needs a name, e.g. fr = "…".'
            raise ConfigError(message)
        found[code] = Label(code, names)
    return found


@cache
def sectors() -> dict[str, Label]:
    """Give the sectors by letter, in the order of the ROME.

    Raises:
        ConfigError: the folder's own data/sets/sectors.toml cannot be used.
    """
    return _labels("sectors")


@cache
def regions() -> dict[str, Label]:
    """Give the regions by code, by name in alphabetical order, "abroad" last.

    Raises:
        ConfigError: the folder's own data/sets/regions.toml cannot be used.
    """
    rows = _labels("regions")
    return dict(sorted(rows.items(), key=lambda row: (row[0] == "abroad", fold(row[1].name("fr")))))


@cache
def _papers() -> dict[str, str]:
    return {code: row.get("paper", "") for code, row in read("sectors").items()}


def paper_colour(sector: str | None) -> str:
    """Give the paper of a sector's notices, one of `PAPERS`: it groups, it never says anything alone."""
    colour = _papers().get(sector or "", "")
    return colour if colour in PAPERS else ""

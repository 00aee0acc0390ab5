"""Bring the French catalogue up to date with the sources: `make messages`.

New strings arrive empty, to be translated by hand; strings that are gone go. Typography is put right.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.locale import nb

ROOT = Path(__file__).resolve().parents[2]
FRENCH = Path(__file__).parent / "fr" / "languette.po"
METHODS = [("bot/**.py", "python"), ("bot/web/templates/**.html", "jinja2")]
OPTIONS = {"bot/web/templates/**.html": {"silent": "false", "newstyle_gettext": "true"}}
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "counted": (1, 2),
}


def sources() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Give every translatable string of the sources with its file; plural forms as a pair."""
    for file, _line, message, _comments, _context in extract_from_dir(
        ROOT,
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,
    ):
        yield file, message[:2] if isinstance(message, tuple) else message


def french() -> Catalog:
    """Read the catalogue as it is."""
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def updated(old: Catalog) -> Catalog:
    """Give a catalogue with the sources' strings and the translations there are."""
    new = Catalog(
        locale="fr",
        project="Languette",
        version="1",
        charset="utf-8",
        copyright_holder="the Languette authors",
        last_translator="the Languette authors",
        language_team="fr",
        creation_date=old.creation_date,
        revision_date=old.revision_date,
        header_comment="# French of Languette. `make messages` brings it up to date; a test checks it.",
    )
    for file, message in sources():
        known = old.get(message if isinstance(message, str) else message[0])
        if isinstance(message, str):
            found = known.string if known and isinstance(known.string, str) else ""
            new.add(message, nb(found), locations=[(file, 0)])
        else:
            forms = known.string if known and isinstance(known.string, tuple) else ("", "")
            new.add(message, tuple(map(nb, forms)), locations=[(file, 0)])
    return new


def main() -> int:
    """Rewrite the catalogue; give 1 when a translation is missing."""
    catalogue = updated(french())
    with FRENCH.open("wb") as file:
        write_po(file, catalogue, width=0, include_lineno=False, sort_output=True)
    empty = [
        m.id for m in catalogue if m.id and not all([m.string] if isinstance(m.string, str) else m.string)
    ]
    for message in empty:
        sys.stderr.write(f"to translate: {message}\n")
    return 1 if empty else 0


if __name__ == "__main__":
    sys.exit(main())

"""Where the data sets lie, and how words are compared."""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

OWN = Path("data/sets")
"""Folder whose files replace ours, under the working folder."""
READ_MAX = 2_000
"""Characters of a text that are looked at."""

# "Infirmier(e)", "vendeur·se", "conseiller.ère": the ending in brackets or after a dot is dropped.
_ENDINGS = re.compile(
    r"\((?:e|ne|se|ve|le|te|ere|euse|trice|rice|fe|s|es|h/f|f/h|m/f)\)"
    r"|(?<=\w)[·•∙]\w{1,5}"
    r"|(?<=[a-z]{3})[./-](?:e|s|se|ne|ve|le|ere|euse|trice|rice)s?\b"
)
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": " ", "'": " ", "ß": "ss"})


@cache
def read(name: str, folder: Path = OWN) -> dict[str, Any]:
    """Read the data set `name`: `folder`'s own file where there is one, else ours.

    Raises:
        ConfigError: the folder's own file is not TOML.
    """
    own = folder / f"{name}.toml"
    try:
        if own.is_file():
            return tomllib.loads(own.read_text("utf-8"))
    except (OSError, ValueError) as error:
        message = f"{own} cannot be read: {error}"
        raise ConfigError(message) from error
    return tomllib.loads((files("bot.sets") / f"{name}.toml").read_text("utf-8"))


def fold(text: str) -> str:
    """Give `text` without capitals, accents and feminine endings, e.g. `Infirmier·ère` -> `infirmier`."""
    text = text[:READ_MAX].casefold().translate(_LIGATURES)
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _ENDINGS.sub("", plain)


def words(text: str) -> list[str]:
    """Give the words of `text`, folded; hyphens and signs separate them."""
    return re.findall(r"[a-z0-9]+", fold(text))

"""French and English: catalogues read straight from their .po files, and typography."""

import gettext
import re
from datetime import datetime
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from bot.model.text import Message, Named

NB = "\u00a0"


def nb(text: str) -> str:
    """Put French no-break spaces: before ? ! ; : » % €, after «, in 6 400 and 18 h 30."""
    text = re.sub(r" ([?!;:»€]|%(?!\())", NB + r"\1", text).replace("« ", "«" + NB)
    text = re.sub(r"(?<=\d) (?=\d{3}\b)", NB, text)
    return re.sub(r"(\d) h\b(?: (\d\d)\b)?", lambda m: m[1] + NB + "h" + (NB + m[2] if m[2] else ""), text)


@cache
def catalogue(lang: str) -> gettext.NullTranslations:
    """Give the translations of a language; English is the source and needs none."""
    if lang == "en":
        return NullTranslations()
    source = files(__name__) / lang / "languette.po"
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=lang))
    compiled.seek(0)
    return Translations(compiled)


def say(message: Message | str, lang: str, zone: str = "UTC") -> str:
    """Translate a sentence and put its values in; moments are written in the time `zone` (IANA name)."""
    if isinstance(message, str):
        return catalogue(lang).gettext(message) if message else ""
    words = catalogue(lang)
    if message.count is None:
        text = words.gettext(message.text)
    else:
        text = words.ngettext(message.text, message.plural, message.count)
    if not message.params:
        return text
    return text % {name: _value(value, lang, zone) for name, value in message.params.items()}


def _value(value: str | int | datetime | Named | Message, lang: str, zone: str) -> str | int:
    if isinstance(value, Message):
        return say(value, lang, zone)
    if isinstance(value, datetime):
        from bot.locale.formats import date_time  # noqa: PLC0415  that module builds on this one

        return date_time(value, zone, lang)
    return value.name(lang) if isinstance(value, Named) else value

"""What a post that was seen is: a search, an offer, a reply… Pure. A doubt goes to a person, never away."""

import re

from bot.intake.words import clean
from bot.model.found import FoundPost, Sight
from bot.model.notice import NAME_MAX, PLACE_MAX, TEXT_MAX, TITLE_MAX, Contract, NoticeText
from bot.model.text import LANGUAGES
from bot.sets.folding import fold
from bot.sets.patterns import is_offer

_OPT_OUT = re.compile(r"#(?:no_?bots?|no_?index|nobridge)\b")
_NOISE = re.compile(r"https?://\S+|www\.\S+|[#＃@]\S+")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_PLACE = re.compile(
    r"(?:^|[^\w])(?:à|a|sur|vers|en|dans le|in|near|around|autour de|région de|region de)\s+"
    r"((?:[A-ZÀ-Ý][\w'’-]*)(?:[ -](?:(?:sur|en|de|du|la|le|les|lès)[ -])*[A-ZÀ-Ý][\w'’-]*){0,3})"
)
_SOMEBODY = {"fr": "Quelqu’un", "en": "Somebody"}
_ANYWHERE = {"fr": "partout", "en": "anywhere"}
_TITLE_MIN = 15
"""Characters of a sentence that may be a title; "Hello!" is none."""
_LETTERS_MIN = 8
"""Letters that a post must have besides hashtags, mentions and links to say anything."""


def judge(found: FoundPost) -> Sight:
    """Say what a post is. What its author or its form rules out comes first, then what it says.

    A mention of the collective is a request: it is read by a person whatever its language or its wording,
    unless it is somebody else's post.
    """
    author = found.author
    if found.boost:
        return Sight.BOOST
    if author.locked:
        return Sight.LOCKED
    if found.mentions:
        return Sight.ASKED if _says_something(found.text) else Sight.EMPTY
    rules = (
        (found.reply, Sight.REPLY),
        (found.quote, Sight.QUOTE),
        (_OPT_OUT.search(fold(f"{author.bio} {author.name}").text) is not None, Sight.OPTED_OUT),
        (author.hidden, Sight.HIDDEN),
        (author.bot, Sight.BOT),
        (found.sensitive, Sight.SENSITIVE),
        (bool(found.lang) and found.lang[:2].lower() not in LANGUAGES, Sight.LANGUAGE),
        (not _says_something(found.text), Sight.EMPTY),
        (is_offer(fold(""), fold(found.text)), Sight.OFFER),
    )
    return next((sight for holds, sight in rules if holds), Sight.SEARCH)


def _says_something(text: str) -> bool:
    return sum(character.isalpha() for character in _NOISE.sub(" ", text)) >= _LETTERS_MIN


def language_of(found: FoundPost, default: str) -> str:
    """Give the language of the notice: the post's where we speak it, else the collective's."""
    lang = found.lang[:2].lower()
    return lang if lang in LANGUAGES else default


def words_of(found: FoundPost, lang: str) -> NoticeText:
    """Give the words of the notice that a post makes: its own, cut to what a notice holds.

    The title is the first sentence that is no greeting, without hashtags, mentions and links; the place is
    the first name after "à", "in" and the like, or "anywhere". The volunteer's tap shows the post itself,
    never these words.
    """
    plain = _NOISE.sub(" ", found.text)
    sentences = [part for part in map(clean, _SENTENCE.split(plain)) if any(map(str.isalpha, part))]
    first = next((part for part in sentences if len(part) >= _TITLE_MIN), "".join(sentences[:1]))
    text = clean(found.text)
    place = _PLACE.search(clean(plain))
    name = clean(found.author.name) or found.author.handle or _SOMEBODY[lang]
    return NoticeText(
        title=_cut(first or text, TITLE_MAX),
        place=_cut(place[1], PLACE_MAX) if place else _ANYWHERE[lang],
        remote=False,
        contract=Contract.ANY,
        text=_cut(text, TEXT_MAX),
        name=_cut(name, NAME_MAX),
    )


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    room = text[: most - 1]
    whole = room.rpartition(" ")[0]
    return (whole if len(whole) > most // 2 else room).rstrip(" ,;:.-") + "…"

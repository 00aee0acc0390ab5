"""What a machine may remark about a notice. Pure. A remark marks words and helps to read; nothing more."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from bot.model import memory
from bot.model.moderation import Flag, FlagKind
from bot.model.notice import TEXT_WANTED, NoticeText
from bot.model.personal import PersonalKind, find_personal, without_personal
from bot.model.text import N_, Message
from bot.moderation.likeness import near
from bot.sets.folding import fold
from bot.sets.patterns import HINTS, HINTS_NEEDED, OFFERS, SCAMS, Wording

FIELDS = ("title", "text", "place", "name")

PERSONAL: dict[PersonalKind, tuple[str, str]] = {
    PersonalKind.PHONE: (N_("A phone number is visible"), N_("phone")),
    PersonalKind.EMAIL: (N_("An email address is visible"), N_("email")),
    PersonalKind.ADDRESS: (N_("A postal address is visible"), N_("address")),
    PersonalKind.IBAN: (N_("A bank account number is visible"), N_("bank account")),
    PersonalKind.NIR: (N_("A social security number is visible"), N_("social security")),
}


def flags(
    words: NoticeText,
    *,
    lang: str,  # noqa: ARG001  both languages are read: people mix them
    similar: Sequence[tuple[int, NoticeText, bool]] = (),
) -> list[Flag]:
    """Give the remarks about a notice, the severe ones first.

    `similar` are the notices to compare with, as (id, words, same person).
    """
    found = [*_of_words(words), *_duplicates(words, similar)]
    return sorted(found, key=lambda flag: not flag.severe)


def fixed(words: NoticeText) -> NoticeText:
    """Give the words without personal data; a title, text, place or name made of nothing else stays."""
    changes: dict[str, Any] = {}
    for field in FIELDS:
        before = getattr(words, field)
        after = without_personal(before) if find_personal(before) else before
        if after and after != before:
            changes[field] = after
    return replace(words, **changes)


@lru_cache(maxsize=1024)  # a queue shows the same words again and again
def _of_words(words: NoticeText) -> tuple[Flag, ...]:
    return (*_personal(words), *_wordings(words), *_length(words))


memory.empties(_of_words.cache_clear)


def _personal(words: NoticeText) -> Iterator[Flag]:
    for field in FIELDS:
        spans: dict[PersonalKind, list[tuple[int, int]]] = {}
        for found in find_personal(getattr(words, field)):
            spans.setdefault(found.kind, []).append((found.start, found.end))
        for kind, marks in spans.items():
            sentence, short = PERSONAL[kind]
            yield Flag(
                FlagKind.PERSONAL_DATA,
                Message(sentence),
                severe=True,
                field=field,
                spans=tuple(marks),
                short=short,
            )


def _spans(text: str, wording: Wording) -> tuple[tuple[int, int], ...]:
    folded = fold(text)
    return tuple(folded.span(*match.span()) for match in wording.pattern.finditer(folded.text) if match[0])


def _wordings(words: NoticeText) -> Iterator[Flag]:
    offer = False
    for kind, wordings, short in (
        (FlagKind.SCAM, SCAMS, N_("likely scam")),
        (FlagKind.OFFER, OFFERS, N_("job offer?")),
    ):
        for wording in wordings:
            for field in ("title", "text"):
                if spans := _spans(getattr(words, field), wording):
                    offer = offer or kind is FlagKind.OFFER
                    severe = kind is FlagKind.SCAM
                    yield Flag(kind, Message(wording.says), severe, field, spans, short)
    if not offer:
        yield from _hinted_offer(words)


def _hinted_offer(words: NoticeText) -> Iterator[Flag]:
    folded = fold(words.text)
    title = fold(words.title).text
    marks = [match for pattern in HINTS if (match := pattern.search(folded.text))]
    if len(marks) + bool(HINTS[0].search(title)) >= HINTS_NEEDED:
        spans = tuple(sorted(folded.span(*match.span()) for match in marks))
        yield Flag(FlagKind.OFFER, Message(OFFERS[0].says), spans=spans, short=N_("job offer?"))


def _duplicates(words: NoticeText, similar: Sequence[tuple[int, NoticeText, bool]]) -> Iterator[Flag]:
    for other_id, same_person, _likeness in near(words, similar)[:1]:
        if same_person:
            message = Message(N_("Close to #%(id)s, of the same person"), {"id": str(other_id)})
        else:
            message = Message(N_("Close to #%(id)s, of somebody else"), {"id": str(other_id)})
        yield Flag(FlagKind.DUPLICATE, message, short=N_("seen before"))


def _length(words: NoticeText) -> Iterator[Flag]:
    length = len(words.text)
    if length > TEXT_WANTED:
        values = {"n": length, "max": TEXT_WANTED}
        message = Message(N_("The text has %(n)s characters; the form asks for %(max)s"), values)
        yield Flag(FlagKind.TOO_LONG, message, spans=((TEXT_WANTED, length),), short=N_("too long"))

"""What the collective's own account publishes of a notice without a post: the words a moderator accepted."""

from bot.locale import say
from bot.model.lane import DRAFT, Call, stem_of
from bot.model.notice import CONTRACTS, Contract, Notice
from bot.model.text import N_
from bot.networks.api.base import Draft

REMOTE = N_("remote")


def target_of(notice: Notice) -> str:
    """Name what is published. The link is part of it: an erasure changes the notice's, not the post's."""
    return f"{stem_of(notice.id, notice.revision)} {notice.share_slug}"


def draft_of(notice: Notice, call: Call, address: str) -> Draft:
    """Give the draft of a call that publishes, the same at every try. `address` is the site's.

    Published again after it was taken back, it is another post: the moment of the first try is in the key.
    """
    assert call.at is not None, "it was written down"
    stem, _, slug = call.target.removeprefix(DRAFT).partition(" ")
    key = f"{stem} {call.at.isoformat()}"
    url = f"{address}/{notice.lang}/s/{slug or notice.share_slug}"
    return Draft(key, words_of(notice), url, notice.lang, call.at)


def words_of(notice: Notice) -> str:
    """Write the notice as its share page shows it, in its own language: what, where, how, then the text."""
    words = notice.words
    about = [words.title, words.place]
    if words.remote:
        about.append(say(REMOTE, notice.lang))
    if words.contract is not Contract.ANY:
        about.append(say(CONTRACTS[words.contract], notice.lang))
    return f"{', '.join(part for part in about if part)}\n\n{words.text}\n\n{words.name}".strip()

"""A draft becomes a notice: who sends it is recognised, one open notice each, the yes is recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import ConflictError
from bot.intake import known
from bot.intake.form import Draft
from bot.model.forms import SpentFormError, Stamp
from bot.model.journal import Actor
from bot.model.notice import OPEN_STATES, Consent, Notice, NoticeText, PostRef
from bot.model.text import N_, Message
from bot.sets.guess import guess_region, guess_sector
from bot.settings import Settings
from bot.storage import Session, journal, notices, seekers, stamps
from bot.trust.links import Keyring, hash_token, new_token
from bot.trust.texts import PUBLISH_NOTICE, SHOW_ADDRESS, ConsentText

LEFT_OUT = "notice.collective_left_out"
"""The journal's word for a seeker's no to the collective's own account."""


class AlreadyActiveError(ConflictError):
    """This browser, or this very form, has sent a notice that has not ended.

    `known_browser`: the browser holds that notice's link. Nobody else is told: see `submit`.
    """

    def __init__(self, notice_id: int, *, known_browser: bool) -> None:
        super().__init__(
            Message(
                N_("You already have a notice going round. Change or withdraw it before you send another.")
            )
        )
        self.notice_id = notice_id
        self.known_browser = known_browser


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a notice is matched with: a ROME letter and a region's code, None for any."""

    sector: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The new notice and the token of its status page, which is stored nowhere."""

    notice: Notice
    token: str


def match(words: NoticeText) -> Match:
    """Guess sector and region from the words; a moderator may correct them."""
    return Match(guess_sector(words.title, words.text), guess_region(words.place))


def submit(
    session: Session,
    draft: Draft,
    *,
    settings: Settings,
    keys: Keyring,
    now: datetime,
    actor: Actor,
    browser: str | None = None,
    form: Stamp | None = None,
) -> Submitted:
    """Store the draft as a notice that waits for a moderator.

    `browser` is the status token that this browser kept from an earlier notice, if any; `form` the
    form it came by, which is taken once, whatever becomes of the notice.

    Each notice is a seeker of its own, who opens nothing of another's: neither an address, a post or an
    author that somebody names nor a browser that somebody else used before is a proof. What is the same is
    remembered for moderators, who decide with whom the notice counts (`bot.storage.twins`).

    Raises:
        AlreadyActiveError: this browser or this very form has sent a notice that has not ended.
        SpentFormError: this very form has been taken in, and its notice has ended.
    """
    own = {form.key: "form"} if form else {}
    _refuse_second(session, own, browser)
    if browser:
        own[keys.digest("browser", browser)] = "browser"
    if form and not stamps.take(session, form):
        raise SpentFormError
    token = new_token()
    mine = known.of_draft(draft, keys) | own | {keys.digest("browser", token): "browser"}
    seeker_id = seekers.add(session, lang=draft.lang, email=draft.email, now=now)
    seekers.add_keys(session, seeker_id, mine)
    posts = [draft.post] if draft.post else []
    notice = enter(session, seeker_id, draft.words, draft.lang, posts, token, settings=settings, now=now)
    record_yes(session, notice, PUBLISH_NOTICE, now=now, act="send_notice")
    if draft.answer_to:
        notice = notices.update(session, notice.id, answer_to=draft.answer_to)
        record_yes(session, notice, SHOW_ADDRESS, now=now, act="send_notice")
    network = draft.post.network if draft.post else ""
    journal.write(session, now, actor, "notice.received", f"notice:{notice.id}", network=network)
    if not draft.by_collective:
        notice = notices.update(session, notice.id, by_collective=False)
        journal.write(session, now, actor, LEFT_OUT, f"notice:{notice.id}")
    return Submitted(notice, token)


def enter(
    session: Session,
    seeker_id: int,
    words: NoticeText,
    lang: str,
    posts: Sequence[PostRef],
    token: str,
    *,
    settings: Settings,
    now: datetime,
    consent: Consent = Consent.ASKED,
) -> Notice:
    """Insert a notice that waits for a moderator, with a guess of whom it is matched with.

    `token` opens its seeker's page.
    """
    guess = match(words)
    return notices.add(
        session,
        seeker_id=seeker_id,
        words=words,
        lang=lang,
        sector=guess.sector,
        region=guess.region,
        posts=posts,
        share_slug=new_token(),
        token_hash=hash_token(token),
        demand=settings.boosts_wanted,
        now=now,
        consent=consent,
    )


def _refuse_second(session: Session, form: Iterable[str], browser: str | None) -> None:
    """Let each form and each browser have one open notice; a browser's is the one that its token opens.

    Who used a shared computer before may still hold an older token: it tells nothing of who came next.

    Raises:
        AlreadyActiveError: there is one.
    """
    mine = notices.by_token(session, hash_token(browser)) if browser else None
    if mine is not None and mine.state in OPEN_STATES:
        raise AlreadyActiveError(mine.id, known_browser=True)
    for seeker_id in seekers.known_by(session, form):
        if sent := notices.open_notice_of(session, seeker_id):
            raise AlreadyActiveError(sent.id, known_browser=False)


def record_yes(session: Session, notice: Notice, text: ConsentText, *, now: datetime, act: str) -> None:
    """Record a seeker's yes to a text about a notice, in the language it was read in."""
    journal.consent(
        session,
        now,
        subject=f"notice:{notice.id}",
        **text.record(notice.lang),
        act=act,
    )

"""What watchers saw becomes notices, each post once. The cursor moves in the same transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.intake import known
from bot.intake.judge import judge, language_of, words_of
from bot.intake.submit import enter, record_yes
from bot.model.found import ENTERS, Batch, FoundPost, Sight
from bot.model.journal import DAEMON
from bot.model.notice import CloseReason, Consent, Notice, NoticeState, NoticeText
from bot.settings import Settings
from bot.storage import Session, journal, notices, seekers, sightings, watchers
from bot.trust.links import Keyring, new_token
from bot.trust.texts import MENTION

FOUND = "notice.found"
"""The journal's word for a notice whose author used the hashtag and did not ask us."""
SEEN_FOR = timedelta(days=30)
"""How long the id of a post is remembered."""
WORDS_FOR = timedelta(days=7)
"""How long the words of a post that nobody decided on are kept."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch: posts new to us, those that became notices, and those left for later."""

    seen: int
    entered: int
    left: int


def take_in(
    session: Session,
    batch: Batch,
    *,
    watcher: str,
    network: str,
    settings: Settings,
    keys: Keyring,
    now: datetime,
) -> Taken:
    """Judge the posts of a batch, make notices of those that enter, and move the watcher's cursor.

    A post seen before, by this watcher or another, changes nothing, unless it was left for later.
    """
    fresh = {found.post.remote_id: found for found in batch.posts}
    for remote_id in sightings.known(session, network, fresh):
        del fresh[remote_id]
    entered = left = 0
    for found in fresh.values():
        sight, notice = _judged(session, found, settings=settings, keys=keys, now=now)
        entered += sight in ENTERS
        left += sight is Sight.LATER
        sightings.note(
            session,
            network=network,
            remote_id=found.post.remote_id,
            watcher=watcher,
            sight=sight,
            notice_id=notice.id if notice else None,
            now=now,
        )
    if batch.missed:
        watchers.missed(session, watcher, batch.missed, now)
        journal.write(session, now, DAEMON, "watch.missed", "", watcher=watcher)
    watchers.moved(session, watcher, network, batch.cursor, now)
    return Taken(len(fresh), entered, left)


def _judged(
    session: Session, found: FoundPost, *, settings: Settings, keys: Keyring, now: datetime
) -> tuple[Sight, Notice | None]:
    """Judge one post; the notice it made, or the one that another post of its author made already.

    What somebody wrote about a notice keeps nobody's post out: only whom a watcher saw is compared.
    """
    sight = judge(found)
    if sight not in ENTERS:
        return sight, None
    asked = sight is Sight.ASKED
    consent = Consent.ASKED if asked else Consent.FOUND
    for seeker_id in seekers.known_by(session, known.of_seen(found, keys), kind=known.SEEN):
        if theirs := notices.open_notice_of(session, seeker_id):
            says_yes = asked and theirs.consent is Consent.FOUND
            if says_yes and theirs.state is NoticeState.PENDING and _full(session, consent, settings):
                return Sight.LATER, None
            if says_yes:
                _say_yes(session, theirs, now)
            return Sight.KNOWN, theirs
    if _full(session, consent, settings):
        return Sight.LATER, None
    lang = language_of(found, settings.default_lang)
    seeker_id = seekers.add(session, lang=lang, email=None, now=now)
    seekers.add_keys(session, seeker_id, known.of_found(found, keys))
    return sight, _enter(session, found, seeker_id, lang, asked=asked, settings=settings, now=now)


def _full(session: Session, consent: Consent, settings: Settings) -> bool:
    return sightings.waiting(session, consent) >= settings.queue_max


def _enter(
    session: Session,
    found: FoundPost,
    seeker_id: int,
    lang: str,
    *,
    asked: bool,
    settings: Settings,
    now: datetime,
) -> Notice:
    nobodys = new_token()  # nobody holds it until a moderator makes a link
    words, posts = words_of(found, lang), [found.post]
    notice = enter(
        session,
        seeker_id,
        words,
        lang,
        posts,
        nobodys,
        settings=settings,
        now=now,
        consent=Consent.FOUND,
    )
    journal.write(session, now, DAEMON, FOUND, f"notice:{notice.id}", network=found.post.network)
    return _say_yes(session, notice, now) if asked else notice


def _say_yes(session: Session, notice: Notice, now: datetime) -> Notice:
    """Note that the author of a found post mentioned the collective: that is a request."""
    asked = notices.update(session, notice.id, consent=Consent.ASKED)
    record_yes(session, asked, MENTION, now=now, act="mention")
    journal.write(session, now, DAEMON, "notice.mentioned", f"notice:{notice.id}")
    return asked


def forget(session: Session, *, now: datetime) -> dict[str, int]:
    """Erase what is kept no longer: ids after 30 days, the words of undecided found posts after 7."""
    ended = 0
    for notice_id in sightings.undecided(session, now - WORDS_FOR):
        _erase(session, notices.get(session, notice_id), now)
        ended += 1
    return {"forgotten": sightings.forget(session, now - SEEN_FOR), "found_ended": ended}


def _erase(session: Session, notice: Notice, now: datetime) -> None:
    words = notice.words
    notices.set_words(session, notice.id, NoticeText("…", "…", words.remote, words.contract, "…", "…"))
    notices.set_posts(session, notice.id, [])
    notices.close(session, notice.id, CloseReason.EXPIRED, now)
    journal.write(session, now, DAEMON, "notice.forgotten", f"notice:{notice.id}")

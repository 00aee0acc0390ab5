"""The one table of what is kept how long: what, after how long, what is done then.

The tick applies it (`bot.privacy.retention`), the page of data and `bot privacy rules` show it, and a test
compares every column of every table with it (`bot.privacy.inventory`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery import lending
from bot.model import keeping
from bot.model.journal import DAEMON
from bot.model.text import N_
from bot.storage import Session, erasure, journal, retention, volunteers
from bot.storage.retention import Ids
from bot.storage.rounds import CARRY
from bot.trust.links import hash_token, new_token

YEAR = timedelta(days=365)
TOKENS_KEPT = timedelta(days=90)
CONTACT_KEPT = timedelta(days=30)
UNDO_KEPT = timedelta(hours=1)
"""More than any window in which a decision can be undone (`undo_s` is ten minutes at most)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table; `what`, `since` and `then` are sentences for people.

    `find(session, until, limit)` gives what began to be kept at `until` or before, `end(session, ids, now)`
    does what is done with it.
    """

    code: str
    what: str
    since: str
    kept: timedelta
    then: str
    find: Callable[[Session, datetime, int], Ids]
    end: Callable[[Session, Ids, datetime], None]


def _dropped(drop: Callable[[Session, Ids], None]) -> Callable[[Session, Ids, datetime], None]:
    return lambda session, ids, _now: drop(session, ids)


def _words(session: Session, ids: Ids, now: datetime) -> None:
    for notice_id in ids:
        shown = retention.shows_name(session, notice_id)
        _erase(session, notice_id, now, keep_name=shown)


def _names(session: Session, ids: Ids, now: datetime) -> None:
    for notice_id in ids:
        _erase(session, notice_id, now)


def _erase(session: Session, notice_id: int, now: datetime, *, keep_name: bool = False) -> None:
    fresh = hash_token(new_token())
    erasure.notice(session, notice_id, now, token_hash=fresh, slug=new_token(), keep_name=keep_name)


def _idle(session: Session, ids: Ids, now: datetime) -> None:
    for account in volunteers.lent(session, ids):
        lending.take_back(session, account, now=now, actor=DAEMON, why="idle")


def _truncate(session: Session, _ids: Ids, now: datetime) -> None:
    journal.truncate(session, now, now - YEAR + timedelta.resolution)


_WORDS = N_("The words of a notice, the name on it, the links of its posts, its page; the email address")
_NUMBER = N_("erased; a number without a name stays, for the counts")
_DELETED = N_("deleted")

RULES = (
    Rule(
        "ended",
        _WORDS,
        N_("a job was found, the notice was withdrawn, or its post is gone"),
        keeping.ENDED_KEPT,
        _NUMBER,
        retention.ended,
        _words,
    ),
    Rule(
        "silent",
        _WORDS,
        N_("the last sign of the person: sent, changed, paused, resumed, renewed or kept by one tap"),
        keeping.SILENT_KEPT,
        _NUMBER,
        retention.silent,
        _words,
    ),
    Rule(
        "old",
        _WORDS,
        N_("the notice was sent, whatever happened since"),
        keeping.WORDS_MOST,
        _NUMBER,
        retention.old,
        _words,
    ),
    Rule(
        "shown_name",
        N_("A name shown on the impact page because its owner agreed"),
        N_("a job was found"),
        YEAR,
        N_("erased"),
        retention.shown_names,
        _names,
    ),
    Rule(
        "recognition",
        N_("The fingerprints by which a person is recognised, so that everyone gets their turn"),
        N_("the last notice ended"),
        CARRY,
        _DELETED,
        retention.recognised,
        _dropped(erasure.fingerprints),
    ),
    Rule(
        "undo",
        N_("Words that the undo of a moderator’s decision would put back"),
        N_("the decision"),
        UNDO_KEPT,
        N_("erased"),
        retention.undoable,
        _dropped(retention.forget_undo),
    ),
    Rule(
        "decisions",
        N_("Moderators’ decisions and their reasons, under a number"),
        N_("the decision"),
        YEAR,
        _DELETED,
        retention.decisions,
        _dropped(retention.drop_decisions),
    ),
    Rule(
        "reports",
        N_("Reports of a notice"),
        N_("the report"),
        YEAR,
        _DELETED,
        retention.reports,
        _dropped(retention.drop_reports),
    ),
    Rule(
        "report_contact",
        N_("An address left with a report, for an answer"),
        N_("the report"),
        CONTACT_KEPT,
        N_("erased"),
        retention.reported_contacts,
        _dropped(retention.forget_contacts),
    ),
    Rule(
        "journal",
        N_("The journal of who did what, in numbers and codes"),
        N_("the act"),
        YEAR,
        _DELETED,
        retention.journal,
        _truncate,
    ),
    Rule(
        "plan_log",
        N_("The planner’s log, by which anyone can check that turns were fair, in numbers and codes"),
        N_("the line was written"),
        YEAR,
        _DELETED,
        retention.plan_log,
        _dropped(retention.drop_plan_log),
    ),
    Rule(
        "consents",
        N_("The proof of a consent: which text, when, by which act, when withdrawn; under a number"),
        N_("what it allowed has ended"),
        YEAR,
        _DELETED,
        retention.consents,
        _dropped(retention.drop_consents),
    ),
    Rule(
        "tokens",
        N_("A volunteer’s token by which the program may share for them, sealed"),
        N_("it was last used; sooner when the volunteer takes the account away or leaves"),
        TOKENS_KEPT,
        N_("given back to the network, then deleted"),
        retention.tokens,
        _idle,
    ),
    Rule(
        "connections",
        N_("What is needed to finish lending an account, sealed"),
        N_("its ten minutes were over"),
        timedelta(0),
        _DELETED,
        retention.connections,
        _dropped(retention.drop_connections),
    ),
    Rule(
        "stamps",
        N_("Which forms were sent, as fingerprints, so that each is taken once"),
        N_("a day had passed since the form was shown"),
        timedelta(0),
        _DELETED,
        retention.stamps,
        _dropped(retention.drop_stamps),
    ),
    Rule(
        "sessions",
        N_("Admins’ log-ins"),
        N_("they ran out"),
        timedelta(0),
        _DELETED,
        retention.sessions,
        _dropped(retention.drop_sessions),
    ),
    Rule(
        "links",
        N_("One-time links of admins"),
        N_("they ran out"),
        timedelta(0),
        _DELETED,
        retention.links,
        _dropped(retention.drop_links),
    ),
    Rule(
        "claims",
        N_("Which moderator reads which notice"),
        N_("the claim ran out"),
        timedelta(0),
        _DELETED,
        retention.claims,
        _dropped(retention.drop_claims),
    ),
)
"""In the order in which they are applied."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What is kept by another rule than a date of its row: until when, in words."""

    code: str
    what: str
    until: str


PROMISES = (
    Promise(
        "membership",
        N_("A volunteer’s name, accounts and settings; what they were asked and answered"),
        N_("until they leave; then erased, and counts under a number stay"),
    ),
    Promise(
        "found",
        N_("A public post found by hashtag whose author did not answer: its words, its number"),
        N_("words 7 days, the number 30 days, so that it is not found again; then deleted"),
    ),
    Promise(
        "published",
        N_("What the collective’s own account shared: its number on the network"),
        N_("until it is deleted there, with the notice; if the network refuses, until it is removed by hand"),
    ),
    Promise(
        "revocations",
        N_("A token that goes back to its network, sealed"),
        N_("until the network has taken it back; 30 days at most, then deleted"),
    ),
    Promise(
        "number",
        N_("Counts under a number: when, which network, which sector and region, how it ended"),
        N_("as long as the collective exists; nothing in them leads to a person"),
    ),
    Promise(
        "backups",
        N_("Copies of the database for emergencies"),
        N_("until they are rotated; whoever was erased since then is erased again at a restore"),
    ),
    Promise(
        "logs", N_("The program’s own log, in numbers and codes"), N_("6 months at most, by the operator")
    ),
    Promise("admins", N_("An admin’s name and password"), N_("as long as they are an admin")),
)

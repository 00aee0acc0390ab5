"""What stands before the forms of strangers: limits by network, the browser's work, the form's door."""

import hmac
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.responses import Response

from bot.intake import door
from bot.model.clock import human
from bot.model.forms import Stamp
from bot.model.text import N_, Message, counted
from bot.storage import doors, stamps
from bot.trust.limits import NOTHING, Rate
from bot.web import client, stamp, watchman
from bot.web.forms import Typed
from bot.web.pages import Page

TRIES_MOST, TRIES_PER = 60, timedelta(minutes=5)
"""Forms that one network sends, good or not."""
SENT_MOST, SENT_PER = 5, timedelta(minutes=30)
"""Notices, volunteers or reports from outside that one network brings."""
SHARED_MOST, SHARED_PER = 30, timedelta(minutes=10)
"""Notices, volunteers or reports of all whose network is unknown together: more than a good day brings; a
flood needs more than an hour to fill the queue, and whoever comes after one waits minutes."""
SLOW_MOST, SLOW_PER = 30, timedelta(hours=1)
"""Notices, volunteers or reports that come without the browser's work, from everybody together: the way
without JavaScript."""
TOLD_EVERY = timedelta(days=1)
"""How often the log says that networks are unknown, and how long the page of health does."""
LENT_MOST, LENT_PER = 10, timedelta(minutes=30)
"""Connections that one volunteer begins: each makes us call a host that they named."""
NAMED_MOST, NAMED_PER = 5, timedelta(days=1)
"""Forms in which one volunteer names accounts that they do not have yet: the answer tells who is here."""
CHANGED_MOST, CHANGED_PER = 20, timedelta(days=1)
"""Changes of one notice: nobody mends a few lines more often, and each has a moderator read it again."""
FULL_WAIT = timedelta(minutes=15)
TOO_MANY, CLOSED = 429, 503
TRAP = "confirm_empty"
"""A field that people do not see; programs fill it in."""
HURRIES = {
    stamp.Found.FAST: N_("That was faster than a person writes. Nothing is lost: read it again and send it."),
    stamp.Found.OLD: N_("This page has been open for more than a day. Nothing is lost: send it again."),
    "spent": N_("This form was sent before. Nothing is lost: send it again."),
    "trap": N_("A hidden field came back filled in; some browsers do that. We have emptied it: send again."),
}


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a form is not taken now. Its text is kept on the page; `wait` None: nobody knows how long."""

    status: int
    message: Message
    wait: timedelta | None

    def on(self, answer: Response) -> Response:
        """Put into the header, too, when to come back."""
        if self.wait is not None:
            answer.headers["Retry-After"] = str(max(1, int(self.wait.total_seconds())))
        return answer


class Gate:
    """The limits of one site, in memory."""

    def __init__(self) -> None:
        self.tries = Rate(TRIES_MOST, TRIES_PER)
        self.sent = Rate(SENT_MOST, SENT_PER)
        self.shared = Rate(SHARED_MOST, SHARED_PER)
        self.slow = Rate(SLOW_MOST, SLOW_PER)
        self.told = Rate(1, TOLD_EVERY)
        self.lent = Rate(LENT_MOST, LENT_PER)
        self.named = Rate(NAMED_MOST, NAMED_PER)
        self.changed = Rate(CHANGED_MOST, CHANGED_PER)


def of(page: Page) -> Gate:
    """Give the gate of this site."""
    found: Gate = page.request.app.state.gate
    return found


def task(page: Page, code: int) -> stamp.Task:
    """Give the stamp and the work of a form that is shown; with a `code` of 4xx it may come back at once."""
    sign = stamp.make if code == HTTPStatus.OK else stamp.waited
    return stamp.task(page.app.keys, sign(page.app.keys, time.time()))


def hurry(page: Page, typed: Typed) -> str:
    """Say what looks like a program's work rather than a person's, or nothing."""
    shown = stamp.read(page.app.keys, typed.text("shown"), time.time())
    cause = "trap" if typed.text(TRAP) else shown.value
    return "" if cause == stamp.Found.GOOD else hurried(page, cause)


def hurried(page: Page, cause: str) -> str:
    """Log why a form is shown once more, and give what its page says."""
    watchman.note(page.request, "form_hurried", cause=cause)
    return HURRIES[cause]


def stamp_of(page: Page, typed: Typed) -> Stamp:
    """Give what a form that does not hurry is told by from all others."""
    shown = typed.text("shown")
    left = stamp.left(shown, time.time())
    return Stamp(page.app.keys.digest("form", shown), page.now + human(page.app.clock, left))


def knock(page: Page) -> Hold | None:
    """Count that a network sends a form; hold it when it sends too many.

    Where networks are unknown nothing is counted: forms that bring nothing would close the site to everybody.
    """
    network = _network(page)
    return _noted(page, "tries", _many(of(page).tries.take(network, page.now) if network else NOTHING))


async def pass_notice(page: Page, typed: Typed) -> Hold | None:
    """Let a notice through, counting it, or hold it.

    In this order: the door is closed, the queue is full, the network brings too many, too many come without
    the browser's work. A form that was taken before passes uncounted: it brings nothing; `submit` says so.
    """
    if await page.app.store.read(stamps.taken, stamp_of(page, typed)):
        return None
    if hold := await shut(page):
        return hold
    if await page.app.store.read(door.full, page.app.settings.queue_max, page.now):
        return _noted(page, "queue", _many(FULL_WAIT))
    return _brought(page, typed, "sent")


async def pass_other(page: Page, typed: Typed, what: str) -> Hold | None:
    """Let a form through that is no notice, counting it, or hold it; `what` came: `joined`, `reported`.

    A form that was taken before passes, as with notices.
    """
    if await page.app.store.read(stamps.taken, stamp_of(page, typed)):
        return None
    return _brought(page, typed, what)


def _brought(page: Page, typed: Typed, what: str) -> Hold | None:
    """Count what came (`sent`, `joined`, `reported`), or hold it; without the browser's work it is rare.

    Each network has a count of its own, all that are unknown one together.
    """
    gate, network, now = of(page), _network(page), page.now
    rate, key = gate.sent if network else gate.shared, f"{what} {network}"
    wait, limit = rate.wait(key, now), what
    if not wait and not _worked(page, typed):
        wait, limit = gate.slow.take(what, now), "unworked"
    if not wait:
        rate.count(key, now)
    return _noted(page, limit, _many(wait))


def pass_lending(page: Page, volunteer_id: int) -> Hold | None:
    """Let a volunteer begin to lend an account, counting it, or hold them."""
    wait = of(page).lent.take(str(volunteer_id), page.now)
    if not wait:
        return None
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    text = N_("That was many tries in a short time. The next one is possible in %(n)s min.")
    return _noted(page, "lent", Hold(TOO_MANY, Message(text, {"n": minutes}), wait))


def pass_accounts(page: Page, volunteer_id: int) -> Hold | None:
    """Let a volunteer name accounts that they do not have yet, counting it, or hold them.

    All such forms count, not only those that name somebody else's: what is not refused tells as much.
    """
    if wait := of(page).named.wait(str(volunteer_id), page.now):
        text = counted(
            "You have changed your accounts several times today. The next change is possible in an hour.",
            "You have changed your accounts several times today. The next change is possible in %(n)s hours.",
            _hours(wait),
        )
        return _noted(page, "named", Hold(TOO_MANY, text, wait))
    return _counted(page, of(page).named, volunteer_id, "accounts")


def pass_change(page: Page, notice_id: int) -> Hold | None:
    """Let a change of a notice through, counting it, or hold it."""
    if wait := of(page).changed.wait(str(notice_id), page.now):
        text = counted(
            "This notice was changed many times today. Keep this page: your text is here. "
            "The next change is possible in an hour.",
            "This notice was changed many times today. Keep this page: your text is here. "
            "The next change is possible in %(n)s hours.",
            _hours(wait),
        )
        return _noted(page, "changed", Hold(TOO_MANY, text, wait))
    return _counted(page, of(page).changed, notice_id, "changes")


def _counted(page: Page, own: Rate, number: int, what: str) -> Hold | None:
    """Count what came for whom it is about and for its network, or hold it."""
    network = _network(page)
    rate = of(page).sent if network else of(page).shared
    if wait := rate.take(f"{what} {network}", page.now):
        return _noted(page, what, _many(wait))
    own.count(str(number), page.now)
    return None


def _hours(wait: timedelta) -> int:
    return max(1, -(-int(wait.total_seconds()) // 3600))


async def shut(page: Page) -> Hold | None:
    """Give why the seeker's form is closed; None when it is open."""
    closed = await page.app.store.read(doors.closed, page.now)
    if closed is None:
        return None
    return Hold(CLOSED, _closed(closed.until), closed.until - page.now if closed.until else None)


def _closed(until: datetime | None) -> Message:
    if until is None:
        return Message(N_("The form is closed for now. Keep this page: what you write stays here."))
    text = N_("The form is closed until %(moment)s. Keep this page: what you write stays here.")
    return Message(text, {"moment": until})


def _noted(page: Page, limit: str, hold: Hold | None) -> Hold | None:
    if hold is not None:
        watchman.note(page.request, "form_held", limit=limit)
    return hold


def _many(wait: timedelta) -> Hold | None:
    if not wait:
        return None
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    message = counted(
        "Many people write at once. Keep this page: your text is here. Try again in a minute.",
        "Many people write at once. Keep this page: your text is here. Try again in %(n)s minutes.",
        minutes,
    )
    return Hold(TOO_MANY, message, wait)


def _worked(page: Page, typed: Typed) -> bool:
    expected = stamp.answer(page.app.keys, typed.text("shown"))
    return hmac.compare_digest(expected.encode(), typed.text("work").encode("utf-8", "replace"))


def _network(page: Page) -> str:
    """Give a keyed hash of the visitor's network, which is kept in memory only; empty when it is unknown."""
    if network := client.network(page.request, page.app.settings):
        return page.app.keys.digest("form-network", network)
    if page.app.settings.public and not page.app.demo and not of(page).told.take("", page.now):
        watchman.note(page.request, "visitors_unknown")
    return ""


def blind(page: Page) -> bool:
    """Whether a form came lately whose sender's network nobody told us."""
    return bool(of(page).told.wait("", page.now))

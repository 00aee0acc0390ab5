"""What stands before the forms of strangers: limits by network, the browser's work, the form's door."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from bot.intake import door
from bot.model.text import N_, Message, counted
from bot.storage import doors
from bot.trust.limits import NOTHING, Rate
from bot.web import client, stamp, watchman
from bot.web.forms import Typed
from bot.web.pages import Page

TRIES_MOST, TRIES_PER = 60, timedelta(minutes=5)
"""Forms that one network sends, good or not."""
SENT_MOST, SENT_PER = 5, timedelta(minutes=30)
"""Notices, or volunteers, that one network brings."""
SLOW_MOST, SLOW_PER = 30, timedelta(hours=1)
"""Notices that come without the browser's work, from everybody together: the way without JavaScript."""
LENT_MOST, LENT_PER = 10, timedelta(minutes=30)
"""Connections that one volunteer begins: each makes us call a host that they named."""
FULL_WAIT = timedelta(minutes=15)
TOO_MANY, CLOSED = 429, 503


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
        self.slow = Rate(SLOW_MOST, SLOW_PER)
        self.lent = Rate(LENT_MOST, LENT_PER)
        self.spent = Rate(1, timedelta(seconds=stamp.MAX_AGE_S))
        """Forms that brought a notice: the work of one brings no second, even when the first has ended."""


def of(page: Page) -> Gate:
    """Give the gate of this site."""
    found: Gate = page.request.app.state.gate
    return found


def knock(page: Page) -> Hold | None:
    """Count that a network sends a form; hold it when it sends too many."""
    network = _network(page)
    return _noted(page, "tries", _many(of(page).tries.take(network, page.now) if network else NOTHING))


async def pass_notice(page: Page, typed: Typed) -> Hold | None:
    """Let a notice through, counting it, or hold it.

    In this order: the door is closed, the queue is full, the network brings too many, too many come without
    the browser's work.
    """
    if hold := await shut(page):
        return hold
    if await page.app.store.read(door.full, page.app.settings.queue_max, page.now):
        return _noted(page, "queue", _many(FULL_WAIT))
    gate, network, now = of(page), _network(page), page.now
    wait, limit = gate.sent.wait(network, now) if network else NOTHING, "sent"
    if not wait and not _worked(page, typed):
        wait, limit = gate.slow.take("", now), "unworked"
    if not wait and network:
        gate.sent.count(network, now)
    return _noted(page, limit, _many(wait))


def pass_volunteer(page: Page) -> Hold | None:
    """Let somebody join, counting it, or hold them."""
    network = _network(page)
    return _noted(
        page, "joined", _many(of(page).sent.take(f"join {network}", page.now) if network else NOTHING)
    )


def pass_lending(page: Page, volunteer_id: int) -> Hold | None:
    """Let a volunteer begin to lend an account, counting it, or hold them."""
    wait = of(page).lent.take(str(volunteer_id), page.now)
    if not wait:
        return None
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    text = N_("That was many tries in a short time. The next one is possible in %(n)s min.")
    return _noted(page, "lent", Hold(TOO_MANY, Message(text, {"n": minutes}), wait))


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
    network = client.network(page.request, page.app.settings)
    return page.app.keys.digest("form-network", network) if network else ""

"""What the log says of attempts on the site: which limit, lock or role held, in ids and codes.

Nothing that was typed is logged, no address and no personal link. docs/reference/events.md lists the events.
"""

from datetime import timedelta

import structlog
from starlette.requests import Request

from bot.trust.limits import Rate
from bot.web import client

log = structlog.get_logger()

MOST, PER = 60, timedelta(minutes=1)
"""Lines about one event: whoever causes them shall not fill the disk."""
GOOD = frozenset({"admin_entered"})
"""Events that are no attempt on anything."""
SHOWN = 8
"""Characters of a keyed hash that are logged: enough to tell one from another."""


class Watchman:
    """What was logged lately, for one site."""

    def __init__(self) -> None:
        self.lines = Rate(MOST, PER)
        self.withheld = Rate(1, PER)


def note(request: Request, event: str, **about: str | int) -> None:
    """Log an event with its page, as its address is written in the program, and where the visitor comes from.

    `origin` is a keyed hash of the visitor's network and of the day: it tells one network's attempts from
    another's for a day, and no address. Beyond `MOST` lines of an event in `PER` one line says so.
    """
    app, watchman = request.app.state.app, request.app.state.watchman
    now = app.clock.now()
    if watchman.lines.take(event, now):
        if not watchman.withheld.take(event, now):
            log.warning("events_withheld", of=event)
        return
    network = client.network(request, app.settings)
    origin = app.keys.digest("log-origin", f"{now.date()} {network}")[:SHOWN] if network else ""
    route = getattr(request.scope.get("route"), "path", "")
    say = log.info if event in GOOD else log.warning
    say(event, route=route, origin=origin, **about)

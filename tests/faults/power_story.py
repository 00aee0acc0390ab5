"""What is traced: the story of `tests/life/test_killed.py`, every commit told on standard output."""

import os
import sys
from itertools import count
from pathlib import Path

from sqlalchemy import event
from sqlmodel import Session

from bot.app import App, build
from tests.clocks import NOW, StillClock
from tests.faults.power import ACK, mark
from tests.life.test_killed import PACE, STORY
from tests.life.world import settings_for


def told(folder: Path, synchronous: str, clock: StillClock) -> App:
    """Open an installation that is there already, and tell every commit from now on."""
    app = build(settings_for(folder), clock=clock)
    if synchronous != "FULL":

        @event.listens_for(app.store.engine, "checkout")
        def _weaker(connection: object, *_: object) -> None:
            connection.execute(f"PRAGMA synchronous={synchronous}")  # type: ignore[attr-defined]

    numbers = count(1)
    event.listen(Session, "after_commit", lambda _session: mark(ACK, next(numbers)))
    return app


def main(folder: Path, synchronous: str) -> None:
    """Play the story on an installation that is there already; its end is as sudden as a power loss."""
    clock = StillClock(NOW)
    app = told(folder, synchronous, clock)
    for step, (_, act) in enumerate(STORY):
        clock.moment = NOW + step * PACE
        act(app)
        if step % 3 == 0:
            app.store.fold()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

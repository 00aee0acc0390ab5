"""The stop button: halt everything outgoing, and go on again with a reason."""

from datetime import datetime, timedelta

from bot.errors import ConflictError, UsageError
from bot.model.halt import Halt
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.storage import Session, boosts, halts, journal

REASON_MAX = 500
"""Characters of a reason that are kept."""

STANDS = Message(
    N_("Everything is stopped since %(moment)s already, and stays so. What you wrote is not kept.")
)
NO_REASON = Message(N_("Say why it is safe to go on"))
NOT_HALTED = Message(N_("Nothing is halted."))


def halt(session: Session, *, reason: str, now: datetime, actor: Actor) -> Halt:
    """Stop everything outgoing, from this transaction on; a halt in force stays as it is."""
    before = halts.current(session)
    if before is not None:
        return before
    why = _one_line(reason)
    number = halts.begin(session, now, actor, why)
    journal.write(session, now, actor, "halt.begun", f"halt:{number}")
    return Halt(number, now, str(actor), why)


def _one_line(reason: str) -> str:
    """Give a reason as one line of what can be seen: it is shown in terminals and logs."""
    seen = "".join(char if char.isprintable() else " " for char in reason)
    return " ".join(seen.split())[:REASON_MAX]


def resume(session: Session, *, reason: str, now: datetime, actor: Actor) -> int:
    """Let everything go out again; give how many asks get the time back that they lost.

    Raises:
        UsageError: no reason is given.
        ConflictError: nothing is halted.
    """
    why = _one_line(reason)
    if not why:
        raise UsageError(NO_REASON)
    before = halts.current(session)
    if before is None:
        raise ConflictError(NOT_HALTED)
    halts.end(session, now, actor, why)
    longer = boosts.prolong(session, max(now - before.since, timedelta(0)))
    journal.write(session, now, actor, "halt.ended", f"halt:{before.id}", prolonged=longer)
    return longer

"""Tokens go back to their networks: until the network has taken one, it is kept sealed and tried again."""

from datetime import datetime, timedelta

from bot.model.journal import DAEMON
from bot.model.lending import Revocation
from bot.storage import Session, journal, revocations, volunteers

RETRY = timedelta(minutes=1)
RETRY_MAX = timedelta(hours=6)
GIVE_UP = timedelta(days=30)
"""After so long a token is erased though its network never took it back; the operator is told."""


def given_back(session: Session, one: Revocation, *, now: datetime) -> None:
    """Forget a token that does not work any more at its network."""
    revocations.done(session, one.id)
    _note(session, one, "revoked", now)


def not_yet(session: Session, one: Revocation, *, why: str, until: datetime | None, now: datetime) -> bool:
    """Note why a network has not taken a token back; True: it is given up.

    It is tried again at `until`, or ever less often. `why` is a sentence for the operator.
    """
    if one.tried_at is not None and now - one.tried_at > GIVE_UP:
        revocations.done(session, one.id)
        _note(session, one, "not_revoked", now)
        return True
    wait = min(RETRY_MAX, RETRY * 2 ** min(one.tries, 10))
    revocations.later(session, one.id, why=why, next_at=max(until or now + wait, now + RETRY))
    return False


def _note(session: Session, one: Revocation, verb: str, now: datetime) -> None:
    owner = volunteers.owner_of(session, one.account_id)
    about = {"account": one.account_id, "network": one.network}
    journal.write(session, now, DAEMON, f"access.{verb}", f"volunteer:{owner}", **about)

"""After a key was lost for good: what it alone opens is given up, so that everything else goes on."""

from collections.abc import Collection
from datetime import datetime

from bot.model.journal import Actor
from bot.model.lending import Trouble
from bot.storage import Session, access, connections, journal, revocations, sealed, volunteers
from bot.storage.sealed import ACCESS, REVOCATION, Sealed


def unopened(session: Session, held: Collection[str]) -> list[Sealed]:
    """Give what none of these keys opens."""
    return sealed.others(session, held)


def irrevocable(session: Session, held: Collection[str]) -> list[Sealed]:
    """Give the tokens among it that may still work at their networks, and can no longer be given back."""
    return [one for one in unopened(session, held) if _works(session, one)]


def _works(session: Session, one: Sealed) -> bool:
    if one.held is ACCESS:
        found = access.of(session, one.account_id)
        return found is not None and found.lost_at is None
    return one.held is REVOCATION


def give_up(session: Session, held: Collection[str], *, now: datetime, actor: Actor) -> int:
    """Give up what none of these keys opens; give how much that was.

    Lent accounts are lost as if their network refused them: boosts are made by hand, volunteers are asked to
    connect again. Tokens on their way back are forgotten, connections under way fail.
    """
    found = unopened(session, held)
    for one in found:
        if one.held is REVOCATION:
            revocations.done(session, one.row)
            _note(session, one, "not_revoked", now, actor)
        elif one.held is not ACCESS:
            connections.fail(session, one.account_id, Trouble.CUT_OFF)
        else:
            if _works(session, one):
                _note(session, one, "key_lost", now, actor)
            access.give_up(session, one.account_id, now)
    return len(found)


def _note(session: Session, one: Sealed, verb: str, now: datetime, actor: Actor) -> None:
    owner = volunteers.owner_of(session, one.account_id)
    about = {"account": one.account_id, "network": one.network}
    journal.write(session, now, actor, f"access.{verb}", f"volunteer:{owner}", **about)

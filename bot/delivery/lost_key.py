"""What no key opens, its key lost for good or itself damaged, is given up: everything else goes on."""

from datetime import datetime

from bot.delivery.tokens import place_of
from bot.model.journal import Actor
from bot.model.lending import Trouble
from bot.storage import Session, access, connections, journal, revocations, sealed, volunteers
from bot.storage.sealed import ACCESS, REVOCATION, Sealed
from bot.trust.vault import Vault


def unopened(session: Session, vault: Vault | None) -> list[Sealed]:
    """Give what no key opens: none is here (None), its own is not, or it is damaged."""
    found = sealed.others(session, [])
    return [one for one in found if vault is None or not vault.opens(place_of(one), one.text)]


def irrevocable(session: Session, vault: Vault | None) -> list[Sealed]:
    """Give the tokens among it that may still work at their networks, and can no longer be given back."""
    return [one for one in unopened(session, vault) if _works(session, one)]


def _works(session: Session, one: Sealed) -> bool:
    if one.held is ACCESS:
        found = access.of(session, one.account_id)
        return found is not None and found.lost_at is None
    return one.held is REVOCATION


def give_up(session: Session, vault: Vault | None, *, now: datetime, actor: Actor) -> int:
    """Give up what no key opens; give how much that was.

    Lent accounts are lost as if their network refused them: boosts are made by hand, volunteers are asked to
    connect again. Tokens on their way back are forgotten, connections under way fail.
    """
    found = unopened(session, vault)
    for one in found:
        if one.held is REVOCATION:
            revocations.done(session, one.row)
            note(session, one, "not_revoked", now, actor)
        elif one.held is not ACCESS:
            connections.fail(session, one.account_id, Trouble.CUT_OFF)
        else:
            if _works(session, one):
                note(session, one, "key_lost", now, actor)
            access.give_up(session, one.account_id, now)
    return len(found)


def note(session: Session, one: Sealed, verb: str, now: datetime, actor: Actor) -> None:
    """Write into the journal what became of a sealed value: whose it is, in ids."""
    owner = volunteers.owner_of(session, one.account_id)
    about = {"account": one.account_id, "network": one.network}
    journal.write(session, now, actor, f"access.{verb}", f"volunteer:{owner}", **about)

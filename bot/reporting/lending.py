"""Which accounts are lent, how, and what stands in the way. Never a token."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.model.boost import Mode
from bot.model.lending import Connection
from bot.model.volunteer import Access, Account
from bot.storage import Session, access, connections, revocations, volunteers

FLOOR = 5
"""Accounts below which a count would tell who lends."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one account shares. `connection` is one that is under way, or that ended in trouble."""

    account: Account
    access: Access | None
    connection: Connection | None = None

    @property
    def mode(self) -> Mode:
        """How shares are made now: by hand without a token that works."""
        return self.access.mode if self.access and not self.access.lost_at else Mode.BY_HAND

    @property
    def lost_at(self) -> datetime | None:
        """Since when the network refuses the token."""
        return self.access.lost_at if self.access else None


@dataclass(frozen=True, slots=True)
class Lent:
    """The accounts of a network that are lent in a mode. `count` None: some, too few to be counted."""

    mode: Mode
    count: int | None


@dataclass(frozen=True, slots=True)
class Lending:
    """How lending goes on a network. Lost accesses and tokens not given back are counted exactly."""

    lent: tuple[Lent, ...] = ()
    lost: int = 0
    returning: int = 0
    why: str = ""
    """What stands in the way of the tokens that could not be given back yet."""


def standing(session: Session, account: Account) -> Standing:
    """Look at one account."""
    return Standing(account, access.of(session, account.id), connections.of(session, account.id))


def of_volunteer(session: Session, volunteer_id: int) -> list[Standing]:
    """Look at a volunteer's accounts.

    Raises:
        NotFoundError: there is no such volunteer.
    """
    return [standing(session, account) for account in volunteers.get(session, volunteer_id).accounts]


def listed(session: Session, *, network: str = "", volunteer_id: int | None = None) -> list[Standing]:
    """Look at all accounts in use, those of a network or of a volunteer only if asked for."""
    people = volunteers.listed(session) if volunteer_id is None else [volunteers.get(session, volunteer_id)]
    held = {one.account_id: one for one in access.page(session, limit=1_000_000)}
    return [
        Standing(account, held.get(account.id))
        for volunteer in people
        for account in volunteer.accounts
        if network in {"", account.network}
    ]


def by_network(session: Session, networks: Iterable[str]) -> Mapping[str, Lending]:
    """Count what is lent on each network; a count under `FLOOR` is not told."""
    returning = revocations.waiting(session)
    tally = [one for one in access.tally(session) if one[1] is not Mode.COLLECTIVE]
    found = {}
    for name in networks:
        here = [(mode, lost, count) for network, mode, lost, count in tally if network == name]
        works = {mode: sum(c for m, gone, c in here if m is mode and not gone) for mode in Mode}
        lent = tuple(Lent(m, count if count >= FLOOR else None) for m, count in works.items() if count)
        lost = sum(count for _, gone, count in here if gone)
        found[name] = Lending(lent, lost, *returning.get(name, (0, "")))
    return found

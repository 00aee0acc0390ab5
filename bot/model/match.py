"""Who may boost what: the rule for one notice and one volunteer."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from bot.model.notice import Notice, NoticeState
from bot.model.volunteer import Account, Volunteer, VolunteerState

ANYWHERE = "anywhere"
"""Code of data/regions: a notice for it matches every volunteer, like one without a region."""


class Mismatch(StrEnum):
    """Why a volunteer may not take a notice."""

    LEFT = "left"
    PAUSED = "paused"
    NOT_ACTIVE = "not_active"
    NOT_OPEN = "not_open"
    OVER = "over"
    NETWORK = "network"
    LANGUAGE = "language"
    SECTOR = "sector"
    REGION = "region"
    ASKED = "asked"


def account_for(notice: Notice, volunteer: Volunteer, now: datetime, *, asked: bool) -> Account | Mismatch:
    """Give the account with which `volunteer` may boost `notice` at `now`, or why they may not.

    Args:
        notice: in any state.
        volunteer: with the accounts that count, i.e. those on networks in use.
        now: aware UTC.
        asked: the volunteer was asked for this notice before, whatever came of it.
    """
    return _closed(notice, volunteer, now) or (
        Mismatch.ASKED if asked else matching_account(notice, volunteer)
    )


def _closed(notice: Notice, volunteer: Volunteer, now: datetime) -> Mismatch | None:
    """Give what stops either of the two at `now`, whoever the other is."""
    if volunteer.state is VolunteerState.LEFT:
        return Mismatch.LEFT
    if not volunteer.may_be_asked(now):
        return Mismatch.PAUSED
    if notice.state is not NoticeState.ACTIVE or notice.opened_at is None or notice.deadline is None:
        return Mismatch.NOT_ACTIVE
    if now < notice.opened_at:
        return Mismatch.NOT_OPEN
    return Mismatch.OVER if now >= notice.deadline else None


def matching_account(
    notice: Notice, volunteer: Volunteer, reached: Collection[str] = ()
) -> Account | Mismatch:
    """Give the account that fits by network, language, sector and region alone, or what does not fit.

    Of several accounts, one in a place that the notice has not reached; else notices take turns, so that none
    of a volunteer's networks gets everything.

    Args:
        notice: in any state.
        volunteer: with the accounts that count.
        reached: places (`place_of`) in which the notice was boosted.
    """
    networks = notice.networks
    accounts = [a for a in volunteer.accounts if not networks or a.network in networks]
    if not accounts:
        return Mismatch.NETWORK
    if notice.lang not in volunteer.languages:
        return Mismatch.LANGUAGE
    if notice.sector is not None and volunteer.sectors is not None and notice.sector not in volunteer.sectors:
        return Mismatch.SECTOR
    region = region_of(notice)
    if region is not None and volunteer.regions is not None and region not in volunteer.regions:
        return Mismatch.REGION
    accounts = [a for a in accounts if place_of(a) not in reached] or accounts
    return accounts[(notice.id + volunteer.id) % len(accounts)]


def place_of(account: Account) -> str:
    """Name the place of an account among circles: its network and, on Mastodon, its instance."""
    return f"place:{account.network}:{account.instance}"


def region_of(notice: Notice) -> str | None:
    """Give the region that a volunteer must take; None when everybody's will do."""
    return None if notice.region == ANYWHERE else notice.region

"""In which order moderators read: what strangers bring has its turns and crowds nobody out."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bot.model.moderation import Report
from bot.model.notice import Consent, Notice
from bot.moderation.outside import urgent

Reports = Mapping[int, Sequence[Report]]


def in_order(
    unread: Sequence[Notice], since: Mapping[int, datetime], live: Sequence[Notice], unsettled: Reports
) -> list[Notice]:
    """Give those that a volunteer reported, which are held meanwhile; then the rest, by age.

    `unread`: what waits for a yes, the oldest first, and `since` when. `live`: what goes round and has
    reports, in the order of the first. Of those that strangers alone reported, `urgent` ones come before what
    is older, yet strangers and found posts, whose authors did not ask, never take more than every other place
    while anything else waits; nor do found posts beside what strangers reported.
    """
    held = [notice for notice in live if not _by_strangers(unsettled[notice.id])]
    strangers = [notice for notice in live if _by_strangers(unsettled[notice.id])]
    hasty = {notice.id for notice in strangers if any(urgent(one.why) for one in unsettled[notice.id])}
    strangers.sort(key=lambda notice: notice.id not in hasty)
    came = {**since, **{notice.id: unsettled[notice.id][0].at for notice in strangers}}
    found = [notice for notice in unread if notice.consent is Consent.FOUND]
    sent = [notice for notice in unread if notice.consent is not Consent.FOUND]
    return held + _mixed(sent, _mixed(strangers, found, came, hasty), came, hasty)


def _mixed(
    own: Sequence[Notice], guests: Sequence[Notice], came: Mapping[int, datetime], hasty: Collection[int]
) -> list[Notice]:
    """Let guests in between, each before the first that is younger, but never two at a time."""
    mixed, taken = list[Notice](), 0
    waiting = list(own)
    while waiting and taken < len(guests):
        guest, first = guests[taken], waiting[0]
        goes_first = guest.id in hasty or (first.id not in hasty and came[guest.id] < came[first.id])
        if goes_first and taken * 2 <= len(mixed):
            mixed.append(guest)
            taken += 1
        else:
            mixed.append(waiting.pop(0))
    return [*mixed, *waiting, *guests[taken:]]


def _by_strangers(reports: Sequence[Report]) -> bool:
    return all(one.outside for one in reports)

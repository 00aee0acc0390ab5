"""In which order moderators read: strangers' reports bring a notice forward and crowd no other out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.model.moderation import Report
from bot.model.notice import Notice
from bot.moderation.outside import urgent

Reports = Mapping[int, Sequence[Report]]


def in_order(
    unread: Sequence[Notice], since: Mapping[int, datetime], live: Sequence[Notice], unsettled: Reports
) -> list[Notice]:
    """Give those that a volunteer reported, which are held meanwhile; then the rest, by age.

    `unread`: what waits for a yes, the oldest first, and `since` when. `live`: what goes round and has
    reports, in the order of the first. Of those that strangers alone reported, `urgent` ones come before what
    is older, yet strangers never take more than every other place while anything else waits.
    """
    held = [notice for notice in live if not _by_strangers(unsettled[notice.id])]
    strangers = [notice for notice in live if _by_strangers(unsettled[notice.id])]
    hasty = {notice.id for notice in strangers if any(urgent(one.why) for one in unsettled[notice.id])}
    strangers.sort(key=lambda notice: notice.id not in hasty)
    own, mixed, taken = list(unread), list[Notice](), 0
    while own and taken < len(strangers):
        next_one = strangers[taken]
        goes_first = next_one.id in hasty or unsettled[next_one.id][0].at < since[own[0].id]
        if goes_first and taken * 2 <= len(mixed):
            mixed.append(next_one)
            taken += 1
        else:
            mixed.append(own.pop(0))
    return held + mixed + own + strangers[taken:]


def _by_strangers(reports: Sequence[Report]) -> bool:
    return all(one.outside for one in reports)

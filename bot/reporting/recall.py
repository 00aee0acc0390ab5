"""The shares that a volunteer is asked to undo, as the inbox shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.boost import Boost
from bot.model.notice import Notice
from bot.networks import Network
from bot.storage import Session, boosts, notices, recalls


@dataclass(frozen=True, slots=True)
class Recall:
    """A share to undo. `network` is the name people know; `url` is the post, empty where there was none."""

    boost: Boost
    notice: Notice
    network: str
    url: str


def waiting(session: Session, volunteer_id: int, *, networks: Mapping[str, Network]) -> list[Recall]:
    """Give what the volunteer is asked to undo and has not, oldest first."""
    asked = boosts.listed(session, ids=recalls.waiting(session, volunteer_id))
    found = notices.some(session, {boost.notice_id for boost in asked})
    made = []
    for boost in asked:
        notice = found[boost.notice_id]
        url = next((post.url for post in notice.posts if post.network == boost.network), "")
        label = networks[boost.network].label if boost.network in networks else boost.network
        made.append(Recall(boost, notice, label, url))
    return made

"""Boosts put straight into the database."""

from typing import Any

from bot.model.boost import Mode
from bot.model.notice import Notice
from bot.model.volunteer import Volunteer
from bot.storage import Session, boosts
from tests.clocks import NOW


def plan_boost(session: Session, notice: Notice, volunteer: Volunteer, **changed: Any) -> int:
    """Plan a boost by a volunteer's first account, due at NOW, and give its id; `changed` wins."""
    account = volunteer.accounts[0]
    values = {
        "notice_id": notice.id,
        "volunteer_id": volunteer.id,
        "account_id": account.id,
        "network": account.network,
        "mode": Mode.BY_HAND,
        "due_at": NOW,
        "reason": {},
    }
    return boosts.plan(session, **values | changed)

"""The certificate of a notice in words: why nobody could give it more in the next day.

It is proved every quarter of an hour, while rounds come every few minutes: where the last round has seen
something else, because somebody joined, paused or left, it is not told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.model.notice import NoticeState
from bot.model.plan import Wait
from bot.model.text import Message
from bot.reporting import explain
from bot.storage import Session, notices, rounds

_NONE_LEFT = frozenset(
    {
        Wait.NO_VOLUNTEERS,
        Wait.NO_NETWORK,
        Wait.NO_LANGUAGE,
        Wait.NO_SECTOR,
        Wait.NO_REGION,
        Wait.ALL_ASKED,
    }
)
_SOME_LEFT = frozenset({Wait.NETWORK_FULL, Wait.TURNS_TAKEN, Wait.SPACED, Wait.NO_TURN})


def certificate(session: Session, notice_id: int) -> Mapping[str, Any] | None:
    """Give the certificate as data; None: it does not go round, gets all it wants, or a round saw otherwise.

    Raises:
        NotFoundError: there is no such notice.
    """
    if notices.get(session, notice_id).state is not NoticeState.ACTIVE:
        return None
    found, waiting = rounds.certificate(session, notice_id), notices.waiting(session, notice_id)
    return found if found is None or waiting is None or _agrees(found, waiting) else None


def why_no_more(session: Session, notice_id: int) -> Message | None:
    """Say it as `bot explain notice` does; None: there is nothing to say.

    Raises:
        NotFoundError: there is no such notice.
    """
    found = certificate(session, notice_id)
    return None if found is None else explain.why_not_more(found)


def _agrees(found: Mapping[str, Any], waiting: Mapping[str, Any]) -> bool:
    """Whether a certificate does not contradict what a round said of who is left to be asked."""
    code, somebody = Wait(waiting["code"]), bool(found["volunteers"] or found.get("best"))
    if code in _NONE_LEFT:
        return not somebody
    if code is Wait.ALL_PAUSED and not _back_by(waiting["next"], found.get("until")):
        return bool(found["volunteers"]) and not found["slots"]
    return somebody or code not in _SOME_LEFT


def _back_by(back: str | None, until: str | None) -> bool:
    return bool(back and until) and datetime.fromisoformat(str(back)) < datetime.fromisoformat(str(until))

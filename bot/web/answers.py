"""Answers that can be guessed, passwords and codes: each is given at a door, which closes on wrong ones."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar

from starlette.responses import Response

from bot.model.text import Message, counted
from bot.moderation.lockout import Door
from bot.web import watchman
from bot.web.pages import Page

T = TypeVar("T")


class TurnedAwayError(Exception):
    """An answer is wrong, or its door is closed: `status` is 422 or 429. `wait` is as a person counts it."""

    def __init__(self, status: HTTPStatus, message: Message, wait: timedelta = timedelta(0)) -> None:
        super().__init__(str(message))
        self.status, self.message, self.wait = status, message, wait

    def on(self, page: Response) -> Response:
        """Say in the header of the page shown again, too, when to come back."""
        if self.wait:
            page.headers["Retry-After"] = str(max(1, int(self.wait.total_seconds())))
        return page


async def right(
    page: Page, door: Door, look: Callable[[], Awaitable[T | None]], wrong: Message, **about: str | int
) -> T:
    """Give what a right answer gives; `look` gives None for a wrong one, and is not asked at a closed door.

    `about`: ids and codes for the log, of which factor it is and whose.

    Raises:
        TurnedAwayError: the door is closed, or the answer is wrong, which `wrong` says.
    """
    if wait := door.wait(page.now) / page.app.clock.speed:
        watchman.note(page.request, "answer_locked", **about)
        raise TurnedAwayError(HTTPStatus.TOO_MANY_REQUESTS, _closed(wait), wait)
    # Counted before the answer is known, so that guesses sent all at once do not all pass.
    door.failed(page.now)
    found = await look()
    if found is None:
        watchman.note(page.request, "answer_wrong", **about)
        raise TurnedAwayError(HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
    door.passed()
    return found


def _closed(wait: timedelta) -> Message:
    return counted(
        "Too many wrong answers. Wait a minute, then try again.",
        "Too many wrong answers. Wait %(n)s minutes, then try again.",
        max(1, -(-int(wait.total_seconds()) // 60)),
    )

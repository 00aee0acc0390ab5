"""Erasing a person from a page. It waits for the disk, so it has a thread of its own."""

import asyncio

from bot.model.journal import Actor
from bot.privacy import erasure
from bot.web.pages import Page


async def erase_seeker(page: Page, seeker_id: int, actor: Actor) -> None:
    """Erase a seeker and all their notices.

    Raises:
        NotFoundError: there is no such seeker.
    """
    app = page.app
    await asyncio.to_thread(
        erasure.erase_seeker, app.store, app.ledger(), seeker_id, now=page.now, actor=actor
    )


async def erase_volunteer(page: Page, volunteer_id: int, actor: Actor) -> None:
    """Let a volunteer leave, and erase them.

    Raises:
        NotFoundError: there is no such volunteer.
    """
    app = page.app
    await asyncio.to_thread(
        erasure.erase_volunteer, app.store, app.ledger(), volunteer_id, now=page.now, actor=actor
    )

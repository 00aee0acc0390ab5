"""A volunteer's page keeps up with what happens elsewhere."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bot.delivery import by_hand
from bot.model.boost import BoostState
from bot.storage import boosts
from tests.chromium import Site

pytestmark = pytest.mark.browser


def test_the_open_page_follows_by_itself(open_page: Callable[..., Page], site: Site):
    """Within twenty seconds an answer given on another device shows here, but not under a reader's hands."""
    store, now, you = site.app.store, site.clock.now(), site.stage.you
    page = open_page("fr")
    page.clock.install()
    page.goto(f"{site.url}/fr/inbox/{site.stage.volunteer_token}")
    cards = page.locator("[data-card]")
    before = cards.count()
    asked = store.run_read(boosts.listed, volunteer_id=you, states=[BoostState.ASKED])[0]
    store.run_write(by_hand.declare, asked.id, volunteer_id=you, now=now)
    try:
        page.locator(".pull[href]").first.focus()
        page.clock.run_for(21_000)
        assert cards.count() == before
        page.evaluate("document.activeElement.blur()")
        page.clock.run_for(21_000)
        expect(cards).to_have_count(before - 1)
    finally:
        store.run_write(by_hand.undo, asked.id, volunteer_id=you, now=now)
        store.run_write(by_hand.skip, asked.id, volunteer_id=you, now=now)
        store.run_write(by_hand.undo, asked.id, volunteer_id=you, now=now)

"""Fixtures every test may use: a real database in a fresh folder, and makers of notices and volunteers."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from bot.app import App, build
from bot.model.notice import Contract, Notice, NoticeState, NoticeText, PostRef
from bot.model.volunteer import Limits, Volunteer
from bot.settings import Settings
from bot.storage import Session, notices, seekers, volunteers
from bot.storage.store import Store
from bot.trust.links import hash_token, new_token
from tests.chromium import browser, open_page, playwright, site
from tests.clocks import NOW, StillClock, give_secret
from tests.pds import atnet, named, pds, pytest_xdist_make_scheduler

__all__ = [
    "NOW",
    "StillClock",
    "atnet",
    "browser",
    "named",
    "open_page",
    "pds",
    "playwright",
    "pytest_xdist_make_scheduler",
    "site",
]


# A busy machine must not turn a true property red.
# CI judges the change, not the dice: the same examples each time. Runs by hand go on looking for new ones.
hypothesis_settings.register_profile(
    "steady", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
hypothesis_settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser's tests last: Playwright's event loop would be in the way of the others'.

    Those of the real PDS come first: they all go to one process, which would else end long after the others.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("browser") is not None,
            "pds" not in getattr(item, "fixturenames", ()),
        )
    )


@pytest.fixture
def clock() -> StillClock:
    """A clock at NOW."""
    return StillClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a fresh folder, whatever the machine's environment says."""
    return Settings(data_dir=tmp_path / "data", _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def app(settings: Settings, clock: StillClock) -> Iterator[App]:
    """An installation with an empty, migrated database; its secret, and so every slot, is always the same."""
    give_secret(settings.data_dir)
    made = build(settings, clock=clock)
    yield made
    made.close()


@pytest.fixture
def store(app: App) -> Store:
    """The installation's database."""
    return app.store


@pytest.fixture
def make_notice(store: Store) -> Callable[..., Notice]:
    """Make a notice straight in the database: `make_notice(state=NoticeState.PAUSED, title="…")`."""

    def make(*, state: NoticeState = NoticeState.ACTIVE, at: datetime = NOW, **values: Any) -> Notice:
        def insert(session: Session) -> Notice:
            words = NoticeText(
                title=values.get("title", "Welder"),
                place=values.get("place", "Lille"),
                remote=values.get("remote", False),
                contract=values.get("contract", Contract.ANY),
                text=values.get("text", "Ten years of TIG welding, free at once."),
                name=values.get("name", "Moussa"),
            )
            posts = values.get(
                "posts", [PostRef("x", f"https://x.com/i/status/{new_token()}", new_token(), "moussa")]
            )
            notice = notices.add(
                session,
                seeker_id=seekers.add(session, lang="fr", email=values.get("email"), now=at),
                words=words,
                lang=values.get("lang", "fr"),
                sector=values.get("sector"),
                region=values.get("region"),
                posts=posts,
                share_slug=new_token(),
                token_hash=hash_token(values.get("token", new_token())),
                demand=values.get("demand", 12),
                now=at,
            )
            if "person_id" in values:
                notices.update(session, notice.id, person_id=values["person_id"])
            if state in {NoticeState.ACTIVE, NoticeState.PAUSED}:
                notices.move(
                    session, notice.id, NoticeState.ACTIVE, opened_at=at, deadline=at + timedelta(days=7)
                )
            if state not in {NoticeState.PENDING, NoticeState.ACTIVE}:
                notices.move(session, notice.id, state)
            return notices.get(session, notice.id)

        return store.run_write(insert)

    return make


@pytest.fixture
def make_volunteer(store: Store) -> Callable[..., Volunteer]:
    """Make a volunteer straight in the database: `make_volunteer(accounts=[("x", "samir")], cap_day=5)`."""

    def make(*, at: datetime = NOW, **values: Any) -> Volunteer:
        def insert(session: Session) -> Volunteer:
            volunteer_id = volunteers.add(
                session,
                name=values.get("name", "Samir"),
                lang="fr",
                languages=values.get("languages", {"fr"}),
                limits=Limits(
                    values.get("cap_day", 5),
                    values.get("spacing_min", 30),
                    values.get("quiet_start_min", 0),
                    values.get("quiet_len_min", 0),
                    values.get("time_zone", "Europe/Paris"),
                ),
                sectors=values.get("sectors"),
                regions=values.get("regions"),
                token_hash=hash_token(values.get("token", new_token())),
                charter_version="1",
                now=at,
            )
            volunteers.set_accounts(
                session, volunteer_id, values.get("accounts", [("x", new_token().lower())])
            )
            return volunteers.get(session, volunteer_id)

        return store.run_write(insert)

    return make

"""Admins for the moderators' tests. Passwords are hashed once: argon2id is slow on purpose."""

from collections.abc import Callable

import pytest

from bot.model.access import Admin, Role
from bot.storage import admins
from bot.storage.store import Store
from tests.conftest import NOW


@pytest.fixture
def make_admin(store: Store) -> Callable[[str], Admin]:
    """Make an admin who cannot log in: `make_admin("Camille")`."""
    return lambda name: store.run_write(admins.add, name, "no hash", Role.OPERATOR, NOW)

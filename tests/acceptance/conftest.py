"""Daemons in empty folders."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.daemon import Daemon
from tests.acceptance.visitor import Visitor


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """Make daemons in this test's folder; they end with the test."""
    made: list[Daemon] = []

    def make(**settings: str) -> Daemon:
        made.append(Daemon(tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def visit() -> Iterator[Callable[[str], Visitor]]:
    """Make visitors without JavaScript; their connections close with the test."""
    made: list[Visitor] = []

    def make(url: str) -> Visitor:
        made.append(Visitor(url))
        return made[-1]

    yield make
    for one in made:
        one.close()

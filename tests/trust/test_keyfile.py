"""What is said of keys that are not there, of when one was made, and of what was sealed and is damaged."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import DataError
from bot.trust import keyfile
from bot.trust.vault import Vault


def test_without_a_public_key_nothing_can_be_sealed(tmp_path: Path):
    """None, which is no error: nobody has made one yet."""
    assert keyfile.read_public(tmp_path) is None


def test_a_key_is_as_old_as_its_public_file(tmp_path: Path):
    """In UTC, whatever zone the machine is in."""
    keyfile.write_public(tmp_path, Vault([keyfile.new_key()]).seal)
    os.utime(tmp_path / keyfile.PUBLIC, (0, 86_400))
    assert keyfile.made_at(tmp_path) == datetime(1970, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("sealed", ["", "nonsense", "v2.x.y", "v1.é.y"])
def test_a_damaged_token_is_told_from_a_missing_key(sealed: str):
    """The operator reads which of the two it is."""
    with pytest.raises(
        DataError, match=r"^A sealed token is damaged, or was written by a newer Languette\.$"
    ):
        Vault([keyfile.new_key()]).open("place", sealed)

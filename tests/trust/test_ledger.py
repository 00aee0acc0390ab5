"""The ledger of erasures: what is noted is there again after any crash, and names nobody."""

from datetime import timedelta
from threading import Thread

import pytest

from bot.trust import keyfile
from bot.trust.ledger import FILE, Ledger
from bot.trust.links import Keyring
from tests.clocks import NOW

KEYS = Keyring(b"k" * 32)
SINCE = NOW - timedelta(days=30)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    """A ledger in an empty folder."""
    return Ledger(tmp_path, KEYS)


def read_again(ledger: Ledger, keys: Keyring = KEYS) -> Ledger:
    """Give the ledger as the next process reads it."""
    return Ledger(ledger.path.parent, keys)


def test_an_erasure_is_noted_once(ledger):
    """It is known at once and by the next process; noted again it adds nothing."""
    assert ledger.erased_at("seeker", 7, SINCE) is None
    assert ledger.add("seeker", 7, SINCE, now=NOW)
    assert not ledger.add("seeker", 7, SINCE, now=LATER)
    for one in (ledger, read_again(ledger)):
        assert one.erased_at("seeker", 7, SINCE) == NOW
        assert not one.add("seeker", 7, SINCE, now=LATER)
    assert len(ledger.path.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("kind", "number", "since"), [("volunteer", 7, SINCE), ("seeker", 8, SINCE), ("seeker", 7, NOW)]
)
def test_nobody_else_is_meant(ledger, kind, number, since):
    """Another kind, number or moment, as of whoever has the number after a restore, was not erased."""
    ledger.add("seeker", 7, SINCE, now=NOW)
    assert read_again(ledger).erased_at(kind, number, since) is None


def test_the_file_names_nobody(ledger):
    """Under another secret the same line means nobody, and no number stands in the file."""
    ledger.add("seeker", 4821, SINCE, now=NOW)
    assert read_again(ledger, Keyring(b"o" * 32)).erased_at("seeker", 4821, SINCE) is None
    assert "4821" not in ledger.path.read_text()
    assert ledger.path.stat().st_mode & 0o777 == 0o600
    assert ledger.path.name == FILE


def test_an_erasure_can_be_taken_back_and_noted_again(ledger):
    """What was undone is not erased, for the next process too; a later erasure counts from its own moment."""
    ledger.add("notice", 7, SINCE, now=NOW)
    ledger.take_back("notice", 7, SINCE, now=LATER)
    ledger.take_back("notice", 8, SINCE, now=LATER)  # was never noted
    for one in (ledger, read_again(ledger)):
        assert one.erased_at("notice", 7, SINCE) is None
    assert read_again(ledger).add("notice", 7, SINCE, now=LATER)
    assert read_again(ledger).erased_at("notice", 7, SINCE) == LATER


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_a_crash_cut_short_is_left_out(ledger, cut):
    """The lines before it and the one written after it are whole."""
    ledger.add("seeker", 1, SINCE, now=NOW)
    before = ledger.path.read_bytes()
    ledger.add("seeker", 2, SINCE, now=NOW)
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(before + whole[len(before) :][:cut])
    again = read_again(ledger)
    assert again.erased_at("seeker", 2, SINCE) is None
    again.add("seeker", 3, SINCE, now=LATER)
    last = read_again(ledger)
    found = [last.erased_at("seeker", number, SINCE) for number in (1, 2, 3)]
    assert found == [NOW, None, LATER]


def test_old_lines_are_dropped(ledger):
    """Lines of the moment or before go, later ones stay; with nothing to drop the file is not touched."""
    assert ledger.prune(LATER) == 0
    for number, at in ((1, NOW - timedelta(days=1)), (2, NOW), (3, LATER)):
        ledger.add("seeker", number, SINCE, now=at)
    leftover = ledger.path.with_suffix(".part")
    leftover.write_text("of a prune that was killed\n")
    assert ledger.prune(NOW) == 2
    again = read_again(ledger)
    found = [again.erased_at("seeker", number, SINCE) for number in (1, 2, 3)]
    assert found == [None, None, LATER]
    assert not leftover.exists()
    same = ledger.path.stat().st_ino
    assert ledger.prune(NOW) == 0
    assert ledger.path.stat().st_ino == same


def test_an_erasure_waits_for_no_change_of_keys(ledger):
    """A rotation may last minutes: what is noted meanwhile is there before it ends."""
    with keyfile.changing(ledger.path.parent):
        noting = Thread(target=ledger.add, args=("seeker", 7, SINCE), kwargs={"now": NOW}, daemon=True)
        noting.start()
        noting.join(10)
        assert not noting.is_alive()
    assert read_again(ledger).erased_at("seeker", 7, SINCE) == NOW

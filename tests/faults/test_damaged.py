"""One damaged row stops one lane: every other boost is made, the admin sees it, and mended it goes on."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.delivery import panic, retry, take_back
from bot.model.boost import BoostState
from bot.model.journal import CLI
from bot.reporting import delivery
from bot.storage import boosts, lanes
from tests.delivery.lending import NETWORK, Lending, delivering
from tests.delivery.test_doubt import until
from tests.fakes.recording import RecordingNet

ACCOUNT = "(SELECT account_id FROM boost WHERE id = :boost)"
NOTICE = "(SELECT notice_id FROM boost WHERE id = :boost)"
PERSON = "(SELECT volunteer_id FROM boost WHERE id = :boost)"
WORDS = "Soudeuse à Brest"


def bent(table: str, column: str, where: str, value: str) -> tuple[str, str]:
    """Give what damages a value, and what mends it."""
    keep = f"CREATE TABLE kept AS SELECT {column} AS value FROM {table} WHERE {where};"
    damage = f"{keep} UPDATE {table} SET {column} = {value} WHERE {where}"
    return damage, f"UPDATE {table} SET {column} = (SELECT value FROM kept) WHERE {where}"


DAMAGE = {
    "a code nobody knows": bent("call", "kind", "boost_id = :boost", "'bost'"),
    "no moment": bent("call", "at", "boost_id = :boost", "'yesterday'"),
    "no number": bent("lane", "epoch", f"account_id = {ACCOUNT}", "'many'"),
    "no text": bent("notice", "text", f"id = {NOTICE}", "CAST(x'ff41' AS TEXT)"),
    "no JSON": bent("volunteer", "languages", f"id = {PERSON}", f"'{WORDS}'"),
    "no zone": bent("volunteer", "time_zone", f"id = {PERSON}", "'Europe/Atlantis'"),
    "no token": bent("access", "sealed", f"account_id = {ACCOUNT}", "'v1.00000000.broken'"),
    "a token of bytes": bent("access", "sealed", f"account_id = {ACCOUNT}", "x'ff41'"),
    "a refused write": (
        """CREATE TRIGGER refuses BEFORE UPDATE OF state ON boost
        WHEN OLD.id = :boost AND NEW.state = 'sending' BEGIN SELECT RAISE(ABORT, 'refused'); END""",
        "DROP TRIGGER refuses",
    ),
}


def run_sql(lending: Lending, statements: str, boost_id: int) -> None:
    """Change the database behind the program's back."""
    with closing(sqlite3.connect(lending.app.settings.database)) as other:
        other.execute("PRAGMA foreign_keys = OFF")
        other.executescript(statements.replace(":boost", str(boost_id)))


def run_until(lending: Lending, true: Callable[[], bool]) -> None:
    """Run the daemon's engine until something is so."""

    async def run() -> None:
        async with delivering(lending, look_s=0.05) as engine:
            working = asyncio.create_task(engine.run())
            async with asyncio.timeout(30):
                await until(lambda: working.done() or true())
            working.cancel()
            assert isinstance(
                (await asyncio.gather(working, return_exceptions=True))[0], asyncio.CancelledError
            )

    asyncio.run(run())


def all_in(lending: Lending, state: BoostState, *boost_ids: int) -> bool:
    """Whether all these boosts stand there; the database is looked at, not read as the program does."""
    with closing(sqlite3.connect(lending.app.settings.database)) as other:
        marks = ",".join("?" * len(boost_ids))
        found = other.execute(f"SELECT DISTINCT state FROM boost WHERE id IN ({marks})", boost_ids)
        return found.fetchall() == [(state.value,)]


def damaged(lending: Lending) -> list[tuple[str, str, int]]:
    """Give what the admin's pages, `bot status` and the metrics say of damaged lanes."""
    found = lending.app.store.run_read(delivery.standing, lending.clock.now(), [NETWORK])
    return [(one.network, one.what, one.count) for one in found.waiting if one.why == "damaged"]


@pytest.mark.parametrize("name", DAMAGE)
def test_one_damaged_row_stops_one_lane(lending: Lending, net: RecordingNet, name: str):
    """Those of the same instance go at once; the damaged one waits where the admin looks, then goes once."""
    bad, *others = [lending.boosted() for _ in range(5)]
    damage, mend = DAMAGE[name]
    run_sql(lending, damage, bad)
    with capture_logs() as lines:
        run_until(lending, lambda: all_in(lending, BoostState.VERIFIED, *others) and bool(damaged(lending)))
    assert not all_in(lending, BoostState.VERIFIED, bad)
    assert damaged(lending) == [(NETWORK, "accounts", 1)]
    told = [one for one in lines if one["event"] in {"lane_put_aside", "token_not_opened"}]
    assert told
    assert all(one["account"] == told[0]["account"] for one in told)
    assert "store.py" not in str(told), "it says what was being read"
    assert "Brest" not in str(lines)
    run_sql(lending, mend, bad)
    lending.advance(seconds=retry.FIRST.total_seconds() + 1)
    run_until(lending, lambda: all_in(lending, BoostState.VERIFIED, bad))
    assert sorted(net.boosts().values()) == [1] * 5
    assert net.requests("boost") == 5
    assert damaged(lending) == []


def test_it_is_tried_again_ever_less_often(lending: Lending, net: RecordingNet):
    """Each try waits twice as long as the last, up to a quarter of an hour; nothing is called for it."""
    bad = lending.boosted()
    run_sql(lending, DAMAGE["a code nobody knows"][0], bad)
    waits = list[timedelta]()
    for _ in range(10):
        run_until(lending, lambda: bool(damaged(lending)))
        found = lending.app.store.run_read(delivery.standing, lending.clock.now(), [NETWORK])
        waits.append(found.waiting[0].until - lending.clock.now())
        lending.advance(seconds=waits[-1].total_seconds() + 0.01)
    assert waits[:3] == [retry.FIRST / 2 * 2**n for n in range(3)]
    assert waits[-1] == retry.MOST / 2
    assert net.log == []


def test_the_other_boosts_of_its_account_go_on(lending: Lending, net: RecordingNet):
    """A boost that is damaged does not hold back what is behind it in its lane."""
    person = lending.volunteer()
    bad = lending.due(lending.notice(), person)
    good = [lending.due(lending.notice(), person) for _ in range(2)]
    run_sql(lending, DAMAGE["a code nobody knows"][0], bad)
    for one in good:
        run_until(lending, lambda one=one: all_in(lending, BoostState.VERIFIED, one))
        lending.advance(minutes=1)
    assert net.requests("boost") == 2
    run_until(lending, lambda: bool(damaged(lending)))


def test_three_among_many(lending: Lending, net: RecordingNet):
    """Several damaged lanes among many: all others are made, each once."""
    made = [lending.boosted(instance=f"i{n % 4}.example") for n in range(40)]
    bad, good = {made[0], made[17], made[39]}, made[:]
    for one in bad:
        run_sql(lending, f"UPDATE call SET kind = 'bost' WHERE boost_id = {one}", one)
        good.remove(one)
    run_until(lending, lambda: all_in(lending, BoostState.VERIFIED, *good) and bool(damaged(lending)))
    assert damaged(lending) == [(NETWORK, "accounts", 3)]
    assert set(net.boosts().values()) == {1}
    assert net.requests("boost") == len(good)


def test_a_damaged_moment_of_a_lane_hides_no_other(lending: Lending):
    """A day that is in no calendar is no next moment; the next one is that of the other lane, which goes."""
    bad, good = lending.boosted(), lending.boosted()
    year, store = lending.clock.now().year, lending.app.store
    for moment in (f"{year}-00-31 00:00:00.000000", f"{year}-02-31 00:00:00.000000"):
        run_sql(lending, f"UPDATE lane SET next_due = '{moment}' WHERE account_id = {ACCOUNT}", bad)
        assert store.run_read(lanes.next_wake, [NETWORK]) == lending.clock.now()
    run_until(lending, lambda: all_in(lending, BoostState.VERIFIED, good, bad))


def test_a_damaged_undo_stops_no_other_under_a_halt(lending: Lending, net: RecordingNet):
    """Volunteers take back what was made in their name, also while everything else stands still."""
    made = [lending.boosted() for _ in range(3)]
    run_until(lending, lambda: all_in(lending, BoostState.VERIFIED, *made))
    store = lending.app.store
    store.run_write(panic.halt, now=lending.clock.now(), actor=CLI, reason="test")
    lending.advance(seconds=1)
    for one in made:
        person = store.run_read(boosts.get, one).volunteer_id
        store.run_write(take_back.start_undo, one, volunteer_id=person, now=lending.clock.now())
    run_sql(lending, "UPDATE call SET at = 'yesterday' WHERE boost_id = :boost", made[0])
    run_until(lending, lambda: all_in(lending, BoostState.UNDONE, *made[1:]))
    assert all_in(lending, BoostState.UNDOING, made[0])
    assert net.requests("undo") == 2

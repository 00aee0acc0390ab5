"""The engine is told at once of what is due, and a turn costs about the same for many calls as for few."""

import asyncio

from sqlalchemy import event

from bot.delivery import tap
from bot.delivery.engine import Engine
from bot.model.boost import BoostState, Mode
from bot.networks.http import Http, anywhere
from bot.storage import Session, boosts
from tests.delivery.lending import Lending, go
from tests.delivery.test_doubt import until
from tests.fakes.recording import RecordingNet
from tests.planned import plan_boost

SELDOM_S = 3600.0
"""Between two looks at the database: only what tells the engine can wake it."""


def asked(lending: Lending) -> tuple[int, int]:
    """Ask a volunteer for one tap; give the boost and the volunteer, by id."""
    notice, person = lending.notice(), lending.volunteer(mode=Mode.ONE_TAP)

    def make(session: Session) -> int:
        now = lending.clock.now()
        boost_id = plan_boost(session, notice, person, mode=Mode.ONE_TAP, due_at=now)
        boosts.move(session, boost_id, BoostState.ASKED, asked_at=now)
        return boost_id

    return lending.app.store.run_write(make), person.id


def test_a_tap_wakes_an_engine_that_sleeps(lending: Lending, net: RecordingNet):
    """The call is made though the next look at the database is an hour away."""
    boost_id, person = asked(lending)

    async def run() -> None:
        async with Http(anywhere) as http:
            engine = lending.engine(http, look_s=SELDOM_S)
            running = asyncio.create_task(engine.run())
            await asyncio.sleep(0.5)  # it has looked, and sleeps
            assert net.log == []
            await lending.app.store.write(tap.start_tap, boost_id, person, lending.clock.now())
            async with asyncio.timeout(60):
                await until(lambda: lending.state(boost_id) is BoostState.VERIFIED)
            running.cancel()
            await asyncio.wait([running], timeout=30)

    asyncio.run(run())
    assert net.requests("boost") == 1


def test_a_store_outlives_its_engine(lending: Lending):
    """A tap after the engine has stopped is written down like any other."""
    boost_id, person = asked(lending)

    async def run() -> None:
        async with Http(anywhere) as http:
            running = asyncio.create_task(lending.engine(http).run())
            await asyncio.sleep(0.1)
            running.cancel()
            await asyncio.wait([running], timeout=30)

    asyncio.run(run())
    lending.app.store.run_write(tap.start_tap, boost_id, person, lending.clock.now())
    assert lending.state(boost_id) is BoostState.DUE


def statements(lending: Lending, count: int) -> int:
    """Deliver so many boosts at once; give how many statements that took."""
    made = [lending.boosted() for _ in range(count)]
    seen = list[str]()

    def note(*values: object) -> None:
        seen.append(str(values[2]))

    async def run() -> None:
        async with Http(anywhere) as http:
            engine: Engine = lending.engine(http)
            await engine.begin()
            event.listen(lending.app.store.engine, "before_cursor_execute", note)
            await go(engine)
            event.remove(lending.app.store.engine, "before_cursor_execute", note)

    asyncio.run(run())
    assert {lending.state(one) for one in made} == {BoostState.VERIFIED}
    return len(seen)


def test_many_boosts_take_as_many_statements_as_one(lending: Lending, net: RecordingNet):
    """Locating, looking, boosting and writing down: each is as many statements for twelve as for one."""
    assert statements(lending, 1) == statements(lending, 12)

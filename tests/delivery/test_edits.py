"""Posts that their authors edit and delete at any moment: what nobody accepted is not boosted."""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery import source
from bot.model.boost import BoostState
from bot.model.moderation import Verdict
from bot.model.notice import CloseReason, Notice, NoticeState
from bot.moderation import decide
from bot.storage import boosts, notices
from tests.delivery.lending import Lending, delivering
from tests.fakes.recording import RecordingNet

FRESH = timedelta(seconds=60)
NOW = datetime(2026, 11, 17, 9, tzinfo=UTC)
STEPS = 80


@pytest.mark.parametrize("seed", range(4))
def test_nothing_edited_a_minute_ago_is_boosted(lending: Lending, net: RecordingNet, seed: int):
    """Edits and deletions fall between any two calls; each boost was unchanged a minute before it.

    Each volunteer is at an instance of their own. An edited notice waits for a moderator, a deleted one is
    closed, and nothing of either is left to do.
    """
    rng = random.Random(seed)
    people = [lending.volunteer(cap_day=50, instance=f"{name}.example") for name in ("one", "two", "three")]
    made = {f"here:post{lending._count}": notice for notice in (lending.notice() for _ in range(6))}
    due = [lending.due(notice, person) for notice in made.values() for person in people]
    changed: dict[str, datetime] = {}

    def change() -> None:
        read = {target for _, action, _, target, _ in net.log if action == "look"}
        if not (target := rng.choice([*sorted(read - changed.keys()), ""])):
            return
        net.digests[target] = rng.choice(["other words", None])
        changed[target] = lending.clock.now()

    async def run() -> None:
        async with delivering(lending) as engine:
            await engine.begin()
            for _ in range(STEPS):
                if rng.random() < 0.1 and len(changed) < 4:
                    change()
                seen = len(net.log)
                await engine.step()
                await engine.settled()
                for _, action, _, target, _ in net.log[seen:]:
                    late = lending.clock.now() - changed.get(target, lending.clock.now())
                    assert action != "boost" or late <= FRESH, f"{target} was changed {late} before"
                lending.advance(seconds=rng.choice([0, 1, 20, 50, 90]))

    asyncio.run(run())
    assert changed
    assert net.requests("boost") > 0
    for target, notice in made.items():
        found = lending.app.store.run_read(notices.get, notice.id)
        left = [one.state for one in lending.app.store.run_read(boosts.listed, notice_id=notice.id)]
        assert BoostState.DUE not in left
        if target not in changed:
            assert (found.state, set(left)) == (NoticeState.ACTIVE, {BoostState.VERIFIED})
        elif BoostState.CANCELLED in left:
            gone = net.digests[target] is None
            assert found.close_reason is (CloseReason.SOURCE_GONE if gone else None)
            assert found.state is (NoticeState.CLOSED if gone else NoticeState.PENDING)
    assert len(due) == len(made) * len(people)


def test_an_instance_that_never_looked_knows_the_words(lending: Lending, net: RecordingNet):
    """Edited after the first boosts: an instance that sees the post for the first time boosts it neither."""
    notice = lending.notice()
    first, second = (lending.volunteer(instance=name) for name in ("one.example", "two.example"))
    made = lending.due(notice, first)
    lending.deliver()
    net.digests["here:post1"] = "other words"
    waits = lending.due(notice, second)
    lending.deliver()
    assert (lending.state(made), lending.state(waits)) == (BoostState.VERIFIED, BoostState.CANCELLED)
    assert lending.app.store.run_read(notices.get, notice.id).state is NoticeState.PENDING
    assert len(net.boosts()) == 1


@pytest.mark.parametrize(("minutes", "state"), [(-1, BoostState.VERIFIED), (1, BoostState.CANCELLED)])
def test_an_edit_between_the_acceptance_and_the_first_look_is_seen(
    lending: Lending, net: RecordingNet, minutes: int, state: BoostState
):
    """By the network's date of it: the notice goes back to the moderators; accepted again it is shared."""
    notice, store = lending.notice(state=NoticeState.PENDING), lending.app.store

    def accept() -> Notice:
        values = {"settings": lending.app.settings, "admin_id": None, "now": lending.clock.now()}
        store.run_write(decide.decide, notice.id, Verdict.ACCEPT, undo=timedelta(0), **values)
        return store.run_read(notices.get, notice.id)

    net.edited["here:post1"] = (lending.clock.now() + timedelta(minutes=minutes)).isoformat()
    accepted = accept()
    lending.advance(minutes=2)
    boost_id = lending.due(accepted, lending.volunteer())
    lending.deliver()
    assert lending.state(boost_id) is state
    if state is BoostState.CANCELLED:
        assert store.run_read(notices.get, notice.id).state is NoticeState.PENDING
        again = lending.due(accept(), lending.volunteer())
        lending.deliver()
        assert lending.state(again) is BoostState.VERIFIED


@pytest.mark.parametrize(
    ("digest", "first", "accepted", "edited", "holds"),
    [
        ("words", None, NOW, None, True),  # a network that tells no date of an edit
        ("words", None, NOW, NOW, True),
        ("words", None, NOW, NOW + timedelta(seconds=1), False),
        ("words", None, None, NOW, True),  # nobody has accepted it yet
        ("words", "words", NOW, NOW + timedelta(seconds=1), True),  # looked at before: the words count
        ("other", "words", NOW, None, False),
        (None, "words", NOW, None, False),
        (None, None, NOW, None, False),
    ],
)
def test_only_what_a_moderator_saw_holds(digest, first, accepted, edited, holds):
    """The words first seen, or at the first look no edit younger than the yes."""
    seen = source.Seen(1, (1, ""), digest, NOW, edited)
    assert source._holds(seen, first, accepted) is holds

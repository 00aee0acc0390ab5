"""The collective's own account: what it shares, once, within its limits, and what is taken back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery import collective
from bot.errors import NotFoundError
from bot.intake import life
from bot.model.boost import BoostState, Mode
from bot.model.journal import CLI, Actor
from bot.model.notice import Consent, NoticeState
from bot.planning import round as planning
from bot.privacy import erasure
from bot.reporting import collective as reporting
from bot.reporting import delivery
from bot.storage import access, boosts, notices, rounds
from bot.trust.texts import PUBLISH_NOTICE
from tests.contract.mastodon import HERE
from tests.delivery.lending import Lending, policy
from tests.delivery.own import PACE, SITE, WHO, OnMastodon, agreed, connect, on_mastodon, own, plan
from tests.delivery.test_planned import rules

SWITCHES = ({}, {"duplicating": True, "ulids": True, "per_ip": True, "modern": False})
SEEKER = Actor("seeker")


def play(lending: Lending, scene: Callable[[OnMastodon], Awaitable[None]], **switches: bool) -> None:
    """Run a scene with the account connected."""

    async def run() -> None:
        async with on_mastodon(lending, **switches) as made:
            await scene(made)

    asyncio.run(run())


async def killed(made: OnMastodon) -> None:
    """Share, and be gone once the network has it and before that is written down."""
    plan(made.lending)
    engine = made.engine()
    while BoostState.SENDING not in {one.state for one in own(made.lending)}:  # it is found first, looked at
        await engine.step()
        await asyncio.gather(*(task for _, task in engine._running.values()))


async def lapse(made: OnMastodon) -> None:
    """Let a doubt pass: the lease first, then the quiet period."""
    for _ in range(3):
        await made.share()
        made.lending.advance(seconds=121)
    await made.share()


@pytest.mark.parametrize("switches", SWITCHES)
def test_the_post_of_a_seeker_is_boosted_once(lending: Lending, switches):
    """However often it is planned, and no volunteer is needed for it."""

    async def scene(made: OnMastodon) -> None:
        post = await made.made.post("Je cherche")
        agreed(lending, posts=[post])
        for _ in range(2):
            await made.share()
        assert made.boosted() == [post.url]
        assert [(one.mode, one.state) for one in own(lending)] == [(Mode.COLLECTIVE, BoostState.VERIFIED)]

    play(lending, scene, **switches)


@pytest.mark.parametrize("switches", SWITCHES)
def test_a_notice_without_a_post_is_published_once(lending: Lending, switches):
    """Its words as a moderator saw them, the link of its share page, nothing else."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        for _ in range(2):
            await made.share()
        words = "Welder, Lille\n\nTen years of TIG welding, free at once.\n\nMoussa"
        assert made.posts() == [f"<p>{words}\n\n{SITE}/fr/s/{notice.share_slug}</p>"]
        assert made.made.here.statuses[-1]["visibility"] == "unlisted"

    play(lending, scene, **switches)


@pytest.mark.parametrize("switches", SWITCHES)
def test_a_crash_between_the_post_and_its_record_leaves_one_post(lending: Lending, switches):
    """Killed once the network has it and before that is written down, the next start finds it there."""

    async def scene(made: OnMastodon) -> None:
        agreed(lending, posts=[])
        await killed(made)
        assert len(made.posts()) == 1
        [share] = own(lending)
        assert share.state is BoostState.SENDING
        for _ in range(3):
            await made.share()
            lending.advance(seconds=121)
        assert lending.state(share.id) is BoostState.VERIFIED
        assert len(made.posts()) == 1

    play(lending, scene, **switches)


def test_only_what_its_seeker_agreed_to_is_shared(lending: Lending):
    """Not a post that was only found, nor a yes to an older text, nor a notice with a post elsewhere only."""

    async def scene(made: OnMastodon) -> None:
        found = agreed(lending, posts=[await made.made.post("Trouvé")])
        lending.app.store.run_write(notices.update, found.id, consent=Consent.FOUND)
        agreed(lending, replace(PUBLISH_NOTICE, version="1"), posts=[])
        lending.notice(posts=[])
        elsewhere = agreed(lending)
        lending.app.store.run_write(
            notices.set_posts, elsewhere.id, [replace(elsewhere.posts[0], network="x")]
        )
        await made.share()
        assert (made.posts(), made.boosted(), own(lending)) == ([], [], [])

    play(lending, scene)


@pytest.mark.parametrize("end", [life.withdraw, life.found_job], ids=["withdrawn", "found a job"])
def test_what_was_published_is_deleted_with_its_notice(lending: Lending, end):
    """A withdrawn notice is deleted and its boost undone; a happy end deletes words, and leaves a boost."""

    async def scene(made: OnMastodon) -> None:
        post = await made.made.post("Je cherche")
        ended = [agreed(lending, posts=[]), agreed(lending, posts=[post])]
        await made.share()
        assert len(made.posts()) == len(made.boosted()) == 1
        more = {"show_name": False} if end is life.found_job else {}
        for notice in ended:
            lending.app.store.run_write(end, notice.id, now=lending.clock.now(), actor=SEEKER, **more)
        await made.share()
        assert made.posts() == []
        assert made.boosted() == ([post.url] if end is life.found_job else [])

    play(lending, scene)


def test_changed_words_are_published_anew(lending: Lending):
    """The old ones are deleted when they change, the new ones go out once a moderator has accepted them."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        await made.share()
        write = lending.app.store.run_write
        write(notices.set_words, notice.id, replace(notice.words, title="Boilermaker"))
        write(notices.move, notice.id, NoticeState.PENDING)
        await made.share()
        assert made.posts() == []
        write(notices.move, notice.id, NoticeState.ACTIVE)
        await made.share()
        [words] = made.posts()
        assert words.startswith("<p>Boilermaker")
        assert len(own(lending)) == 1

    play(lending, scene)


def test_a_seeker_may_leave_it_out(lending: Lending):
    """It takes back what it made and makes nothing more, until they let it again."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        for wanted, counts in ((True, (1, 0)), (False, (0, 1)), (False, (0, 0)), (True, (1, 0))):
            lending.advance(minutes=1)
            values = {"wanted": wanted, "now": lending.clock.now(), "actor": SEEKER}
            lending.app.store.run_write(life.leave_out, notice.id, **values)
            assert await made.share() == counts
            assert await made.share() == (0, 0)
            assert len(made.posts()) == wanted

    play(lending, scene)


def test_without_its_label_nothing_goes_out(lending: Lending):
    """What is due waits as long as the account does not say that a program runs it."""

    async def scene(made: OnMastodon) -> None:
        agreed(lending, posts=[])
        lending.advance(minutes=1)
        look = {"labelled": False, "now": lending.clock.now()}
        lending.app.store.run_write(collective.looked, made.account, **look)
        await made.share()
        assert made.posts() == []
        assert lending.app.store.run_read(collective.to_look_at, lending.clock.now()) == []
        lending.advance(minutes=10)
        assert len(lending.app.store.run_read(collective.to_look_at, lending.clock.now())) == 1
        look = {"labelled": True, "now": lending.clock.now()}
        lending.app.store.run_write(collective.looked, made.account, **look)
        await made.share()
        assert len(made.posts()) == 1

    play(lending, scene)


def test_the_policy_s_pace_holds(lending: Lending):
    """So many minutes between two shares, so many in 24 hours, the notice accepted first first."""

    async def scene(made: OnMastodon) -> None:
        lending.policy = policy(collective_cap_day=2, collective_spacing_min=30)
        for title in ("A", "B", "C"):
            agreed(lending, posts=[], title=title)
        seen = []
        for minutes in (0, 29, 2, 31, 24 * 60):
            lending.advance(minutes=minutes)
            await made.share()
            seen.append([one[3] for one in made.posts()])
        assert seen == [["A"], ["A"], ["A", "B"], ["A", "B"], ["A", "B", "C"]]

    play(lending, scene)


def test_a_forbidden_or_disconnected_account_shares_nothing(lending: Lending):
    """What was due is cancelled; connected and allowed again it is due again, with the same row."""

    async def scene(made: OnMastodon) -> None:
        agreed(lending, posts=[])
        plan(lending)
        lending.policy = policy(**PACE, modes=frozenset({Mode.BY_HAND}))
        await made.share()
        assert [one.state for one in own(lending)] == [BoostState.CANCELLED]
        lending.policy = policy(**PACE)
        await made.share()
        assert len(made.posts()) == 1
        agreed(lending, posts=[])
        plan(lending)
        gone = {"now": lending.clock.now(), "actor": SEEKER}
        assert lending.app.store.run_write(collective.disconnect, "mastodon", **gone)
        await made.share()
        assert len(made.posts()) == 1
        assert [one.state for one in own(lending)] == [BoostState.VERIFIED, BoostState.CANCELLED]

    play(lending, scene)


def test_it_changes_nothing_in_whom_volunteers_are_asked_for(lending: Lending):
    """Its share is no level, takes no strip, stands in no plan, and no round drops it."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        await made.share()
        read, now = lending.app.store.run_read, lending.clock.now()
        assert read(rounds.asked, now, history=timedelta(days=2)) == []
        assert read(boosts.done_by_notice, [notice.id]) == {}
        assert read(boosts.wanting) == 1
        assert read(rounds.roster) == []
        agreed(lending, posts=[])
        plan(lending)
        lending.app.store.run_write(planning.run, **rules(lending))
        assert [one.state for one in own(lending)] == [BoostState.VERIFIED, BoostState.DUE]

    play(lending, scene)


def leftovers(made: OnMastodon) -> list[str]:
    """Give the addresses of what is to be removed by hand, as admins read them."""
    store = made.lending.app.store
    return [one.url for one in store.run_read(reporting.leftovers, ["mastodon"])]


def erase(lending: Lending, notice_id: int) -> None:
    """Let the seeker erase everything now."""
    seeker = lending.app.store.run_read(notices.get, notice_id).seeker_id
    ledger, now = lending.app.ledger(), lending.clock.now()
    erasure.erase_seeker(lending.app.store, ledger, seeker, now=now, actor=SEEKER)


@pytest.mark.parametrize("again", [True, False], ids=["connected again", "removed by hand"])
def test_a_post_without_a_key_is_told_to_the_admin(lending: Lending, again):
    """Its notice is erased while the token is lost: its address is on a list until it is gone."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        await made.share()
        assert leftovers(made) == []
        write, now = lending.app.store.run_write, lending.clock.now()
        write(access.lose, made.account.id, now)
        erase(lending, notice.id)
        await made.share()
        [post] = made.made.here.statuses
        assert leftovers(made) == [f"https://{HERE}/@{WHO}/{post['id']}"]
        [share] = own(lending)
        if again:
            token = made.made.lend(made.made.here.join(WHO), WHO).token.reveal()
            connect(lending, "mastodon", f"{WHO}@{HERE}", token)
            await made.share()
            assert made.posts() == []
        else:
            write(collective.removed, share.id, called=["mastodon"], now=now, actor=CLI)
            await made.share()
            assert len(made.posts()) == 1, "by hand it is, not by us"
        assert leftovers(made) == []
        assert lending.state(share.id) is BoostState.UNDONE
        plan(lending)
        call = lending.call(share.id)
        assert (call.target, call.remote_id, call.next_at) == ("", "", None)
        with pytest.raises(NotFoundError, match="leftovers"):
            write(collective.removed, share.id, called=["mastodon"], now=now, actor=CLI)

    play(lending, scene)


def test_what_is_to_go_on_a_network_that_is_not_used_is_told(lending: Lending):
    """Its notice is erased after the network was taken out of the settings, while the token is kept."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        await made.share()
        erase(lending, notice.id)
        plan(lending)
        [share], [post] = own(lending), made.made.here.statuses
        assert lending.state(share.id) is BoostState.UNDOING
        store, now = lending.app.store, lending.clock.now()
        [left] = store.run_read(reporting.leftovers, ["x"])
        assert left.url == f"https://{HERE}/@{WHO}/{post['id']}"
        found = store.run_read(delivery.standing, now, ["x"])
        [waits] = found.waiting
        assert found.figures["late"] == 0, "it is not late, it is not called"
        assert (waits.network, waits.why, waits.until, waits.count) == ("mastodon", "unused", None, 1)
        assert leftovers(made) == []
        found = store.run_read(delivery.standing, now, ["mastodon"])
        assert (found.waiting, found.figures["late"]) == ((), 1)
        store.run_write(collective.removed, share.id, called=["x"], now=now, actor=CLI)
        assert lending.state(share.id) is BoostState.UNDONE

    play(lending, scene)


def test_a_post_in_doubt_is_found_and_deleted_after_its_notice_was_erased(lending: Lending):
    """Nobody knew yet whether it was published: the link by which it is found outlives the erasure."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        await killed(made)
        assert len(made.posts()) == 1
        erase(lending, notice.id)
        await lapse(made)
        assert made.posts() == []
        [share] = own(lending)
        assert lending.state(share.id) is BoostState.UNDONE
        assert leftovers(made) == []

    play(lending, scene, **SWITCHES[1])


def lose(made: OnMastodon) -> None:
    """The network takes the token no more."""
    made.lending.app.store.run_write(access.lose, made.account.id, made.lending.clock.now())


def disconnect(made: OnMastodon) -> None:
    """The operator gives the token back."""
    values = {"now": made.lending.clock.now(), "actor": CLI}
    made.lending.app.store.run_write(collective.disconnect, "mastodon", **values)


def reconnect(made: OnMastodon) -> None:
    """The same account says yes anew."""
    token = made.made.lend(made.made.here.join(WHO), WHO).token.reveal()
    connect(made.lending, "mastodon", f"{WHO}@{HERE}", token)


@pytest.mark.parametrize("cut", [lose, disconnect])
@pytest.mark.parametrize("again", [True, False], ids=["connected again", "removed by hand"])
@pytest.mark.parametrize("there", [True, False], ids=["there", "not there"])
def test_a_post_in_doubt_without_a_key_is_told_to_the_admin(lending: Lending, cut, again, there):
    """Nobody can be asked whether it is there: it is on the list until it is known to be gone."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[])
        await killed(made)
        if not there:
            made.made.here.statuses.clear()
        cut(made)
        await lapse(made)
        assert leftovers(made) == [], "its notice goes round: it may stand"
        erase(lending, notice.id)
        [share] = own(lending)
        [left] = lending.app.store.run_read(reporting.leftovers, ["mastodon"])
        assert (left.boost, left.what, left.in_doubt) == (share.id, "post", True)
        assert left.url == f"https://{HERE}/@{WHO}"
        if again:
            reconnect(made)
            await lapse(made)
            assert made.posts() == []
        else:
            values = {"now": lending.clock.now(), "actor": CLI}
            lending.app.store.run_write(collective.removed, share.id, called=["mastodon"], **values)
        assert leftovers(made) == []
        absent = again and not there
        assert lending.state(share.id) is (BoostState.CANCELLED if absent else BoostState.UNDONE)
        plan(lending)
        call = lending.call(share.id)
        assert (call.target, call.remote_id, call.next_at) == ("", "", None)

    play(lending, scene)


@pytest.mark.parametrize("cut", [lose, disconnect])
def test_a_post_in_doubt_is_known_again_with_a_new_connection(lending: Lending, cut):
    """Its notice goes round still: found, it stands and nothing is published twice."""

    async def scene(made: OnMastodon) -> None:
        agreed(lending, posts=[])
        await killed(made)
        cut(made)
        await lapse(made)
        [share] = own(lending)
        assert lending.state(share.id) is BoostState.UNCERTAIN
        reconnect(made)
        await lapse(made)
        assert lending.state(share.id) is BoostState.VERIFIED
        assert len(made.posts()) == 1

    play(lending, scene)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_boost_in_doubt_is_a_leftover_once_its_seeker_leaves_the_account_out(lending: Lending, wanted):
    """Else it may outlive its notice, as every boost of a seeker's own post."""

    async def scene(made: OnMastodon) -> None:
        notice = agreed(lending, posts=[await made.made.post("Je cherche")])
        await killed(made)
        assert len(made.boosted()) == 1
        disconnect(made)
        await lapse(made)
        [share] = own(lending)
        assert lending.state(share.id) is BoostState.UNCERTAIN
        values = {"now": lending.clock.now(), "actor": SEEKER}
        lending.app.store.run_write(life.leave_out, notice.id, wanted=wanted, **values)
        found = [
            (one.what, one.in_doubt) for one in lending.app.store.run_read(reporting.leftovers, ["mastodon"])
        ]
        assert found == ([] if wanted else [("boost", True)])

    play(lending, scene)

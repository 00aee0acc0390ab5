"""The collective's own account on a fake X: it reposts as long as there is money, and never posts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from bot import callers
from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.intake import life
from bot.model.boost import BoostState, Mode
from bot.model.budget import Budget
from bot.model.journal import Actor
from bot.model.notice import Notice, PostRef
from bot.networks.api.x import XApi
from bot.networks.http import Http, anywhere
from bot.storage import spending
from tests.clocks import StillClock
from tests.delivery.lending import Lending, go, policy
from tests.delivery.own import PACE, SITE, agreed, connect, own, plan
from tests.fakes.x import FakeX, x
from tests.networks.x_lent import lent

RICH, LOOK, REPOST = Budget(10**6, 10**7), 5_000, 15_000
USER = "emploi"


@pytest.fixture
def clock() -> StillClock:
    """A clock that stands at the real time: X's answers speak of it."""
    return StillClock(datetime.now(UTC))


class OnX:
    """The account connected, and an engine that shares from it."""

    def __init__(self, lending: Lending, fake: FakeX, http: Http) -> None:
        self.lending, self.fake, self._http = lending, fake, http
        self.user = fake.user(USER)
        lending.policy = policy(**PACE)
        connect(lending, "x", USER, lent(fake, self.user).token.reveal())

    def notice(self) -> Notice:
        """Let a seeker ask whose post is on X."""
        number = self.fake.post("Je cherche #i4emploi")
        return agreed(
            self.lending, posts=[PostRef("x", f"https://x.com/nadia/status/{number}", number, "nadia")]
        )

    async def share(self, budget: Budget | None = RICH) -> None:
        """Plan, then deliver until nothing more is due."""
        lending, oauth = self.lending, self.fake.oauth
        plan(lending, "x")
        api = XApi(self._http, self.fake.url, oauth.client_id, oauth.client_secret)
        budgets = {"x": budget} if budget else {}
        terms = Terms("one", {"x": api}, {"x": lending.policy}, budgets, publishers={}, address=SITE)
        opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
        engine = Engine(lending.app.store, terms, opener, lending.clock, lending.steady, rng=lambda: 0.0)
        await engine.begin()
        await go(engine)

    def paid(self) -> int:
        """Give what the ledger says of today."""
        return self.lending.app.store.run_read(spending.spent, "x", self.lending.clock.now()).day

    def called(self) -> set[tuple[str, str]]:
        """Give what was asked of X, each kind of call once."""
        return {(asked["method"], asked["path"]) for asked in self.fake.asked}


def play(lending: Lending, scene: Callable[[OnX], Awaitable[None]]) -> None:
    """Run a scene with the account connected."""

    async def run() -> None:
        async with x() as fake, Http(anywhere, 5.0) as http:
            await scene(OnX(lending, fake, http))

    asyncio.run(run())


def test_the_post_of_a_seeker_is_reposted_once_and_paid_for(lending: Lending):
    """One repost however often it is planned, and the ledger is the bill; withdrawn, it is undone."""

    async def scene(made: OnX) -> None:
        notice = made.notice()
        for _ in range(2):
            await made.share()
        assert made.fake.made == [(made.user, notice.posts[0].remote_id)]
        assert [(one.mode, one.state) for one in own(lending)] == [(Mode.COLLECTIVE, BoostState.VERIFIED)]
        assert made.paid() == made.fake.money.total == LOOK + REPOST
        assert {method for method, path in made.called() if path != f"/2/users/{made.user}/retweets"} == {
            "GET"
        }
        done = {"now": lending.clock.now(), "actor": Actor("seeker")}
        lending.app.store.run_write(life.withdraw, notice.id, **done)
        await made.share()
        assert made.fake.boosts == set()

    play(lending, scene)


def test_a_notice_without_a_post_is_not_published(lending: Lending):
    """However rich the budget: X is no network on which a link is posted."""

    async def scene(made: OnX) -> None:
        agreed(lending, posts=[])
        await made.share()
        assert made.called() == set()
        assert [one.state for one in own(lending)] in ([], [BoostState.CANCELLED])
        assert "x" not in callers._PUBLISHERS

    play(lending, scene)


@pytest.mark.parametrize("budget", [None, Budget(LOOK, 10**7), Budget(10**6, LOOK)])
def test_without_money_nothing_goes_out(lending: Lending, budget):
    """No budget, or one that a repost would pass in the day or the month: it waits until there is."""

    async def scene(made: OnX) -> None:
        made.notice()
        await made.share(budget)
        lending.advance(seconds=70)
        await made.share(budget)
        assert made.fake.made == []
        assert made.paid() <= LOOK
        assert [one.state for one in own(lending)] == [BoostState.DUE]
        await made.share()
        assert len(made.fake.made) == 1

    play(lending, scene)

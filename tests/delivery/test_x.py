"""The engine over X, a fake of it: looked at, boosted once, paid for; money, rotation, the unknown."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery import tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.model.boost import BoostState, Mode
from bot.model.budget import Budget
from bot.model.notice import Consent, PostRef
from bot.model.policy import Policy
from bot.networks.api.x import XApi
from bot.networks.connect.x_pair import read_pair
from bot.networks.http import Http, anywhere
from bot.storage import access, boosts, spending
from tests.clocks import StillClock
from tests.delivery.lending import Lending, go
from tests.fakes.proxy import Fault, proxy
from tests.fakes.x import x
from tests.fakes.x_bounds import Money
from tests.networks.x_lent import lent

RICH = Budget(10**6, 10**7)
LOOK, BOOST = 5_000, 15_000
POLICY = Policy("x", frozenset(Mode), dict.fromkeys(Mode, Consent.ASKED), cap_day=10, spacing_min=0)


@pytest.fixture
def clock() -> StillClock:
    """A clock that stands at the real time: X's answers speak of it."""
    return StillClock(datetime.now(UTC))


class Told:
    """One volunteer who lends @sam, and the engine over a fake X behind a proxy."""

    def __init__(self, lending: Lending, fake, before, http) -> None:
        self.lending, self.fake, self.proxy, self._http = lending, fake, before, http
        self.user = fake.user("sam")
        self.person = lending.volunteer(mode=None, accounts=[("x", "sam")])
        self.account = self.person.accounts[0]
        self.lend()

    def lend(self, life: timedelta = timedelta(hours=2)) -> None:
        """Keep a token of that life."""
        store, seal = self.lending.app.store, self.lending.seal
        token = lent(self.fake, self.user, life).token
        values = {"mode": Mode.AUTOMATIC, "now": self.lending.clock.now()}
        store.run_write(tokens.give, seal, self.account, token, **values)

    def due(self, mode: Mode = Mode.AUTOMATIC) -> int:
        """Let a notice be due whose post is on X."""
        number = self.fake.post("Je cherche #i4emploi")
        post = PostRef("x", f"https://x.com/nadia/status/{number}", number, "nadia")
        return self.lending.due(self.lending.notice(posts=[post]), self.person, mode=mode)

    async def deliver(self, **terms) -> None:
        """Run an engine until nothing more is due."""
        oauth, lending = self.fake.oauth, self.lending
        api = XApi(self._http, self.proxy.url, oauth.client_id, oauth.client_secret)
        found = Terms("one", {"x": api}, {"x": POLICY}, **{"budgets": {"x": RICH}} | terms)
        opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
        engine = Engine(lending.app.store, found, opener, lending.clock, lending.steady, rng=lambda: 0.0)
        await engine.begin()
        await go(engine)

    def boost(self, boost_id: int):
        """Give a boost as it stands."""
        return self.lending.app.store.run_read(boosts.get, boost_id)

    def paid(self) -> int:
        """Give what the ledger says of today."""
        return self.lending.app.store.run_read(spending.spent, "x", self.lending.clock.now()).day


def play(lending: Lending, steps, **switches):
    """Run `steps(told)`."""

    async def run():
        async with x(**switches) as fake, proxy(fake.url) as before, Http(anywhere, 2.0) as http:
            return await steps(Told(lending, fake, before, http))

    return asyncio.run(run())


def test_a_boost_is_looked_at_made_once_and_paid_for(lending: Lending):
    """Reserved before, settled after: the ledger and X's own bill agree."""

    async def steps(told):
        boost_id = told.due()
        await told.deliver()
        await told.deliver()
        return told.boost(boost_id).state, told.fake.made, told.paid(), told.fake.money.total

    state, made, paid, billed = play(lending, steps)
    assert (state, len(made)) == (BoostState.VERIFIED, 1)
    assert paid == billed == LOOK + BOOST


def test_without_money_calls_wait(lending: Lending):
    """The month's budget has room for one boost: the next is not even asked for, until there is money."""

    async def steps(told):
        first, second = told.due(), told.due()
        poor = {"x": Budget(10**7, LOOK + BOOST)}
        for _ in range(3):
            await told.deliver(budgets=poor)
            told.lending.advance(seconds=70)
        held = [told.boost(one).state for one in (first, second)], told.paid(), len(told.fake.asked)
        await told.deliver()  # a start with another budget looks anew
        return held, told.boost(second).state

    (states, paid, asked), after = play(lending, steps)
    assert sorted(states) == [BoostState.DUE, BoostState.VERIFIED]
    assert (paid, asked) == (LOOK + BOOST, 2)
    assert after is BoostState.VERIFIED


def test_no_credits_are_no_refusal(lending: Lending):
    """402: the boost stays due, costs nothing here, and is made when there are credits again."""

    async def steps(told):
        boost_id = told.due()
        await told.deliver()
        waits = told.boost(boost_id).state, told.paid()
        told.fake.money.credits = None
        told.lending.advance(hours=1)
        told.lend()
        await told.deliver()
        return waits, told.boost(boost_id).state

    waits, state = play(lending, steps, money=Money(credits=0))
    assert waits == (BoostState.DUE, 0)
    assert state is BoostState.VERIFIED


def test_what_nobody_knows_is_never_sent_again(lending: Lending):
    """The answer was lost after the effect: one boost at X, unknown here, and no second call however long."""

    async def steps(told):
        boost_id = told.due()
        told.proxy.meet(Fault.LOST, lambda asked: asked.method == "POST")
        for _ in range(4):
            await told.deliver()
            told.lending.advance(minutes=30)
        posts = [asked for asked in told.fake.asked if asked["method"] == "POST"]
        return told.boost(boost_id).state, len(posts), len(told.fake.made)

    assert play(lending, steps) == (BoostState.UNCERTAIN, 1, 1)


def test_a_pair_is_renewed_and_kept_before_it_is_used(lending: Lending):
    """A token at its end is renewed for the call; what is kept afterwards is the new pair, and it works."""

    async def steps(told):
        told.lend(timedelta(minutes=1))
        first, second = told.due(), told.due()
        await told.deliver()
        told.lending.advance(minutes=2)
        await told.deliver()
        lending = told.lending
        opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
        kept = lending.app.store.run_read(access.of, told.account.id)
        pair = read_pair(opener.open(tokens.bound(told.account.id, "x"), kept.sealed))
        renewed = [asked for asked in told.fake.asked if asked["path"] == "/2/oauth2/token"]
        alive = told.fake.oauth.whose(pair.access.reveal()) is not None
        return [told.boost(one).state for one in (first, second)], len(renewed), alive

    assert play(lending, steps) == ([BoostState.VERIFIED] * 2, 1, True)


def test_an_app_that_may_not_boost_leaves_it_to_the_hand(lending: Lending):
    """Self-serve is closed: the volunteer is asked to do it by hand, and nothing was paid but the look."""

    async def steps(told):
        boost_id = told.due()
        await told.deliver()
        return told.boost(boost_id), told.paid()

    boost, paid = play(lending, steps, closed=True)
    assert (boost.state, boost.mode, paid) == (BoostState.ASKED, Mode.BY_HAND, LOOK)


def test_a_policy_that_forbids_automatic_holds_at_the_boost(lending: Lending):
    """Allowed when it was planned, forbidden when it is due: not one call, the volunteer is asked."""

    async def steps(told):
        boost_id = told.due()
        forbids = Policy("x", frozenset({Mode.BY_HAND, Mode.ONE_TAP}), POLICY.consent, 10, 0)
        oauth = told.fake.oauth
        api = XApi(told._http, told.proxy.url, oauth.client_id, oauth.client_secret)
        lending = told.lending
        terms = Terms("one", {"x": api}, {"x": forbids}, budgets={"x": RICH})
        opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
        engine = Engine(lending.app.store, terms, opener, lending.clock, lending.steady, rng=lambda: 0.0)
        await engine.begin()
        await go(engine)
        return told.boost(boost_id), told.fake.asked

    boost, asked = play(lending, steps)
    assert (boost.state, boost.mode, asked) == (BoostState.ASKED, Mode.BY_HAND, [])

"""A collective whose own account is on one of two linked instances of Mastodon; the engine that shares."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bot.delivery import collective, tokens
from bot.delivery.engine import Engine
from bot.delivery.terms import Terms
from bot.intake.submit import record_yes
from bot.model.boost import Boost
from bot.model.journal import CLI
from bot.model.notice import Notice
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Publisher
from bot.networks.api.mastodon import MastodonApi
from bot.networks.api.mastodon_posts import MastodonPublisher
from bot.networks.http import Http, anywhere
from bot.planning import collective as planning
from bot.storage import Session, boosts
from bot.trust.texts import PUBLISH_NOTICE, ConsentText
from tests.contract.mastodon import HERE, THERE, MastodonStage, stage
from tests.delivery.lending import NETWORK, Lending, go, policy

SITE = "https://languette.example"
WHO = "emploi"
PACE = {"collective_cap_day": 10, "collective_spacing_min": 0}


def connect(lending: Lending, network: str, handle: str, token: str) -> Account:
    """Connect the collective's account, as if its label had just been seen."""
    return lending.app.store.run_write(
        collective.connect,
        lending.seal,
        Account(0, 0, network, handle),
        Secret(token),
        name="Languette",
        policies={network: lending.policy},
        now=lending.clock.now(),
        actor=CLI,
    )


def agreed(lending: Lending, text: ConsentText = PUBLISH_NOTICE, **values: Any) -> Notice:
    """Make a notice whose seeker said yes to a text, by default today's."""
    notice = lending.notice(**{"at": lending.clock.now(), **values})

    def say(session: Session) -> None:
        record_yes(session, notice, text, now=lending.clock.now(), act="send_notice")

    lending.app.store.run_write(say)
    return notice


def plan(lending: Lending, network: str = NETWORK) -> tuple[int, int]:
    """Let the daemon look what its own account shall share, and take back; give both counts."""
    now, write = lending.clock.now(), lending.app.store.run_write
    due = write(
        planning.plan,
        policies={network: lending.policy},
        networks=[network],
        publishing=[network],
        now=now,
    )
    return due, write(collective.take_back, now=now)


def own(lending: Lending) -> list[Boost]:
    """Give all boosts there are."""
    return lending.app.store.run_read(boosts.listed)


class OnMastodon:
    """The account connected, and an engine that shares from it."""

    def __init__(self, lending: Lending, made: MastodonStage, http: Http) -> None:
        self.lending, self.made = lending, made
        self._api, self._publisher = MastodonApi(http), MastodonPublisher(http)
        made.here.automated.add(WHO)
        token = made.lend(made.here.join(WHO), WHO).token.reveal()
        self.account = connect(lending, NETWORK, f"{WHO}@{HERE}", token)

    def engine(self, owner: str = "one") -> Engine:
        """Make an engine, as a start of the daemon does."""
        lending = self.lending
        publishers: dict[str, Publisher] = {NETWORK: self._publisher}
        terms = Terms(
            owner, {NETWORK: self._api}, {NETWORK: lending.policy}, publishers=publishers, address=SITE
        )
        opener = tokens.Opener(lending._key, lending.app.settings.data_dir)
        return Engine(lending.app.store, terms, opener, lending.clock, lending.steady, rng=lambda: 0.0)

    async def share(self) -> tuple[int, int]:
        """Plan, then deliver until nothing more is due; give how much was planned and taken back."""
        counts = plan(self.lending)
        engine = self.engine()
        await engine.begin()
        await go(engine)
        return counts

    def posts(self) -> list[str]:
        """Give the words of what the account has published and not deleted."""
        mine = self.made.here.acct(WHO)
        return [one["content"] for one in self.made.here.statuses if one["account"]["acct"] == mine]

    def boosted(self) -> list[str]:
        """Give the addresses of the posts that the account has boosted."""
        return [one["reblog"]["url"] for one in self.made.here.boosts]


@asynccontextmanager
async def on_mastodon(lending: Lending, **switches: bool) -> AsyncIterator[OnMastodon]:
    """Set up the instances and connect the account."""
    lending.policy = policy(**PACE)
    async with stage(**switches) as made:
        own = {HERE: made.proxy.url, THERE: made.there.url}
        async with Http(anywhere, own=own) as http:  # patient, however busy the machine is
            yield OnMastodon(lending, made, http)

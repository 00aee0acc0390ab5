"""A collective that lends accounts on a recording network, and the engine that delivers for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import App
from bot.delivery import tokens
from bot.delivery.engine import LOOK_S, Engine
from bot.delivery.terms import Terms
from bot.model.boost import BoostState, Mode
from bot.model.calls import Action
from bot.model.notice import Consent, Notice, PostRef
from bot.model.policy import Policy
from bot.model.secret import Secret
from bot.model.steady import Mark
from bot.model.volunteer import Account, Volunteer
from bot.networks.http import Http, anywhere
from bot.storage import Session, boosts, calls
from bot.trust import keyfile
from bot.trust.vault import Vault
from tests.clocks import StillClock
from tests.fakes.recording import RecordingApi, RecordingNet, recording
from tests.planned import plan_boost

NETWORK = "mastodon"
MODES = frozenset(Mode)
CONSENT = dict.fromkeys(Mode, Consent.ASKED)


def policy(**changed: Any) -> Policy:
    """Everything is allowed, with no spacing between two boosts of a post."""
    values = {"modes": MODES, "consent": CONSENT, "cap_day": 50, "spacing_min": 0}
    return Policy(NETWORK, **values | changed)


class StillSteady:
    """A clock that nobody sets, except that a test moves it on."""

    def __init__(self, boot: str = "boot") -> None:
        self.boot, self.seconds = boot, 1000.0

    def mark(self) -> Mark:
        """Give the moment the test set."""
        return Mark(self.boot, self.seconds)


class Lending:
    """An installation with lent accounts, and the engine on a recording network."""

    def __init__(
        self, app: App, clock: StillClock, make_notice: Any, make_volunteer: Any, key: Path, url: str
    ) -> None:
        self.app, self.clock, self.steady, self._url = app, clock, StillSteady(), url
        self._notice, self._volunteer, self._key = make_notice, make_volunteer, key
        if not key.exists():
            vault = keyfile.write_private(key, app.settings.data_dir, [keyfile.new_key()])
            keyfile.write_public(app.settings.data_dir, vault.seal)
        self.seal = Vault(keyfile.read_private(key)).seal
        self.policy = policy()
        self.values: dict[str, Any] = {}
        """Of the adapter: `limits`, `prices`, `reads_back`, `learnt`."""
        self.terms: dict[str, Any] = {}
        """Of the engine, beside the adapter and the policy."""
        self.api: RecordingApi | None = None
        self._count = 0

    def notice(self, **values: Any) -> Notice:
        """Make a notice whose post is on the network."""
        self._count += 1
        name = f"post{self._count}"
        posts = [PostRef(NETWORK, f"https://one.example/@nadia/{name}", name, "nadia@one.example")]
        return self._notice(**{"posts": posts, **values})

    def volunteer(
        self,
        *,
        mode: Mode | None = Mode.AUTOMATIC,
        token: str = "",
        instance: str = "one.example",
        **values: Any,
    ) -> Volunteer:
        """Make a volunteer who lends an account, or not with `mode=None`."""
        self._count += 1
        name = f"v{self._count}"
        person = self._volunteer(
            **{"accounts": [(NETWORK, f"{name}@{instance}")], "spacing_min": 0, **values}
        )
        if mode is not None:
            self.lend(person.accounts[0], mode, token or name)
        return person

    def lend(self, account: Account, mode: Mode = Mode.AUTOMATIC, token: str = "token") -> None:
        """Lend an account."""
        now = self.clock.now()
        self.app.store.run_write(tokens.give, self.seal, account, Secret(token), mode=mode, now=now)

    def due(self, notice: Notice, volunteer: Volunteer, *, mode: Mode = Mode.AUTOMATIC, **values: Any) -> int:
        """Make a boost that is due now."""

        def make(session: Session) -> int:
            now = self.clock.now()
            account = values.get("account", volunteer.accounts[0])
            boost_id = plan_boost(session, notice, volunteer, mode=mode, due_at=now, account_id=account.id)
            expires = values.get("expires_at", now + timedelta(hours=24))
            boosts.move(session, boost_id, BoostState.DUE, asked_at=now, expires_at=expires)
            calls.open_call(session, boost_id, Action.BOOST, now)
            return boost_id

        return self.app.store.run_write(make)

    def boosted(self, **values: Any) -> int:
        """Make a boost that is due, of a notice and by a volunteer of its own."""
        return self.due(self.notice(), self.volunteer(**values))

    def state(self, boost_id: int) -> BoostState:
        """Give where a boost stands."""
        return self.app.store.run_read(boosts.get, boost_id).state

    def call(self, boost_id: int) -> Any:
        """Give the written intent of a boost."""
        return self.app.store.run_read(calls.of, [boost_id])[boost_id]

    def advance(self, **span: float) -> None:
        """Move both clocks on."""
        passed = timedelta(**span)
        self.clock.advance(passed)
        self.steady.seconds += passed.total_seconds()

    def engine(self, http: Http, owner: str = "one", *, look_s: float = LOOK_S, **terms: Any) -> Engine:
        """Make an engine, as a start of the daemon does."""
        values = {name: value for name, value in self.values.items() if name != "learnt"}
        self.api = RecordingApi(http, self._url, now=self.clock.now, **values)
        self.api.learnt = self.values.get("learnt", ())
        found = Terms(owner, {NETWORK: self.api}, {NETWORK: self.policy}, **self.terms | terms)
        opener = tokens.Opener(self._key, self.app.settings.data_dir)
        return Engine(self.app.store, found, opener, self.clock, self.steady, look_s=look_s, rng=lambda: 0.0)

    def deliver(self, turns: int = 8, **terms: Any) -> None:
        """Run an engine until nothing more is due."""

        async def run() -> None:
            async with Http(anywhere) as http:
                engine = self.engine(http, **terms)
                await engine.begin()
                await go(engine, turns)

        asyncio.run(run())


async def go(engine: Engine, turns: int = 8) -> int:
    """Take turns until one claims nothing; give how many calls were made."""
    made = 0
    for _ in range(turns):
        taken = await engine.step()
        made += len(taken.claims)
        if not taken.claims:
            break
        await engine.settled()
    return made


def assert_found_once(lending: Lending, net: RecordingNet, boost_id: int) -> None:
    """What is in doubt is asked for after the quiet period, found, and there once."""
    assert lending.state(boost_id) is BoostState.UNCERTAIN
    lending.advance(seconds=121)
    lending.deliver()
    assert lending.state(boost_id) is BoostState.VERIFIED
    assert list(net.boosts().values()) == [1]


@asynccontextmanager
async def delivering(lending: Lending, owner: str = "one", **terms: Any) -> AsyncIterator[Engine]:
    """Give an engine with open connections."""
    async with Http(anywhere) as http:
        yield lending.engine(http, owner, **terms)


__all__ = [
    "NETWORK",
    "Lending",
    "RecordingNet",
    "assert_found_once",
    "delivering",
    "go",
    "policy",
    "recording",
]

"""An installation on which accounts can be lent, and the acts by which they are."""

import asyncio
from dataclasses import replace
from pathlib import Path

from bot import errands
from bot.app import App
from bot.delivery import tokens
from bot.lenders import Lenders
from bot.model.boost import Mode
from bot.model.policy import Policies
from bot.networks import policy
from bot.trust import keyfile
from bot.trust.vault import Seal

EVERY_MODE = frozenset(Mode)


def make_vault(app: App, path: Path) -> Seal:
    """Make the vault's files as `bot keys new` does."""
    vault = keyfile.write_private(path, app.settings.data_dir, [keyfile.new_key()])
    keyfile.write_public(app.settings.data_dir, vault.seal)
    return vault.seal


def allow(app: App, *networks: str) -> App:
    """Give the installation with every mode allowed on these networks."""
    policies: Policies = policy.load(app.networks, Path("nowhere"))
    opened = {name: replace(one, modes=EVERY_MODE) for name, one in policies.items() if name in networks}
    return replace(app, policies={**policies, **opened})


def run_errands(app: App, lenders: Lenders, key: Path) -> int:
    """Let the daemon do its errands once; give how many it did."""

    async def go() -> int:
        async with lenders.open() as connects:
            return await errands.once(app, connects, tokens.Opener(key, app.settings.data_dir))

    return asyncio.run(go())

"""The daemon's errands at the networks: finish connections that volunteers began, give tokens back.

Here, and in the delivery of boosts, tokens are opened; the pages only seal. A halt holds connections up;
tokens go back all the same, because that only takes rights away.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.delivery import lending, returns, tokens
from bot.errors import ConfigError, LanguetteError
from bot.lenders import Lenders, back_to
from bot.model.lending import Connection, Revocation, Trouble, Way
from bot.model.volunteer import Account
from bot.networks.connect.base import Connect, Granted
from bot.networks.errors import NetworkError, RefusedError
from bot.networks.http import NoAnswerError, NotSentError
from bot.storage import connections, halts, revocations, volunteers
from bot.trust import keyfile

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger()

PAUSE_S = 1.0
FAILED_S = 5.0
AT_ONCE = 20
"""Errands that run side by side."""
DEADLINE_S = 45.0
"""For all calls of one errand together: less than the lease of a connection."""

Connects = Mapping[str, Connect]
_NO_ANSWER = (NotSentError, NoAnswerError, TimeoutError)


async def run(app: "App", lenders: Lenders) -> None:
    """Run errands until cancelled."""
    opener = tokens.Opener(Path(app.settings.vault_key), app.settings.data_dir)
    async with lenders.open() as connects:
        while True:
            try:
                await once(app, connects, opener)
            except* (
                Exception
            ):  # a full disk, a damaged key: readiness or the doctor says so, and we try again
                log.exception("errands_failed")
                await asyncio.sleep(FAILED_S)
            await asyncio.sleep(PAUSE_S)


async def once(app: "App", connects: Connects, opener: tokens.Opener) -> int:
    """Run what is due now; give how many errands that were."""
    now, read = app.clock.now(), app.store.read
    begun = [] if await read(halts.current) else await read(connections.waiting, now, AT_ONCE)
    returned = await read(revocations.due, now, AT_ONCE)
    async with asyncio.TaskGroup() as tasks:
        for connection in begun:
            tasks.create_task(_finish(app, connects, opener, connection))
        for revocation in returned:
            tasks.create_task(_give_back(app, connects, opener, revocation))
    return len(begun) + len(returned)


async def _finish(app: "App", connects: Connects, opener: tokens.Opener, found: Connection) -> None:
    """Redeem what a volunteer brought back, and keep the token sealed."""
    write = app.store.write
    if not await write(connections.take, found.account_id, app.clock.now()):
        return
    account = await app.store.read(volunteers.account, found.account_id)
    sealed = keyfile.read_public(app.settings.data_dir) is not None
    if account is None or not sealed or account.network not in connects:
        await write(connections.fail, found.account_id, Trouble.NOT_ALLOWED)
        return
    got = await _redeem(app, connects[account.network], opener, found, account)
    if isinstance(got, Granted):
        trouble = await write(
            lending.granted,
            keyfile.Published(app.settings.data_dir),
            account,
            got.token,
            handle=got.handle,
            policies=app.policies,
            now=app.clock.now(),
        )
    else:
        trouble = got
        await write(connections.fail, found.account_id, trouble)
    log.info("connection_ended", account=account.id, network=account.network, trouble=trouble or "")


async def _redeem(
    app: "App", connect: Connect, opener: tokens.Opener, found: Connection, account: Account
) -> Granted | Trouble:
    """Ask the network for the token; give what stands in the way."""
    try:
        kept = opener.open(lending.kept_in(account, "kept"), found.sealed)
        async with asyncio.timeout(DEADLINE_S):
            if found.way is Way.PASSWORD:
                return await connect.sign_in(account, kept)
            answer = opener.open(lending.kept_in(account, "answer"), found.answer)
            return await connect.finish(kept, back_to(app, account.network), json.loads(answer.reveal()))
    except RefusedError as error:
        log.warning("connection_refused", account=account.id, network=account.network, why=error.why)
        return Trouble.PASSWORD if found.way is Way.PASSWORD else Trouble.REFUSED
    except (NetworkError, *_NO_ANSWER) as error:
        log.warning("connection_unanswered", account=account.id, network=account.network, why=_why(error))
        return Trouble.UNAVAILABLE
    except Exception:
        log.exception("connection_failed", account=account.id, network=account.network)
        return Trouble.CUT_OFF


async def _give_back(app: "App", connects: Connects, opener: tokens.Opener, one: Revocation) -> None:
    """Give one token back, or note why not and when it is tried again."""
    if not await app.store.write(revocations.take, one, app.clock.now()):
        return
    why, until = "", None
    try:
        token = opener.open(tokens.bound(one.account_id, one.network), one.sealed)
        async with asyncio.timeout(DEADLINE_S):
            await _adapter(connects, one.network).revoke(token)
    except (NetworkError, LanguetteError, *_NO_ANSWER) as error:
        why, until = _why(error), error.until if isinstance(error, NetworkError) else None
    except Exception as error:
        log.exception("revocation_failed", account=one.account_id, network=one.network)
        why = type(error).__name__
    now = app.clock.now()
    if not why:
        await app.store.write(returns.given_back, one, now=now)
        log.info("token_given_back", account=one.account_id, network=one.network)
        return
    given_up = await app.store.write(returns.not_yet, one, why=why, until=until, now=now)
    log.warning(
        "token_not_given_back", account=one.account_id, network=one.network, why=why, given_up=given_up
    )


def _adapter(connects: Connects, network: str) -> Connect:
    """Give the adapter of a network.

    Raises:
        ConfigError: the settings do not allow it any more.
    """
    if network not in connects:
        message = f"{network} cannot be called with these settings"
        raise ConfigError(message)
    return connects[network]


def _why(error: Exception) -> str:
    """Say in a sentence for the operator what went wrong; no token stands in any of these."""
    return error.why if isinstance(error, NetworkError) else str(error) or type(error).__name__

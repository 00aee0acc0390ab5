"""Make one call, within what is left of its deadline, and say what it came to. Writes nothing but tokens."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog

from bot.delivery.claim import Claim
from bot.delivery.outcome import Absent, Located, Outcome, Trouble, UnreadableTokenError
from bot.errors import ConfigError, DataError, LanguetteError
from bot.model.calls import Action
from bot.model.secret import Secret
from bot.networks.api.base import Api, Draft, Intent, Lent, Publisher
from bot.networks.errors import NetworkError, RefusedError, UnavailableError
from bot.networks.http import NoAnswerError, NotSentError

log = structlog.get_logger()

Reveal = Callable[[Claim], Secret]
Keep = Callable[[Claim, Secret], Awaitable[bool]]
"""Commits a fresh token; False: the volunteer has given another one meanwhile."""


async def make(
    claim: Claim,
    api: Api,
    *,
    publisher: Publisher | None = None,
    reveal: Reveal,
    keep: Keep,
    now: datetime,
    left_s: float,
) -> Outcome:
    """Renew the token where it must be, then make the call; `left_s` seconds are left for both.

    Cancelled, it ends as a call that broke off.
    """
    begun = False

    async def call() -> Outcome:
        nonlocal begun
        lent = Lent(claim.account, _open(claim, reveal))
        fresh = await api.renew(lent, now)
        if fresh is not None:
            if not await keep(claim, fresh):
                return Trouble(NotSentError("the token changed meanwhile"), begun=False)
            lent = Lent(claim.account, fresh)
        begun = True
        if claim.draft is not None:
            return await _publish(claim, claim.draft, publisher, lent)
        return await _act(claim, api, lent)

    if left_s <= 0:
        return Trouble(NotSentError("its deadline had passed before it was made"), begun=False)
    try:
        async with asyncio.timeout(left_s):
            return await call()
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  every end of a call is written down
        return Trouble(_named(error, claim), begun)


def _open(claim: Claim, reveal: Reveal) -> Secret:
    try:
        return reveal(claim)
    except Exception as error:
        log.error("token_not_opened", account=claim.lane.account_id, error=type(error).__name__)  # noqa: TRY400
        why = str(error) if isinstance(error, LanguetteError) else "it is damaged"
        message = f"the token cannot be used: {why}"
        raise UnreadableTokenError(message) from error


def _named(error: BaseException, claim: Claim) -> NetworkError | NotSentError | NoAnswerError:
    """Give an error as what the caller must know of it."""
    if isinstance(error, (NetworkError, NotSentError, NoAnswerError)):
        return error
    if isinstance(error, TimeoutError):
        return NoAnswerError("no answer within the deadline")
    if isinstance(error, asyncio.CancelledError):
        return NoAnswerError("the program stopped")
    log.error("call_failed", boost=claim.call.boost_id, action=claim.action.value, exc_info=error)
    if isinstance(error, (ConfigError, DataError)):
        return UnavailableError(f"the fresh token cannot be kept: {error}")
    return NoAnswerError("the program failed at the answer; its log says where")


async def _act(claim: Claim, api: Api, lent: Lent) -> Outcome:
    call, target = claim.call, claim.target
    if claim.action is Action.LOCATE:
        assert claim.post is not None, "there is a post to locate"
        return Located(await api.locate(lent, claim.post))
    if claim.action is Action.LOOK:
        return await api.look(lent, target)
    assert call.at is not None, "it was written down"
    intent = Intent(call.boost_id, call.target, call.at)
    if claim.action is Action.BOOST:
        return await api.boost(lent, intent)
    if claim.action is Action.READ_BACK:
        return await api.read_back(lent, intent) or Absent()
    assert claim.action is Action.UNDO, "there is no other"
    await api.undo(lent, intent, call.remote_id)
    return Absent()


async def _publish(claim: Claim, draft: Draft, publisher: Publisher | None, lent: Lent) -> Outcome:
    """Publish a draft, ask whether it was published, or take it back."""
    if publisher is None:
        message = "nothing is published on this network"
        raise RefusedError(message)
    if claim.action is Action.PUBLISH:
        return await publisher.publish(lent, draft)
    if claim.action is Action.READ_BACK:
        return await publisher.find(lent, draft) or Absent()
    assert claim.action is Action.UNDO, "there is no other"
    await publisher.retract(lent, claim.call.remote_id)
    return Absent()

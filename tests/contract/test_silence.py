"""Tokens stay out of logs and errors, whatever happens to the calls that carry them."""

import logging
import traceback

from bot.networks.errors import NetworkError
from bot.networks.http import NoAnswerError
from tests.contract.networks import NETWORKS
from tests.contract.stage import Stage, intent_of, on_each
from tests.contract.test_boosting import WORDS
from tests.contract.test_connecting import granted
from tests.fakes.proxy import Fault, changes, reads
from tests.fakes.wire import whole


class Ear(logging.Handler):
    """Hears every record of every logger, as text."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record and its traceback."""
        self.heard.append(logging.Formatter().format(record))


async def live(stage: Stage, said: list[str]) -> None:
    """Boost, read and undo through every fault, and connect; write down every error with its causes."""
    post = await stage.post(WORDS)
    intent = intent_of(await stage.api.locate(stage.lent, post))

    async def attempt(call) -> None:
        try:
            await call
        except (NetworkError, NoAnswerError) as error:
            said.append(repr(error) + "".join(traceback.format_exception(error)))

    for fault in (fault for fault in Fault if fault is not Fault.DRIP):
        for code in (401, 403, 404, 422, 500) if fault is Fault.INSTEAD else (0,):
            for which in (changes, reads):
                stage.proxy.meet(fault, which, answer=whole(b'{"error":"no"}', code))
                await attempt(stage.api.boost(stage.lent, intent))
                await attempt(stage.api.read_back(stage.lent, intent))
                await attempt(stage.api.look(stage.lent, intent.target))
                stage.proxy.clear()
    await attempt(stage.api.undo(stage.lent, intent, "1"))
    if stage.connect is not None:
        found = await granted(stage)
        said.append(repr(found))
        await stage.connect.revoke(found.token)
    await attempt(stage.api.boost(await stage.dead(), intent))


TALKERS = ("httpx", "aiohttp.client", "aiohttp.internal", "tweepy", "asyncio")


@on_each(NETWORKS)
async def test_no_token_is_said(stage: Stage):
    """At DEBUG, with every logger of every library on: records, errors and their causes hold no secret."""
    ear, root = Ear(), logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in TALKERS)]
    levels = [one.level for one in loggers]
    root.addHandler(ear)
    said: list[str] = []
    try:
        for one in loggers:
            one.setLevel(logging.DEBUG)
            one.debug("heard: %s", one.name)
        await live(stage, said)
    finally:
        root.removeHandler(ear)
        for one, level in zip(loggers, levels, strict=True):
            one.setLevel(level)
    everything = "\n".join([*ear.heard, *said])
    assert all(f"heard: {one.name}" in everything for one in loggers), "the ear would have heard it"
    assert said
    assert stage.canaries()
    assert [one for one in stage.canaries() if one in everything] == []

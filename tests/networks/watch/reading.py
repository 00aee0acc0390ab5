"""What a watcher gives, read to the end of what a test waits for."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from bot.networks.watch.base import Batch

DEADLINE_S = 15


async def first_batches(stream: AsyncGenerator[Batch, None], count: int = 1) -> list[Batch]:
    """Give the first batches of a source, and close it."""
    batches = []
    async with asyncio.timeout(DEADLINE_S):
        async for batch in stream:
            batches.append(batch)
            if len(batches) == count:
                break
        await stream.aclose()
    return batches


def texts(batches: Sequence[Batch]) -> list[str]:
    """Give the texts of the posts, in order."""
    return [post.text for batch in batches for post in batch.posts]

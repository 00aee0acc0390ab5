"""The watcher on commits of the official PDS: what people write there arrives, and can be boosted."""

import asyncio
from contextlib import aclosing

from bot.model.found import FoundAuthor
from bot.networks.api.bluesky import BlueskyApi
from bot.networks.http import Http, anywhere
from bot.networks.watch.base import wanted
from bot.networks.watch.jetstream import Cursor, Jetstream
from tests.fakes.firehose import bridge
from tests.fakes.jetstream import jetstream, tag_facet
from tests.networks.bluesky_lent import ON_LOOPBACK
from tests.networks.watch.reading import DEADLINE_S, first_batches, texts

TAG = "vraimentemploi"


async def first_post(stream, text):
    """Give the first post of these words; the cursor's own event comes again before it."""
    async with asyncio.timeout(DEADLINE_S), aclosing(stream):
        async for batch in stream:
            for post in batch.posts:
                if post.text == text:
                    return post
    return None


def test_a_post_on_the_pds_is_found_and_located(pds):
    """By its text or its facet, from before the watcher came and from after; no other post, no repost."""
    nadia = pds.someone("nadia")

    async def someone(did):
        return FoundAuthor(did, handle=nadia.handle)

    async def play():
        async with jetstream() as fake, Http(anywhere) as http:
            feeding = asyncio.create_task(bridge(pds.inner, fake))
            source = Jetstream(wanted([f"#{TAG}"]), fake.url, fake.url, someone)
            before = await first_batches(source.batches(str(Cursor(fake.url, 1, 0))))
            await asyncio.to_thread(pds.post, nadia, "Facette", facets=[tag_facet(TAG)])
            found = await first_post(source.batches(before[-1].cursor), "Facette")
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)
            api = BlueskyApi(http, ON_LOOPBACK, pds.plc, pds.url)
            return texts(before), found, await api.locate(None, found.post)

    pds.post(nadia, "Bonjour #emploi")
    pds.post(nadia, f"À Lyon #{TAG.upper()}", langs=["fr"])
    first, found, target = asyncio.run(play())
    assert first == [f"À Lyon #{TAG.upper()}"]
    assert found.author.handle == nadia.handle
    assert target.split()[0] == found.post.remote_id

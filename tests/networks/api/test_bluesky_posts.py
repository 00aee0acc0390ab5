"""The collective's own account on the official PDS: one post a notice, the seeker's words, nobody called."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.networks.api.base import Draft
from bot.networks.api.bluesky_posts import TEXT_MAX, post_of
from bot.networks.atproto.client import COLLECTIVE_SCOPE
from bot.networks.atproto.records import POSTS
from bot.networks.errors import AccessLostError, RefusedError
from tests.networks.bluesky_lent import BACK_TO, ON_LOOPBACK, consented, intent, play
from tests.pds import CLIENT, Pds

URL = "https://languette.internal/fr/n/abc"
AT = datetime(2026, 11, 25, 8, tzinfo=UTC)


def draft(key="1.1", words="Soudeuse à Lille, dix ans de TIG. Merci @nadia.test ! #i4emploi", url=URL):
    """A notice about to be published."""
    return Draft(key, words, url, "fr", AT)


@pytest.fixture(scope="module")
def collective(atnet: Pds):
    """The collective's account."""
    return atnet.person("collective")


@pytest.fixture(scope="module")
def lent(atnet: Pds, collective):
    """It is lent for posts as well."""
    return consented(atnet, collective, ON_LOOPBACK, BACK_TO, COLLECTIVE_SCOPE)


def test_a_notice_is_published_once(pds, collective, lent):
    """The same draft again is the same post; another draft is another post."""
    made = [
        play(pds, lambda a, key=key: a.publisher.publish(lent, draft(key))) for key in ("1.1", "1.1", "2.1")
    ]
    assert len({one.remote_id for one in made}) == 2
    posts = {one["uri"]: one["value"] for one in pds.records(collective, POSTS)}
    assert set(posts) == {one.remote_id for one in made}
    assert posts[made[0].remote_id] == post_of(draft())
    for one in made:
        play(pds, lambda a, one=one: a.publisher.retract(lent, one.remote_id))


def test_retracting_deletes_own_posts_only(pds, collective, lent):
    """Not a repost, not another's post, not something else."""
    other = pds.someone("nadia")
    for odd in (f"at://{other.did}/{POSTS}/3l2s5xxv2ze2c", f"at://{collective.did}/a.b.c/3l2s5xxv2ze2c", "1"):
        with pytest.raises(RefusedError):
            play(pds, lambda a, odd=odd: a.publisher.retract(lent, odd))
    assert pds.proxy.seen == []


def test_the_collective_reposts_like_a_volunteer(pds, lent):
    """With the same account: its grant is wider, its boosts are the same."""
    post = pds.post(pds.someone("nadia"))

    async def act(adapters):
        return await adapters.api.boost(lent, intent(await adapters.api.locate(lent, post)))

    assert not play(pds, act).before


def test_the_account_may_say_that_it_is_a_program(pds, collective):
    """The label of docs/networks/bluesky.md is one that a PDS takes."""
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}
    record = {"$type": "app.bsky.actor.profile", "displayName": "Le collectif", "labels": labels}
    body = {"repo": collective.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
    made = pds.call("com.atproto.repo.putRecord", body, collective.session)
    assert made["validationStatus"] == "valid"


def test_a_volunteer_s_grant_publishes_nothing(pds):
    """What lends an account for reposts opens no more than that."""
    mine = consented(pds, pds.someone("samir"), CLIENT, f"{CLIENT.address}/connected")
    with pytest.raises(AccessLostError):
        play(pds, lambda a: a.publisher.publish(mine, draft("4.1")))


def test_a_post_says_what_it_should():
    """The words, the link, hashtags; facets count bytes; the name after @ calls nobody."""
    record = post_of(draft())
    data = record["text"].encode()
    marked = [
        (data[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0])
        for f in record["facets"]
    ]
    assert marked == [
        ("#i4emploi", {"$type": "app.bsky.richtext.facet#tag", "tag": "i4emploi"}),
        (URL, {"$type": "app.bsky.richtext.facet#link", "uri": URL}),
    ]
    assert (record["langs"], record["createdAt"]) == (["fr"], "2026-11-25T08:00:00.000Z")


@given(st.text(max_size=600), st.text("abc/é", min_size=1, max_size=80))
def test_a_post_is_never_too_long(words, path):
    """Whatever the words, at most 300 code points with the link whole, and facets inside the text."""
    url = f"https://languette.internal/{path}"
    record = post_of(draft(words=words, url=url))
    assert len(record["text"]) <= TEXT_MAX
    assert record["text"].endswith(url)
    length = len(record["text"].encode("utf-8", "surrogatepass"))
    assert all(0 <= f["index"]["byteStart"] < f["index"]["byteEnd"] <= length for f in record["facets"])

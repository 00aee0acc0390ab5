"""The collective's own account on Mastodon beyond the contract: the seeker's words, nobody called."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.networks.api.base import Draft
from bot.networks.api.mastodon_posts import TEXT_MAX, text_of
from tests.contract.mastodon import play

URL = "https://languette.example/fr/s/abc"


def draft(key="1.1", words="Soudeuse, Lille. Dix ans de TIG, libre de suite.", url=URL):
    """A notice about to be published."""
    return Draft(key, words, url, "fr", datetime.now(UTC))


def test_a_notice_is_published_once():
    """The same draft again is the same post, on every kind of server; it says what it should."""

    async def scene(made):
        one = draft()
        found = [await made.publisher.publish(made.lent, one) for _ in range(3)]
        return found, made.here.statuses

    for switches in ({}, {"duplicating": True}):
        found, statuses = play(scene, **switches)
        [status] = statuses
        assert {made.remote_id for made in found} == {status["id"]}
        assert (status["visibility"], status["language"]) == ("unlisted", "fr")
        assert "Dix ans de TIG" in status["content"]
        assert URL in status["content"]


def test_old_posts_are_not_taken_for_new_ones():
    """A post with the same link from long before the first try does not count as this one."""

    async def scene(made):
        await made.publisher.publish(made.lent, draft())
        later = Draft("1.2", "Encore", URL, "fr", datetime.now(UTC) + timedelta(hours=2))
        return await made.publisher.find(made.lent, later)

    assert play(scene) is None


@pytest.mark.parametrize("url", [URL, "https://a.example/" + "x" * 300])
def test_long_words_are_cut_and_the_link_is_whole(url):
    """However long words and link are, the post fits and ends with the link."""
    text = text_of(draft(words="mot " * 400, url=url))
    assert len(text) <= TEXT_MAX
    assert text.endswith(f"…\n\n{url}")


def test_nobody_is_called_by_the_words():
    """A name with an @ in a seeker's words reaches nobody's inbox."""
    assert "@samir" not in text_of(draft(words="Merci @samir@piaille.fr"))

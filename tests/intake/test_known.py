"""The same person writes the same thing in several ways."""

import pytest

from bot.intake import known
from bot.intake.form import Submission, read
from bot.networks import every
from bot.trust.links import Keyring
from tests.intake.makers import found
from tests.intake.test_found import FORM

KEYS = Keyring(b"k" * 32)


def written(**values: str) -> set[str]:
    """Give the keys of a form."""
    draft, errors = read(Submission(**FORM, **values), every())
    assert draft is not None, errors
    return set(known.of_draft(draft, KEYS))


def linked(link: str) -> set[str]:
    """Give the keys of a form with a post."""
    return written(has_post="yes", link=link)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("nadia@example.org", "Nadia+emploi@example.org", True),
        ("nadia.b@gmail.com", "n.adiab+1@googlemail.com", True),
        ("nadia.b@example.org", "nadiab@example.org", False),
        ("+33@example.org", "+44@example.org", False),
        ("nadia@gmail.com", "nadia@example.org", False),
    ],
)
def test_one_mailbox(one: str, other: str, same: bool):
    """A tag, or dots where they count for nothing, make no other address; elsewhere dots count."""
    assert (written(email=one) == written(email=other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://piaille.fr/@nadia/12", "https://piaille.fr/users/nadia/statuses/12", True),
        ("https://piaille.fr/@nadia/12", "https://piaille.fr/ap/users/34/statuses/12", True),
        ("https://piaille.fr/@nadia/12", "https://mastodon.social/@nadia/12", False),
        ("https://piaille.fr/@nadia/12", "https://piaille.fr/ap/users/12/statuses/13", False),
        (
            "https://bsky.app/profile/nadia.bsky.social/post/3kabcdefghij2",
            "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3kabcdefghij2",
            True,
        ),
        (
            "https://bsky.app/profile/nadia.bsky.social/post/3kabcdefghij2",
            "https://bsky.app/profile/sam.bsky.social/post/3kabcdefghij3",
            False,
        ),
    ],
)
def test_one_post(one: str, other: str, same: bool):
    """However its author is named in its link."""
    assert bool(linked(one) & linked(other)) is same


def test_what_was_seen_is_known_by_the_lasting_name():
    """And by its handle as a form writes it; the name that lasts is never taken for what is typed."""
    seen = known.of_found(found(author_id="12345"), KEYS)
    assert linked("https://x.com/Nadia/status/1") <= set(seen)
    assert not linked("https://x.com/12345/status/2") & set(seen)
    assert list(seen.values()).count(known.SEEN) == 1

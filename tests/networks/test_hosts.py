"""Hosts with letters beyond ASCII: accepted, kept in one form, shown readable; what deceives is refused."""

import pytest

from bot.networks import every
from bot.networks.base import HandleRefusedError
from bot.networks.hosts import readable, to_ascii

MASTODON = every()["mastodon"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("müller.example", "xn--mller-kva.example"),
        ("MÜLLER.example", "xn--mller-kva.example"),
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("cœur.example", "xn--cur-fya.example"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("россия.example", "xn--h1alffa9f.example"),
        ("例え.jp", "xn--r8jz45g.jp"),
    ],
)
def test_one_form_is_kept_and_read_back(typed, kept):
    """However it is typed, one form is kept, and what is shown leads to it again."""
    assert to_ascii(typed) == kept
    assert to_ascii(readable(kept)) == kept
    assert readable(kept) != kept


@pytest.mark.parametrize(
    "typed",
    [
        "pіaille.fr",  # a Cyrillic letter among Latin ones
        "аррӏе.com",  # Cyrillic letters only, all of which look Latin
        "xn--80ak6aa92e.com",  # the same, coded
        "ｐiaille.fr",  # full width
        "mastodon‍.social",  # a joiner that nobody sees
        "mɑstodon.social",  # a phonetic sign
        "xn--zzzzzzzz.fr",
        "a" * 64 + "é.fr",
        "é..fr",
    ],
)
def test_what_could_deceive_is_refused(typed):
    """Mixed scripts, look-alikes, invisible signs and broken codes are no hosts."""
    assert to_ascii(typed) is None


def test_what_deceives_stays_coded():
    """A look-alike that came in another way is never shown in its letters."""
    assert readable("jo@xn--80ak6aa92e.com") == "jo@xn--80ak6aa92e.com"
    assert readable("jo@xn--mller-kva.example") == "jo@müller.example"
    assert readable("jo@piaille.fr") == "jo@piaille.fr"


def test_a_volunteers_handle():
    """A handle on such an instance is kept by its code; one on a look-alike is refused in words."""
    assert MASTODON.read_handle("@Jo@Müller.example") == "jo@xn--mller-kva.example"
    assert MASTODON.read_handle("https://müller.example/@jo") == "jo@xn--mller-kva.example"
    with pytest.raises(HandleRefusedError):
        MASTODON.read_handle("@jo@pіaille.fr")

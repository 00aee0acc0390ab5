"""For which site security keys answer, and when a count gives a copy away."""

import pytest

from bot.trust.security_key import Site, is_copy, site_of


@pytest.mark.parametrize(
    ("address", "host", "origin"),
    [
        ("https://annonces.example.org", "annonces.example.org", "https://annonces.example.org"),
        ("https://annonces.example.org:443/x", "annonces.example.org", "https://annonces.example.org"),
        ("https://annonces.example.org:8443", "annonces.example.org", "https://annonces.example.org:8443"),
        ("https://Annonces.Example.ORG.", "annonces.example.org", "https://annonces.example.org"),
        ("https://élan.example", "xn--lan-9la.example", "https://xn--lan-9la.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://demo.localhost:80", "demo.localhost", "http://demo.localhost"),
    ],
)
def test_a_key_is_bound_to_the_name_and_the_page_to_its_origin(address, host, origin):
    """The host as browsers write it, and the origin without the port that goes without saying."""
    assert site_of(address, "Les Passeurs") == Site("Les Passeurs", host, origin)


@pytest.mark.parametrize(
    "address",
    [
        "http://annonces.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1:8000",
        "https://192.0.2.7",
        "https://[2001:db8::1]",
        "http://[::1]:8000",
        "",
    ],
)
def test_where_browsers_let_no_key_be_used(address):
    """Plain http but on this machine by name, and every IP address, have none."""
    assert site_of(address, "x") is None


@pytest.mark.parametrize(
    ("before", "count", "copied"),
    [(0, 0, False), (0, 1, False), (4, 5, False), (4, 400, False), (5, 5, True), (5, 4, True), (5, 0, True)],
)
def test_a_count_that_does_not_grow_is_a_copy(before, count, copied):
    """But for keys that never count, which always say 0."""
    assert is_copy(before, count) is copied

"""GET changes nothing: every page of the site, by everybody's real keys, with and without a query."""

import pytest

from bot.model.access import Role
from tests.fuzz.town import Town
from tests.web.test_headers import check

QUERIES = ("", "?sent=1&did=change&welcome=1&reported=1&page=2&state=active&next=/fr/admin&lang=en")

PROBES = {"/readyz"}
"""Writes a row and takes it back in one transaction: that the database can be written is what it is asked."""


@pytest.fixture
def town(app, clock, make_notice):
    """An installation with people in it."""
    made = Town(app, clock, make_notice)
    made.key.unlink()  # the pages can seal what is lent, and never open it
    yield made
    made.close()


def test_gets_change_nothing(town: Town):
    """No GET or HEAD of any route changes a row or a file, whoever asks, and each carries every header."""
    asked = 0
    for rank in (None, Role.READER, Role.OPERATOR):
        before = town.everything()
        for template, method in town.routes:
            if method == "POST":
                continue
            for path in town.real(template):
                for query in QUERIES:
                    version = town.version()
                    answer = town.become(rank).ask(method, path + query)
                    assert answer.status_code < 500 or path == "/readyz", (rank, method, path)
                    check(answer, path)
                    if path not in PROBES:
                        assert town.version() == version, (rank, method, path)
                    asked += 1
        assert town.everything() == before, rank
    assert asked > 500


def test_the_keys_are_real(town: Town):
    """The addresses above open pages: every route but a few is answered with 200."""
    shut = set()
    for template, method in town.routes:
        if method == "GET":
            answers = {town.become(Role.OPERATOR).get(path).status_code for path in town.real(template)}
            if 200 not in answers:
                shut.add(template)
    assert shut == SHUT


SHUT = {
    "/bluesky/client.json",  # the site has no public https address
    "/bluesky/keys.json",
    "/readyz",  # no heartbeat in a test
    "/{lang}/.well-known/security.txt",  # no contact is set
    "/{lang}/admin/login/openid",  # no provider is set up
    "/{lang}/admin/openid/link",
    "/{lang}/admin/openid/unlink",
    "/{lang}/openid/back",
    "/{lang}/admin/factor/remove",  # no second factor is set up
    "/{lang}/admin/keys/{key_id}/remove",
    "/{lang}/admin",  # leads on to the first notice that waits
    "/{lang}/inbox/{token}/resume",  # not on a break
    "/{lang}/n/{token}/hide-name",  # no name is shown
    "/{lang}/n/{token}/forget",  # leads to the notice's page, where the button is
}
"""Routes that nobody in this state is shown a page by."""

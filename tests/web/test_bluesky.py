"""The two documents by which Bluesky's authorization servers know the site."""

from dataclasses import replace

from bot.networks.atproto.client import COLLECTIVE_SCOPE
from tests.web.visitor import Visitor

SITE = "https://annonces.example.org"


def test_a_public_site_says_who_it_is(app):
    """At an https address both documents are there, fit each other, and hold no private key."""
    public = replace(app, settings=app.settings.model_copy(update={"site_url": SITE}))
    visitor = Visitor(public, SITE)
    told = visitor.get("/bluesky/client.json")
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    assert told.headers["content-type"] == "application/json"
    says = told.json()
    assert says["client_id"] == f"{SITE}/bluesky/client.json"
    assert says["redirect_uris"] == [f"{SITE}/connected/bluesky"]
    assert says["scope"] == COLLECTIVE_SCOPE  # the widest: a volunteer is asked for reposts only
    (key,) = visitor.get(says["jwks_uri"].removeprefix(SITE)).json()["keys"]
    assert key.keys() == {"crv", "kty", "x", "y", "kid", "use", "alg"}


def test_a_site_on_this_machine_has_none(app):
    """Without an https address there is nothing to show: the loopback client needs no document."""
    for path in ("/bluesky/client.json", "/bluesky/keys.json"):
        assert Visitor(app).get(path).status_code == 404


def test_the_key_stays(app):
    """The same secret gives the same key: what was granted before a restart holds after it."""
    public = replace(app, settings=app.settings.model_copy(update={"site_url": SITE}))
    one, two = (Visitor(public, SITE).get("/bluesky/keys.json").json() for _ in range(2))
    assert one == two

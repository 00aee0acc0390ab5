"""Links and handles of the four networks, as people really paste them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.model.notice import PostRef
from bot.model.volunteer import Account
from bot.networks import every
from bot.networks.base import HandleRefusedError, LinkRefusedError
from bot.networks.links import read_link
from bot.networks.urls import PROFILE

NETWORKS = every()
DID = "did:plc:z72i7hdynmk6r22z27h6tvur"
ULID = "01H8XGJWBWBAQ4Z5M6N7P8QRST"
X = "https://x.com/nadia/status/1790000000000000001"
POST = "https://piaille.fr/@marthe/112233445566778899"
SKY = "https://bsky.app/profile/ana.bsky.social/post/3k2yihcrp6f2c"
LINKEDIN = "https://www.linkedin.com/feed/update/urn:li:activity:7123456789012345678/"

GOOD = [
    ("https://x.com/nadia/status/1790000000000000001", X, "nadia"),
    ("https://x.com/Nadia/status/1790000000000000001?s=20&t=abc", X, "nadia"),
    ("http://twitter.com/nadia/status/1790000000000000001", X, "nadia"),
    ("x.com/nadia/status/1790000000000000001", X, "nadia"),
    ("  www.x.com/nadia/status/1790000000000000001/  ", X, "nadia"),
    ("https://mobile.twitter.com/nadia/status/1790000000000000001/photo/1", X, "nadia"),
    ("https://m.twitter.com/nadia/statuses/1790000000000000001#m", X, "nadia"),
    ("HTTPS://X.COM/nadia/status/1790000000000000001/video/1", X, "nadia"),
    ("https://x.com/i/status/1790000000000000001", X.replace("nadia", "i"), ""),
    ("https://x.com/i/web/status/1790000000000000001", X.replace("nadia", "i"), ""),
    ("https://x.com/nadia/status/1790000000000000001/analytics", X, "nadia"),
    (POST, POST, "marthe@piaille.fr"),
    ("piaille.fr/@Marthe/112233445566778899?x=1", POST, "marthe@piaille.fr"),
    ("https://piaille.fr/web/@marthe/112233445566778899", POST, "marthe@piaille.fr"),
    ("https://piaille.fr/deck/@marthe/112233445566778899", POST, "marthe@piaille.fr"),
    ("https://piaille.fr/@marthe/112233445566778899/embed", POST, "marthe@piaille.fr"),
    ("https://piaille.fr/users/marthe/statuses/112233445566778899", POST, "marthe@piaille.fr"),
    ("https://piaille.fr/%40marthe/112233445566778899", POST, "marthe@piaille.fr"),
    ("https://piaille.fr/@marthe@piaille.fr/112233445566778899", POST, "marthe@piaille.fr"),
    ("https://mamot.fr/@marthe@piaille.fr/1", "https://mamot.fr/@marthe@piaille.fr/1", "marthe@piaille.fr"),
    ("https://Müller.example/@Jo/1", "https://xn--mller-kva.example/@jo/1", "jo@xn--mller-kva.example"),
    (
        "https://xn--mller-kva.example/@jo/1",
        "https://xn--mller-kva.example/@jo/1",
        "jo@xn--mller-kva.example",
    ),
    (
        "https://mamot.fr/@jo@müller.example/1",
        "https://mamot.fr/@jo@xn--mller-kva.example/1",
        "jo@xn--mller-kva.example",
    ),
    (f"https://g.org/@jo/statuses/{ULID}", f"https://g.org/@jo/statuses/{ULID}", "jo@g.org"),
    (f"https://g.org/users/jo/statuses/{ULID}", f"https://g.org/@jo/statuses/{ULID}", "jo@g.org"),
    ("https://g.org/ap/users/1/statuses/2", "https://g.org/ap/users/1/statuses/2", ""),
    ("https://pl.org/notice/AbCdEf12345678", "https://pl.org/notice/AbCdEf12345678", ""),
    ("https://mk.org/notes/9abcdefghij", "https://mk.org/notes/9abcdefghij", ""),
    ("https://soap.org/@jo/posts/AbCdEf12345678", "https://soap.org/@jo/posts/AbCdEf12345678", "jo@soap.org"),
    ("https://pixel.org/p/jo/123456", "https://pixel.org/p/jo/123456", "jo@pixel.org"),
    (SKY, SKY, "ana.bsky.social"),
    ("bsky.app/profile/Ana.bsky.social/post/3k2yihcrp6f2c?ref=x", SKY, "ana.bsky.social"),
    ("at://ana.bsky.social/app.bsky.feed.post/3k2yihcrp6f2c", SKY, "ana.bsky.social"),
    (f"https://bsky.app/profile/{DID}/post/3k2yihcrp6f2c", SKY.replace("ana.bsky.social", DID), DID),
    (f"at://{DID}/app.bsky.feed.post/3k2yihcrp6f2c", SKY.replace("ana.bsky.social", DID), DID),
    (LINKEDIN, LINKEDIN, ""),
    ("https://linkedin.com/feed/update/urn%3Ali%3Aactivity%3A7123456789012345678?utm_source=x", LINKEDIN, ""),
    (
        "https://www.linkedin.com/posts/nadia-b_emploi-activity-7123456789012345678-AbCd?utm=1",
        LINKEDIN,
        "nadia-b",
    ),
    ("https://fr.linkedin.com/posts/activity-7123456789012345678-AbCd", LINKEDIN, ""),
    (
        "https://www.linkedin.com/posts/h%C3%A9l%C3%A8ne_job-share-7123456789012345678-Zz9_/",
        LINKEDIN.replace("activity", "share"),
        "hélène",
    ),
    (
        "https://m.linkedin.com/feed/update/urn:li:ugcPost:7123456789012345678",
        LINKEDIN.replace("activity", "ugcPost"),
        "",
    ),
]

PROFILES = [
    "https://x.com/nadia",
    "x.com/nadia/",
    "https://twitter.com/nadia?lang=fr",
    "https://x.com/nadia/with_replies",
    "https://piaille.fr/@marthe",
    "https://piaille.fr/@marthe@mamot.fr",
    "https://piaille.fr/users/marthe",
    "https://piaille.fr/@marthe/with_replies",
    "https://bsky.app/profile/ana.bsky.social",
    f"https://bsky.app/profile/{DID}",
    "https://www.linkedin.com/in/nadia-b/",
    "https://fr.linkedin.com/in/nadia-b/recent-activity/all/",
    "https://www.linkedin.com/company/acme/",
]

BAD = [
    "",
    " ",
    "hello",
    "https://",
    "https://x.com",
    "https://x.com/home",
    "https://x.com/search?q=emploi",
    "https://x.com/hashtag/emploi",
    "https://x.com/nadia/status/",
    "https://x.com/nadia/status/abc",
    "https://x.com/nadia/status/１２３",
    "https://x.com/way_too_long_a_name_for_x/status/1",
    "https://t.co/abc",
    "https://lnkd.in/eAbCd",
    "https://www.linkedin.com/feed/",
    "https://www.linkedin.com/jobs/view/123/",
    "https://www.linkedin.com/pulse/article",
    "https://bsky.app/",
    "https://bsky.app/profile/ana.bsky.social/post/short",
    "https://bsky.app/profile/ana.bsky.social/feed/3k2yihcrp6f2c",
    "at://ana.bsky.social/app.bsky.graph.list/3k2yihcrp6f2c",
    "at://",
    "https://example.org/blog/1",
    "https://youtube.com/@nadia",
    "https://www.tiktok.com/@nadia/video/7123456789012345678",
    "https://www.threads.net/@nadia/post/abc",
    "https://medium.com/@nadia/123456",
    "https://x.com:443/nadia/status/1",
    "https://piaille.fr:8443/@marthe/1",
    "https://user@x.com/nadia/status/1",
    "https://x.com@evil.org/nadia/status/1",
    "https://user:pass@piaille.fr/@marthe/1",
    "https://127.0.0.1/@marthe/1",
    "https://[::1]/@marthe/1",
    "https://2130706433/@marthe/1",
    "https://0x7f.1/@marthe/1",
    "https://localhost/@marthe/1",
    "https://intranet/@marthe/1",
    "https://printer.local/@marthe/1",
    "https://х.com/nadia/status/1",
    "https://x。com/nadia/status/1",
    "https://xn--80ak6aa92e.com/@marthe/1",
    "https://ｐiaille.fr/@marthe/1",
    "https://piaille.fr./@marthe/1",
    "https://-piaille.fr/@marthe/1",
    "https://x.com.evil.org/nadia/status/1",
    "https://evilx.com/nadia/status/1",
    "https://piaille.fr/@mar the/1",
    "https://piaille.fr/@marthe/1\nhttps://evil.org",
    "https://piaille.fr/@marthe\\1/1",
    "https://piaille.fr/@<script>/1",
    "https://piaille.fr/@marthe/../../1",
    "javascript:alert(1)",
    "javascript://x.com/nadia/status/1",
    "data:text/html,<b>x.com</b>",
    "ftp://x.com/nadia/status/1",
    "file:///etc/passwd",
    "mailto:a@b.fr",
    "//x.com/nadia/status/1",
    "/nadia/status/1",
    "https://x.com/nadia/status/" + "1" * 600,
]


@pytest.mark.parametrize(("typed", "url", "author"), GOOD)
def test_known_links_are_normalised(typed: str, url: str, author: str):
    """A link of a post is recognised and loses what tracks and what varies."""
    post = read_link(typed, NETWORKS)
    assert (post.url, post.author) == (url, author)


@pytest.mark.parametrize("typed", [typed for typed, _, _ in GOOD])
def test_normalising_twice_changes_nothing(typed: str):
    """The normal form of a link is its own normal form, with the same remote id."""
    post = read_link(typed, NETWORKS)
    again = read_link(post.url, NETWORKS)
    assert (again.network, again.url, again.remote_id) == (post.network, post.url, post.remote_id)


@pytest.mark.parametrize("typed", PROFILES)
def test_profiles_get_the_sentence_about_profiles(typed: str):
    """A profile's link is refused with the one sentence that says to paste a post's."""
    with pytest.raises(LinkRefusedError) as refused:
        read_link(typed, NETWORKS)
    assert refused.value.message == PROFILE
    assert str(refused.value) == "Paste the link to one post, not to your profile"


@pytest.mark.parametrize("typed", BAD)
def test_other_links_are_refused_in_words(typed: str):
    """Whatever is no post's link is refused with a sentence."""
    with pytest.raises(LinkRefusedError) as refused:
        read_link(typed, NETWORKS)
    assert len(str(refused.value)) > 20


def test_short_links_say_to_open_them():
    """A short link is refused with what to do about it."""
    for typed in ("https://lnkd.in/eAbCd", "t.co/abc"):
        with pytest.raises(LinkRefusedError, match="short link"):
            read_link(typed, NETWORKS)


def test_unknown_sites_are_told_the_networks():
    """The refusal of an unknown site names the networks that are switched on."""
    with pytest.raises(LinkRefusedError, match="links of X, Mastodon, Bluesky and LinkedIn"):
        read_link("https://example.org/1", NETWORKS)
    with pytest.raises(LinkRefusedError, match="links of X; this"):
        read_link("https://example.org/1", {"x": NETWORKS["x"]})


def test_a_network_switched_off_is_unknown():
    """A post on X is refused, and not taken for Mastodon's, when X is not among the networks."""
    with pytest.raises(LinkRefusedError, match="We know links of Mastodon"):
        read_link(X, {"mastodon": NETWORKS["mastodon"]})


@given(st.text(max_size=200))
@example("https://[x")
@example("https://x.com]/a/status/1")
@example("http://\u2100.com/@a/1")
@example("nadia/status/1")
@example("nadia/1")
def test_any_text_gives_a_post_or_a_refusal(text: str):
    """No text raises anything else, with or without a scheme before it."""
    for typed in (text, f"https://{text}", f"https://x.com/{text}", f"https://piaille.fr/@{text}"):
        try:
            post = read_link(typed, NETWORKS)
        except LinkRefusedError:
            continue
        assert read_link(post.url, NETWORKS).url == post.url
        assert post.url.startswith("https://")


HANDLES = [
    ("x", "@Sam", "sam"),
    ("x", " sam_62 ", "sam_62"),
    ("x", "https://x.com/Sam?lang=fr", "sam"),
    ("x", "twitter.com/sam/status/12", "sam"),
    ("mastodon", "@Samir@Piaille.fr", "samir@piaille.fr"),
    ("mastodon", "samir@piaille.fr", "samir@piaille.fr"),
    ("mastodon", "https://piaille.fr/@Samir", "samir@piaille.fr"),
    ("mastodon", "https://mamot.fr/@samir@piaille.fr", "samir@piaille.fr"),
    ("mastodon", "piaille.fr/users/samir", "samir@piaille.fr"),
    ("mastodon", "https://piaille.fr/web/@samir", "samir@piaille.fr"),
    ("bluesky", "@Samir.bsky.social", "samir.bsky.social"),
    ("bluesky", "https://bsky.app/profile/samir.example.org", "samir.example.org"),
    ("linkedin", "Samir-Durand", "samir-durand"),
    ("linkedin", "https://www.linkedin.com/in/samir-durand/?utm=1", "samir-durand"),
    ("linkedin", "fr.linkedin.com/in/h%C3%A9l%C3%A8ne-d", "hélène-d"),
    ("linkedin", "he\u0301le\u0300ne-d", "hélène-d"),
]


@pytest.mark.parametrize(("network", "typed", "handle"), HANDLES)
def test_handles_are_normalised(network: str, typed: str, handle: str):
    """A handle or a profile's address gives the network's own form, and that form gives itself."""
    assert NETWORKS[network].read_handle(typed) == handle
    assert NETWORKS[network].read_handle(handle) == handle


@pytest.mark.parametrize(
    ("network", "typed"),
    [
        ("x", ""),
        ("x", "@"),
        ("x", "sixteen_letters_"),
        ("x", "sam.smith"),
        ("x", "home"),
        ("x", "sàm"),
        ("x", "https://piaille.fr/@sam"),
        ("mastodon", "samir"),
        ("mastodon", "@samir"),
        ("mastodon", "samir@localhost"),
        ("mastodon", "samir@127.0.0.1"),
        ("mastodon", "samir@x.com"),
        ("mastodon", "sa mir@piaille.fr"),
        ("mastodon", "https://piaille.fr/explore"),
        ("mastodon", "a@b@c@d.fr"),
        ("bluesky", "samir"),
        ("bluesky", "samir@bsky.social"),
        ("bluesky", "https://x.com/samir"),
        ("linkedin", "sa"),
        ("linkedin", "samir durand"),
        ("linkedin", "https://www.linkedin.com/company/acme"),
        ("linkedin", "<b>samir</b>"),
    ],
)
def test_impossible_handles_are_refused(network: str, typed: str):
    """What cannot be a handle is refused with a sentence that shows one."""
    with pytest.raises(HandleRefusedError):
        NETWORKS[network].read_handle(typed)


@given(st.text(max_size=120))
@example("nadia")
def test_any_text_gives_a_handle_or_a_refusal(text: str):
    """No text raises anything else, on any network."""
    for network in NETWORKS.values():
        for typed in (text, f"https://{text}", f"https://bsky.app/profile/{text}"):
            try:
                handle = network.read_handle(typed)
            except HandleRefusedError:
                continue
            assert network.read_handle(handle) == handle


ACCOUNT = Account(1, 1, "mastodon", "samir@piaille.fr")


@pytest.mark.parametrize(
    ("network", "url"),
    [
        ("x", "https://x.com/intent/retweet?tweet_id=1790000000000000001"),
        (
            "mastodon",
            "https://piaille.fr/authorize_interaction?uri=https%3A%2F%2Fmamot.fr%2F%40marthe%2F1",
        ),
        ("bluesky", SKY),
        ("linkedin", LINKEDIN),
    ],
)
def test_boost_urls(network: str, url: str):
    """Each network's boost link is the one its own documentation names."""
    typed = {"x": X, "mastodon": "https://mamot.fr/@marthe/1", "bluesky": SKY, "linkedin": LINKEDIN}[network]
    assert NETWORKS[network].boost_url(read_link(typed, NETWORKS), ACCOUNT) == url


def test_a_hostile_remote_id_stays_one_parameter():
    """Whatever a stored id holds, it cannot add parameters to the boost link."""
    post = PostRef("x", "https://x.com/i/status/1", "1&text=spam#", "")
    assert NETWORKS["x"].boost_url(post, ACCOUNT).endswith("tweet_id=1%26text%3Dspam%23")


@pytest.mark.parametrize(
    ("network", "url"),
    [
        ("x", "https://x.com/intent/post?text=a%20%26%20b&url=https%3A%2F%2Fs.fr%2Fs%2F1"),
        ("mastodon", "https://piaille.fr/share?text=a%20%26%20b%20https%3A%2F%2Fs.fr%2Fs%2F1"),
        ("bluesky", "https://bsky.app/intent/compose?text=a%20%26%20b%20https%3A%2F%2Fs.fr%2Fs%2F1"),
        ("linkedin", "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fs.fr%2Fs%2F1"),
    ],
)
def test_compose_urls(network: str, url: str):
    """Words and address are quoted into each network's composer."""
    assert NETWORKS[network].compose_url("a & b", "https://s.fr/s/1", ACCOUNT) == url


def test_compose_texts_fit_the_network():
    """A long text is cut so that the link still fits into the post."""
    url = NETWORKS["bluesky"].compose_url("é" * 400, "https://s.fr/s/1", ACCOUNT)
    assert url.endswith("%E2%80%A6%20https%3A%2F%2Fs.fr%2Fs%2F1")

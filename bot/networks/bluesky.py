"""Bluesky: posts by handle or did, boosted on the post's own page."""

import re
from urllib.parse import quote

from bot.model.notice import LINK_MAX, PostRef
from bot.model.text import N_, Message
from bot.model.volunteer import Account
from bot.networks.base import HandleRefusedError, LinkRefusedError
from bot.networks.urls import PROFILE, address, cut, public_host

_SITE = "bsky.app"
_KIND = "app.bsky.feed.post"
_DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]{3,200})")
_KEY = re.compile(r"[a-z2-7]{13}")
_AT = re.compile(rf"at://([^/]{{3,253}})/{re.escape(_KIND)}/([^/]+)/?")
_POST_MAX = 300
"""Characters of a post; a link counts whole."""


class Bluesky:
    """See `bot.networks.base.Network`."""

    name = "bluesky"
    label = "Bluesky"
    handle_example = "samir.bsky.social"
    order = 3
    next_tap = Message(N_("then tap repost"))

    def read_post(self, url: str) -> PostRef | None:
        """Normalise to `https://bsky.app/profile/<handle or did>/post/<key>`, the remote id to `at://…`.

        Raises:
            LinkRefusedError: a profile or another page of Bluesky.
        """
        if len(url) <= LINK_MAX and (at := _AT.fullmatch(url.strip())):
            return self._post(at[1], at[2])
        where = address(url)
        if where is None or where.site != _SITE:
            return None
        match where.parts:
            case ("profile", who, "post", key, *_):
                if post := self._post(who, key):
                    return post
            case ("profile", _) | ("profile", _, "followers" | "follows"):
                raise LinkRefusedError(PROFILE)
        raise LinkRefusedError(
            Message(N_("This page of Bluesky is not a post. Open your post and copy its link."))
        )

    def _post(self, who: str, key: str) -> PostRef | None:
        author = who if _DID.fullmatch(who) else public_host(who)
        if author is None or not _KEY.fullmatch(key):
            return None
        remote_id = f"at://{author}/{_KIND}/{key}"
        return PostRef(self.name, f"https://{_SITE}/profile/{author}/post/{key}", remote_id, author)

    def read_handle(self, text: str) -> str:
        """Normalise `@Samir.bsky.social` or the profile's URL to `samir.bsky.social`.

        Raises:
            HandleRefusedError: not a domain name.
        """
        text = text.strip()
        if "/" in text:
            where = address(text)
            parts = where.parts if where and where.site == _SITE else ()
            text = parts[1] if len(parts) > 1 and parts[0] == "profile" else ""
        handle = public_host(text.removeprefix("@"))
        if handle is None:
            raise HandleRefusedError(
                Message(N_("A handle on Bluesky looks like samir.bsky.social, with its dots"))
            )
        return handle

    def boost_url(self, post: PostRef, account: Account) -> str:  # noqa: ARG002  the browser knows who
        """Give the post itself: Bluesky has no repost intent."""
        return post.url

    def account_url(self, account: Account, remote_id: str = "") -> str:
        """Give the profile, or a post by the address of its record."""
        did, _, key = remote_id.removeprefix("at://").partition("/app.bsky.feed.post/")
        post = f"{did}/post/{key}" if key else account.handle
        return f"https://bsky.app/profile/{quote(post, safe=':/')}"

    def compose_url(self, text: str, page_url: str, account: Account) -> str:  # noqa: ARG002  the browser knows
        """Give Bluesky's composer with the words and the page's link."""
        words = f"{cut(text, _POST_MAX - len(page_url) - 1)} {page_url}"
        return f"https://{_SITE}/intent/compose?text={quote(words, safe='')}"


NETWORK = Bluesky()

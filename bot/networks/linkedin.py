"""LinkedIn: posts by their activity number, boosted on the post's own page. Never called by machine."""

import re
import unicodedata
from urllib.parse import quote

from bot.model.notice import PostRef
from bot.model.text import N_, Message
from bot.model.volunteer import Account
from bot.networks.base import HandleRefusedError, LinkRefusedError
from bot.networks.urls import PROFILE, SHORT_LINK, Address, address

_KIND = "activity|share|ugcPost"
_URN = re.compile(rf"urn:li:({_KIND}):([0-9]{{10,20}})")
_SLUG = re.compile(rf"(?:.*-)?({_KIND})-([0-9]{{10,20}})(?:-[\w-]{{1,16}})?")
_AUTHOR = re.compile(r"((?:[^\W_]|-){3,100})_")
_HANDLE = re.compile(r"[\w-]{3,100}")


class LinkedIn:
    """See `bot.networks.base.Network`."""

    name = "linkedin"
    label = "LinkedIn"
    handle_example = "samir-durand"
    order = 4
    next_tap = Message(N_("then tap repost"))

    def read_post(self, url: str) -> PostRef | None:
        """Normalise to `https://www.linkedin.com/feed/update/urn:li:activity:<id>/`.

        Raises:
            LinkRefusedError: a profile, a short link or another page of LinkedIn.
        """
        where = address(url)
        if where is None:
            return None
        if where.site == "lnkd.in":
            raise LinkRefusedError(SHORT_LINK)
        if not _is_linkedin(where):
            return None
        match where.parts:
            case ("feed", "update", urn, *_) | ("embed", "feed", "update", urn, *_):
                if found := _URN.fullmatch(urn):
                    return self._post(found[1], found[2], "")
            case ("posts", slug, *_):
                if found := _SLUG.fullmatch(slug):
                    author = _AUTHOR.match(slug)
                    return self._post(found[1], found[2], _clean(author[1]) if author else "")
            case ("in" | "company" | "school" | "pub", _, *_):
                raise LinkRefusedError(PROFILE)
        raise LinkRefusedError(
            Message(N_("This page of LinkedIn is not a post. Open your post and copy its link."))
        )

    def _post(self, kind: str, number: str, author: str) -> PostRef:
        urn = f"urn:li:{kind}:{number}"
        return PostRef(self.name, f"https://www.linkedin.com/feed/update/{urn}/", urn, author)

    def read_handle(self, text: str) -> str:
        """Normalise `samir-durand` or the profile's URL to `samir-durand`; letters of any script are kept.

        Raises:
            HandleRefusedError: not the last part of a personal profile's address.
        """
        text = text.strip()
        if "/" in text:
            where = address(text)
            parts = where.parts if where and _is_linkedin(where) else ()
            text = parts[1] if len(parts) > 1 and parts[0] == "in" else ""
        handle = _clean(text.removeprefix("@"))
        if not _HANDLE.fullmatch(handle):
            raise HandleRefusedError(
                Message(N_("Paste the address of your LinkedIn profile: linkedin.com/in/samir-durand"))
            )
        return handle

    def boost_url(self, post: PostRef, account: Account) -> str:  # noqa: ARG002  the browser knows who
        """Give the post itself: LinkedIn has no repost intent."""
        return post.url

    def account_url(self, account: Account, remote_id: str = "") -> str:  # noqa: ARG002  nothing is published
        """Give the profile."""
        return f"https://www.linkedin.com/in/{quote(account.handle)}/"

    def compose_url(self, text: str, page_url: str, account: Account) -> str:  # noqa: ARG002  it takes no words
        """Give LinkedIn's share page; the words come from the page's own tags."""
        return f"https://www.linkedin.com/sharing/share-offsite/?url={quote(page_url, safe='')}"


def _is_linkedin(where: Address) -> bool:
    return where.site == "linkedin.com" or re.fullmatch(r"[a-z]{2}\.linkedin\.com", where.host) is not None


def _clean(slug: str) -> str:
    return unicodedata.normalize("NFC", slug).lower()


NETWORK = LinkedIn()

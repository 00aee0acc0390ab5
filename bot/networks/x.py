"""X, once Twitter: posts by number, boosted through its web intent without any key."""

import re
from urllib.parse import quote

from bot.model.notice import PostRef
from bot.model.text import N_, Message
from bot.model.volunteer import Account
from bot.networks.base import HandleRefusedError, LinkRefusedError
from bot.networks.urls import PROFILE, SHORT_LINK, address, cut

_SITES = frozenset({"x.com", "twitter.com"})
_USER = re.compile(r"[A-Za-z0-9_]{1,15}")
_ID = re.compile(r"[1-9][0-9]{0,19}")
_PAGES = frozenset(
    {"compose", "explore", "hashtag", "home", "i", "intent", "login", "messages", "notifications"}
    | {"search", "settings", "share", "signup", "tos", "privacy"}
)
_TEXT_ROOM = 280 - 24
"""Characters X leaves beside a link, which counts 23 whatever its length, and a space."""


class X:
    """See `bot.networks.base.Network`."""

    name = "x"
    label = "X"
    handle_example = "@sam"
    order = 1
    next_tap = Message(N_("then confirm the repost"))

    def read_post(self, url: str) -> PostRef | None:
        """Normalise to `https://x.com/<user>/status/<id>`; the user is `i` when the link does not say.

        Raises:
            LinkRefusedError: a profile, a short link or another page of X.
        """
        where = address(url)
        if where is None:
            return None
        if where.site == "t.co":
            raise LinkRefusedError(SHORT_LINK)
        if where.site not in _SITES:
            return None
        match where.parts:
            case ("i", "web", "status" | "statuses", number, *_) if _ID.fullmatch(number):
                return self._post("", number)
            case ("i", "status", number, *_) if _ID.fullmatch(number):
                return self._post("", number)
            case (user, "status" | "statuses", number, *_) if _is_user(user) and _ID.fullmatch(number):
                return self._post(user.lower(), number)
            case (user, *rest) if _is_user(user) and rest[:1] not in (["status"], ["statuses"]):
                raise LinkRefusedError(PROFILE)
        raise LinkRefusedError(Message(N_("This page of X is not a post. Open your post and copy its link.")))

    def _post(self, user: str, number: str) -> PostRef:
        return PostRef(self.name, f"https://x.com/{user or 'i'}/status/{number}", number, user)

    def read_handle(self, text: str) -> str:
        """Normalise `@Sam`, `sam` or the profile's URL to `sam`.

        Raises:
            HandleRefusedError: not 1 to 15 letters, digits or underscores.
        """
        handle = text.strip()
        if "/" in handle:
            where = address(handle)
            handle = where.parts[0] if where and where.site in _SITES and where.parts else ""
        handle = handle.removeprefix("@")
        if not _is_user(handle):
            raise HandleRefusedError(
                Message(N_("A handle on X is at most 15 letters, digits or underscores, like @sam"))
            )
        return handle.lower()

    def boost_url(self, post: PostRef, account: Account) -> str:  # noqa: ARG002  the browser knows who
        """Give X's own “Repost?” page."""
        return f"https://x.com/intent/retweet?tweet_id={quote(post.remote_id, safe='')}"

    def account_url(self, account: Account, remote_id: str = "") -> str:  # noqa: ARG002  nothing is published
        """Give the profile."""
        return f"https://x.com/{account.handle}"

    def compose_url(self, text: str, page_url: str, account: Account) -> str:  # noqa: ARG002  the browser knows
        """Give X's composer with the words and the page's link."""
        words = quote(cut(text, _TEXT_ROOM), safe="")
        return f"https://x.com/intent/post?text={words}&url={quote(page_url, safe='')}"


def _is_user(text: str) -> bool:
    return _USER.fullmatch(text) is not None and text.lower() not in _PAGES


NETWORK = X()

"""Mastodon and the fediverse: any public host, boosted through the volunteer's own instance."""

import re
from urllib.parse import quote

from bot.model.notice import PostRef
from bot.model.text import N_, Message
from bot.model.volunteer import Account
from bot.networks.base import HandleRefusedError, LinkRefusedError
from bot.networks.urls import PROFILE, Address, address, cut, public_host

_NAME = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?"
_USER = re.compile(_NAME)
_AT = rf"@(?P<user>{_NAME})(?:@(?P<home>[^/@\s]{{3,253}}))?"
_ULID = r"[0-9A-HJKMNP-TV-Z]{26}"
_KEY = r"[0-9A-Za-z]{10,32}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FORMS = tuple(
    (re.compile(form), normal)
    for form, normal in (
        (rf"{_AT}/(?P<id>[0-9]{{1,20}})(?:/embed)?", "@{shown}/{id}"),  # Mastodon
        (rf"users/(?P<user>{_NAME})/statuses/(?P<id>[0-9]{{1,20}})", "@{user}/{id}"),
        (r"ap/users/(?P<id>[0-9]{1,20}/statuses/[0-9]{1,20})", "ap/users/{id}"),
        (rf"{_AT}/(?P<kind>statuses|posts)/(?P<id>{_KEY})", "@{shown}/{kind}/{id}"),  # GoToSocial, Soapbox
        (rf"users/(?P<user>{_NAME})/statuses/(?P<id>{_ULID})", "@{user}/statuses/{id}"),
        (rf"(?P<kind>notice|notes)/(?P<id>{_KEY})", "{kind}/{id}"),  # Pleroma, Misskey
        (rf"objects/(?P<id>{_UUID})", "objects/{id}"),
        (rf"p/(?P<user>{_NAME})/(?P<id>[0-9]{{1,20}})", "p/{user}/{id}"),  # Pixelfed
    )
)
"""Paths of posts by software, the first that fits wins, and how each is written once normalised."""
_PROFILE = re.compile(
    rf"{_AT}(?:/(?:with_replies|media|followers|following|featured))?|users/(?P<name>{_NAME})"
)
# Sites with `/@name` pages outside the fediverse: without this a channel would look like a profile.
_NOT_FEDIVERSE = frozenset(
    {"youtube.com", "tiktok.com", "threads.net", "threads.com", "medium.com", "substack.com", "telegram.org"}
    | {"t.me", "facebook.com", "instagram.com", "reddit.com", "x.com", "twitter.com", "t.co", "bsky.app"}
    | {"linkedin.com", "lnkd.in", "github.com", "pinterest.com", "snapchat.com", "twitch.tv", "vk.com"}
)
_TEXT_MAX = 500
"""Characters of a post on an instance that changed nothing."""


class Mastodon:
    """See `bot.networks.base.Network`. Comes after the others would have known their own hosts."""

    name = "mastodon"
    label = "Mastodon"
    handle_example = "samir@piaille.fr"
    order = 2
    next_tap = Message(N_("then tap the boost arrows"))

    def read_post(self, url: str) -> PostRef | None:
        """Normalise to the post's public URL, which is its remote id too: ids count only on their instance.

        Raises:
            LinkRefusedError: a profile.
        """
        where = address(url)
        if where is None or _site(where.host) in _NOT_FEDIVERSE:
            return None
        parts = where.parts[1:] if where.parts[:1] in {("web",), ("deck",)} else where.parts
        found = _post_at(where.host, parts)
        if found is None:
            if _PROFILE.fullmatch("/".join(parts)):
                raise LinkRefusedError(PROFILE)
            return None
        path, author = found
        link = f"https://{where.host}/{path}"
        return PostRef(self.name, link, link, author)

    def read_handle(self, text: str) -> str:
        """Normalise `@Samir@piaille.fr` or the profile's URL to `samir@piaille.fr`.

        Raises:
            HandleRefusedError: no instance is named, or it is not a public host.
        """
        text = text.strip()
        user, host = "", ""
        where = address(text) if "/" in text else None
        if where is not None and _site(where.host) not in _NOT_FEDIVERSE:
            user, host = _owner(where)
        elif "/" not in text:
            user, _, host = text.removeprefix("@").rpartition("@")
        checked = public_host(host)
        if checked is None or not _USER.fullmatch(user) or _site(checked) in _NOT_FEDIVERSE:
            raise HandleRefusedError(
                Message(N_("On Mastodon a handle has two parts, like samir@piaille.fr: add your instance"))
            )
        return f"{user.lower()}@{checked}"

    def boost_url(self, post: PostRef, account: Account) -> str:
        """Give the page of the volunteer's own instance that shows the post with its boost button."""
        return f"https://{account.instance}/authorize_interaction?uri={quote(post.url, safe='')}"

    def account_url(self, account: Account, remote_id: str = "") -> str:
        """Give the profile, or a post by its id, on the account's own instance."""
        name = account.handle.rpartition("@")[0]
        return f"https://{account.instance}/@{name}" + (f"/{quote(remote_id)}" if remote_id else "")

    def compose_url(self, text: str, page_url: str, account: Account) -> str:
        """Give the composer of the volunteer's own instance with the words and the page's link."""
        words = f"{cut(text, _TEXT_MAX - len(page_url) - 1)} {page_url}"
        return f"https://{account.instance}/share?text={quote(words, safe='')}"


def _site(host: str) -> str:
    """Give the last two labels: `youtube.com` for `m.youtube.com`."""
    return ".".join(host.split(".")[-2:])


def _post_at(host: str, parts: tuple[str, ...]) -> tuple[str, str] | None:
    """Give the normal path of a post and its author, empty when the path does not say."""
    path = "/".join(parts)
    for form, normal in _FORMS:
        if found := form.fullmatch(path):
            named = found.groupdict()
            user = (named.get("user") or "").lower()
            home = public_host(named["home"]) if named.get("home") else host
            if home is None:
                return None
            shown = user if home == host else f"{user}@{home}"
            return normal.format(**{**named, "user": user, "shown": shown}), f"{user}@{home}" if user else ""
    return None


def _owner(where: Address) -> tuple[str, str]:
    """Read whose profile or post an address shows."""
    path = "/".join(where.parts)
    if found := re.match(rf"(?:(?:web|deck)/)?(?:users/(?P<name>{_NAME})|{_AT})(?:/|$)", path):
        return found["name"] or found["user"], found["home"] or where.host
    return "", ""


NETWORK = Mastodon()

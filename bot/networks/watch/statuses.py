"""A status of Mastodon's API as a found post. Pure; everything in it is somebody else's JSON."""

import html
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model.found import FoundAuthor, FoundPost
from bot.model.notice import PostRef
from bot.networks.base import LinkRefusedError
from bot.networks.mastodon import NETWORK
from bot.networks.watch.base import Wanted

_SHOWN = ("public", "unlisted")
_TAG = re.compile(r"<(/?[A-Za-z][A-Za-z0-9]*+|[/!?])[^<>]*+>")
_LINES = frozenset({"br", "p"})


def plain(content: str) -> str:
    """Give the words of a status's HTML, in a time that grows as its length does.

    The standard library's parser takes 13 s for 20,000 characters of `<a ` (measured), and fails on `<![x[`.
    """
    text = _TAG.sub(lambda tag: "\n" if tag[1].lower() in _LINES else "", content)
    return html.unescape(text).strip()


def found_in(status: Mapping[str, Any], wanted: Wanted, host: str) -> FoundPost | None:
    """Give the post of a status seen on `host`; None when it is not public or lacks what every status has.

    The post is known by its own address, the same on every instance that shows it.
    """
    account, post = status.get("account"), _post(status)
    if not isinstance(account, dict) or post is None or status.get("visibility") not in _SHOWN:
        return None
    text = plain(str(status.get("content") or ""))
    mentions = [m for m in status.get("mentions") or () if isinstance(m, dict)]
    return FoundPost(
        post=post,
        author=_author(account, post, host),
        text=text,
        at=_time(status.get("created_at")),
        lang=str(status.get("language") or ""),
        mentions=bool(wanted.account) and any(_full(m, host) == wanted.account.lower() for m in mentions),
        boost=status.get("reblog") is not None,
        reply=status.get("in_reply_to_id") is not None,
        quote=status.get("quote") is not None,
        sensitive=bool(status.get("sensitive") or status.get("spoiler_text")),
    )


def _post(status: Mapping[str, Any]) -> PostRef | None:
    """Normalise the post's address as the form does, so that both know it for the same."""
    for name in ("url", "uri"):
        address = status.get(name)
        try:
            if isinstance(address, str) and (post := NETWORK.read_post(address)) is not None:
                return post
        except LinkRefusedError:
            continue
    return None


def _author(account: Mapping[str, Any], post: PostRef, host: str) -> FoundAuthor:
    hidden = account.get("noindex") is True or account.get("indexable") is False
    gone = any(account.get(name) for name in ("suspended", "limited", "memorial"))
    return FoundAuthor(
        id=str(account.get("uri") or account.get("url") or post.author),
        handle=_full(account, host),
        name=str(account.get("display_name") or ""),
        bio=plain(str(account.get("note") or "")),
        bot=account.get("bot") is True,
        locked=account.get("locked") is True,
        hidden=hidden or gone,
    )


def _full(account: Mapping[str, Any], host: str) -> str:
    """Give `name@host`: an instance writes its own people without a host."""
    name = str(account.get("acct") or "").lower()
    return name if "@" in name or not name else f"{name}@{host}"


def _time(text: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

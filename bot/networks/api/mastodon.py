"""Boosting on Mastodon and its kin, each account through its own instance.

Contract: mastodon/documentation methods/statuses.md and methods/search.md. Ids are strings that count on
their own instance only; a post is known everywhere by its address. Measured with GoToSocial: a second boost
is another boost there, and its windows count all calls from one machine.
"""

import asyncio
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from bot.model.calls import Action, Limit, Scope
from bot.model.notice import PostRef
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Intent, Lent, Look, Made
from bot.networks.api.mastodon_answers import GoneError, learnt, object_of, time_of
from bot.networks.api.mastodon_client import PAGES, TRIES_S, Client, host_of, scope_of
from bot.networks.base import LinkRefusedError
from bot.networks.connect.mastodon_key import Key, read_key
from bot.networks.connect.mastodon_oauth import Desk
from bot.networks.errors import RefusedError, UnavailableError
from bot.networks.http import Http, NoAnswerError, NotSentError
from bot.networks.mastodon import NETWORK
from bot.networks.watch.statuses import plain

RESOLVE_S = ((0.0, 12.0), (1.5, 6.0))
"""Seconds before each try to let an instance find a post, and for the try; delivery gives 20 for all.

GoToSocial finds nothing while the post is just coming in by itself (measured).
"""
ORIGIN_S = 5.0
"""Seconds for the post's own instance to say whether the post is still there."""
SKEW = timedelta(minutes=5)
"""How far an instance's clock may be from ours before a boost of ours looks like one made earlier."""
FRESH = timedelta(minutes=5)
"""A token that ends sooner is renewed before it is used."""
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_URI = re.compile(r"https?://[!-~]{1,500}")
_QUOTE = re.compile(r"""\A<p class=["']quote-inline["']>(?:(?!</p>).)*+</p>""", re.DOTALL)
_SHOWN = frozenset({"public", "unlisted"})
_GONE = frozenset({404, 410})
_CALLS = frozenset(set(Action) - {Action.RENEW})
REQUESTS = {
    Action.LOCATE: len(RESOLVE_S),
    Action.LOOK: 1,
    Action.BOOST: 2,
    Action.UNDO: len(TRIES_S),
    Action.READ_BACK: 1 + PAGES,
    Action.PUBLISH: PAGES + 1,
}
"""How many at most an act makes at the account's instance."""
_GOTOSOCIAL = "GoToSocial docs/api/ratelimiting.md, measured"
_RACK = "mastodon/mastodon config/initializers/rack_attack.rb"
LIMITS = (
    Limit(
        Scope.ACCOUNT,
        frozenset({Action.BOOST, Action.PUBLISH}),
        300,
        timedelta(hours=3),
        "mastodon/mastodon app/lib/rate_limiter.rb, family statuses: posts and boosts together",
    ),
    Limit(Scope.ACCOUNT, frozenset({Action.UNDO}), 30, timedelta(minutes=30), _RACK),
    Limit(Scope.ACCOUNT, _CALLS, 300, timedelta(minutes=5), _RACK),
    # Mastodon counts no instance as a whole, GoToSocial nothing else: 300 requests. An act's last may go out
    # 20 seconds after it was counted, so 280 are held in five minutes. For all, whatever they run.
    Limit(Scope.INSTANCE, _CALLS, 280, timedelta(minutes=5), _GOTOSOCIAL, REQUESTS),
)


class MastodonApi:
    """See `bot.networks.api.base.Api`."""

    name = "mastodon"
    limits: tuple[Limit, ...] = LIMITS
    prices: Mapping[Action, int] = {}
    reads_back = True

    def __init__(self, http: Http) -> None:
        self._http = http
        self._client = Client(http)
        self._desk = Desk(http)

    def place(self, account: Account) -> str:
        """Give the instance: ids are its own."""
        return account.instance

    async def renew(self, lent: Lent, now: datetime) -> Secret | None:
        """Give a fresh token when this one ends soon. Mastodon's never do, some of its kin's do.

        Raises:
            AccessLostError: the server renews it no more.
        """
        key = read_key(lent.token)
        if not key.ends or datetime.fromisoformat(key.ends) - now > FRESH:
            return None
        return (await self._desk.refresh(key)).text()

    async def locate(self, lent: Lent, post: PostRef) -> str:
        """Let the account's instance fetch the post if it must; give its id there and its own address.

        Raises:
            RefusedError: it cannot be found from there now: gone, private, or the instances do not speak.
        """
        key = read_key(lent.token)
        params = {"q": post.url, "resolve": "true", "type": "statuses", "limit": "1"}
        for pause_s, deadline_s in RESOLVE_S:
            await asyncio.sleep(pause_s)
            data = await self._client.read(key, "v2/search", params, deadline_s=deadline_s)
            found = data.get("statuses") if isinstance(data, dict) else None
            for status in found if isinstance(found, list) else ():
                if isinstance(status, dict) and (target := _target(status, post, lent.account.instance)):
                    return target
            if found != []:
                break
        message = f"{host_of(key)} does not find the post"
        raise RefusedError(message)

    async def look(self, lent: Lent, target: str) -> Look:
        """Read the post as the account's instance has it; only the post's own instance says that it is gone.

        An instance may keep a copy long after the post was deleted (measured), and may show none of one that
        is there: its author blocks this account, or it threw old copies away.

        Raises:
            RefusedError: it is not for this account, and nobody says that it is gone.
        """
        key, (local, uri) = read_key(lent.token), _parts(target)
        try:
            status = _whole(await self._client.read(key, f"v1/statuses/{local}"), local, key)
        except GoneError:
            if await self._is_gone(uri):
                return Look(None)
            raise
        at_home = urlsplit(uri).netloc == lent.account.instance
        if status.get("visibility") not in _SHOWN or (not at_home and await self._is_gone(uri)):
            return Look(None)
        return Look(digest_of(status), edited_at=time_of(status.get("edited_at")))

    async def boost(self, lent: Lent, intent: Intent) -> Made:
        """Boost; where the instance would make a second one of the same, look first, one page back.

        Raises:
            RefusedError: the post is gone, or its author does not let this account.
        """
        key = read_key(lent.token)
        if not key.idempotent and (made := await self._made_before(key, intent, pages=1)):
            return made
        local, _ = _parts(intent.target)
        answer = await self._client.change(key, f"v1/statuses/{local}/reblog")
        now = datetime.now(UTC)
        boost = object_of(answer, "a boost")
        inner = boost.get("reblog")
        original = inner if isinstance(inner, dict) else boost
        if original.get("id") != local:
            message = f"{host_of(key)} answered with another post"
            raise NoAnswerError(message)
        return _made(boost, intent, learnt(answer, Action.BOOST, scope_of(key), now))

    async def undo(self, lent: Lent, intent: Intent, remote_id: str) -> None:  # noqa: ARG002  the post says all
        """Take the boost back, and any double of it where each counts alone, until none is shown."""
        key, (local, _) = read_key(lent.token), _parts(intent.target)
        for pause_s in TRIES_S:
            await asyncio.sleep(pause_s)
            try:
                answer = await self._client.change(key, f"v1/statuses/{local}/unreblog")
            except GoneError:  # with the post its boosts went
                return
            if object_of(answer, "a post").get("reblogged") is not True:
                return
        message = f"{host_of(key)} still shows a boost"
        raise UnavailableError(message)

    async def read_back(self, lent: Lent, intent: Intent) -> Made | None:
        """Ask the instance itself, which is strongly consistent for its own account.

        Raises:
            UnavailableError: the answer does not say.
        """
        return await self._made_before(read_key(lent.token), intent, PAGES)

    async def _made_before(self, key: Key, intent: Intent, pages: int) -> Made | None:
        local, _ = _parts(intent.target)
        try:
            status = _whole(await self._client.read(key, f"v1/statuses/{local}"), local, key)
        except GoneError:
            return None
        boosted = status.get("reblogged")
        if not isinstance(boosted, bool):
            message = f"{host_of(key)} does not say whether the account boosted"
            raise UnavailableError(message)
        return await self._own(key, intent, pages) if boosted else None

    async def _own(self, key: Key, intent: Intent, pages: int) -> Made:
        """Find the boost among the account's own posts; one that is older than the intent was before."""
        local, _ = _parts(intent.target)
        async for row in self._client.own(key, intent.at - SKEW, pages):
            inner = row.get("reblog")
            if isinstance(inner, dict) and inner.get("id") == local:
                return _made(row, intent)
        return Made(local, before=True)

    async def _is_gone(self, uri: str) -> bool:
        """Whether the post's own instance says that it is no more; silence or a closed door say nothing."""
        headers = {"Accept": "application/activity+json"}
        try:
            answer = await self._http.request("GET", uri, headers=headers, deadline_s=ORIGIN_S)
        except (NotSentError, NoAnswerError):
            return False
        return answer.status in _GONE


def _parts(target: str) -> tuple[str, str]:
    """Give what `locate` wrote: a post's id at the account's instance, and its own address or nothing."""
    local, _, uri = target.partition(" ")
    return local, uri


def digest_of(status: Mapping[str, Any]) -> str:
    """Digest a post's words, warning included: the same on every instance, whatever it does to the HTML.

    A paragraph that stands in for a quote is left out: instances that show quotes need none.
    """
    content = _QUOTE.sub("", str(status.get("content") or ""))
    words = [str(status.get("spoiler_text") or ""), plain(content)]
    normal = [" ".join(unicodedata.normalize("NFC", text).split()) for text in words]
    return sha256(json.dumps(normal, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _made(boost: Mapping[str, Any], intent: Intent, windows: Sequence[Any] = ()) -> Made:
    """Say what was made; the boost's own date tells one that the volunteer made before us."""
    at = time_of(boost.get("created_at"))
    remote_id = boost.get("id")
    return Made(
        remote_id if isinstance(remote_id, str) else _parts(intent.target)[0],
        before=at is not None and at < intent.at - SKEW,
        learnt=tuple(windows),
    )


def _whole(data: Any, target: str, key: Key) -> Mapping[str, Any]:
    """Let the post that was asked for through.

    Raises:
        UnavailableError: it is another, or none.
    """
    if not isinstance(data, dict) or data.get("id") != target:
        message = f"{host_of(key)} answered with another post"
        raise UnavailableError(message, scope=Scope.INSTANCE)
    return data


def _target(status: Mapping[str, Any], post: PostRef, instance: str) -> str:
    """Give a found post's id and address if it is the one looked for and may be boosted, else nothing."""
    inner = status.get("reblog")
    if isinstance(inner, dict):
        return _target(inner, post, instance)
    shown, account, target = status.get("visibility"), status.get("account"), status.get("id")
    if shown not in _SHOWN or not isinstance(account, dict):
        return ""
    addresses = {str(status.get(name) or "") for name in ("url", "uri")}
    acct = str(account.get("acct") or "").lower()
    author = acct if "@" in acct else f"{acct}@{instance}"
    same = (
        post.url in addresses
        or post.remote_id in {_normal(one) for one in addresses}
        # A post as another instance shows it has an address of that instance; its author tells.
        or (_foreign(post) and author == post.author)
    )
    if not (same and isinstance(target, str) and _ID.fullmatch(target)):
        return ""
    uri = str(status.get("uri") or "")
    return f"{target} {uri}" if _URI.fullmatch(uri) and _at_home(uri, post) else target


def _normal(address: str) -> str:
    """Normalise the address of a post as the form does."""
    try:
        found = NETWORK.read_post(address)
    except LinkRefusedError:
        return ""
    return found.remote_id if found else ""


def _at_home(uri: str, post: PostRef) -> bool:
    """Whether an address is of the post's own instance: no other says whether the post is gone."""
    return urlsplit(uri).netloc.lower() in {urlsplit(post.url).netloc, post.author.rpartition("@")[2]}


def _foreign(post: PostRef) -> bool:
    """Whether a post's address belongs to an instance that is not its author's."""
    home = post.author.rpartition("@")[2]
    return bool(home) and urlsplit(post.url).netloc != home

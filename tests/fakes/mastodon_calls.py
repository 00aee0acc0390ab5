"""What the fake instance answers to calls with a token: searching, reading, boosting, posting, deleting."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.wire import Request

if TYPE_CHECKING:
    from tests.fakes.mastodon import FakeMastodon

Status = dict[str, Any]


class SaysNoError(Exception):
    """An error, in the words of mastodon/mastodon app/controllers/api/base_controller.rb."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status, self.error = status, error


@dataclass
class Grant:
    """A token: whose, for what."""

    who: str
    scopes: frozenset[str]
    client_id: str = ""
    refresh: str = ""

    def covers(self, scope: str) -> bool:
        """Whether it may do this."""
        return bool({scope, scope.partition(":")[0]} & self.scopes)


@dataclass
class Reply:
    """An answer: JSON, or a page when `data` is text."""

    data: Any
    status: int = 200
    headers: list[str] = field(default_factory=list)


LATE_S = 0.05
"""How long a queue takes."""
ALL = frozenset({"profile", "read:statuses", "read:search", "write:statuses"})


def answer(fake: "FakeMastodon", asked: Request, grant: Grant | None) -> Reply | None:
    """Answer a call with a token; None when the API has no such call."""
    for method, form, scopes, handle in _ROUTES:
        found = re.fullmatch(form, asked.path)
        if method != asked.method or not found:
            continue
        if grant is None:
            raise SaysNoError(401, "The access token is invalid")
        if not any(map(grant.covers, scopes)):
            raise SaysNoError(403, "This action is outside the authorized scopes")
        return Reply(handle(fake, grant.who, asked, *found.groups()))
    return None


def _search(fake: "FakeMastodon", who: str, asked: Request) -> Any:
    """Find a post by its address, at its own instance if need be."""
    if asked.query.get("type") == "accounts":
        return {"accounts": _people(fake, asked.query["q"]), "statuses": [], "hashtags": []}
    wanted, known = asked.query["q"], [one for one in fake.statuses if _has(one, asked.query["q"])]
    if not known and asked.query.get("resolve") == "true":
        for peer in fake.peers:
            for one in peer.statuses:
                if _has(one, wanted) and one["visibility"] in {"public", "unlisted"}:
                    fake.statuses.append(one | {"id": fake.new_id()})
                    known = [fake.statuses[-1]]
    shown = [_shown(fake, who, one) for one in known if _visible(one, who, fake)][:1]
    return {"accounts": [], "statuses": shown, "hashtags": []}


def _people(fake: "FakeMastodon", address: str) -> list[Status]:
    """Find somebody at a linked instance by the address of the profile."""
    everybody = [(peer, who) for peer in fake.peers for who in peer.people]
    return [
        peer.person(who) | {"id": peer.people[who]}
        for peer, who in everybody
        if peer.person(who)["url"] == address
    ]


def _follow(fake: "FakeMastodon", _who: str, _asked: Request, key: str) -> Any:
    """Let the other instance send its deletions here from now on."""
    for peer in fake.peers:
        if key in peer.people.values():
            peer.followers.append(fake)
    return {"id": key, "following": True}


def _has(status: Status, address: str) -> bool:
    return address in {status["uri"], status["url"]}


def _find(fake: "FakeMastodon", who: str, key: str) -> Status:
    found = next((one for one in fake.statuses if one["id"] == key), None)
    if found is None:
        boost = next((one for one in fake.boosts if one["id"] == key), None)
        found = boost["reblog"] if boost else None
    if found is None or not _visible(found, who, fake):
        raise SaysNoError(404, "Record not found")
    return found


def _visible(status: Status, who: str, fake: "FakeMastodon") -> bool:
    return status["visibility"] in {"public", "unlisted"} or status["account"]["acct"] == fake.acct(who)


def _shown(fake: "FakeMastodon", who: str, status: Status) -> Status:
    """Give a post as somebody sees it."""
    boosts = [one for one in fake.boosts if one["reblog"] is status]
    mine = any(one["account"]["acct"] == fake.acct(who) for one in boosts)
    more = {"reblogged": mine, "favourited": False, "bookmarked": False, "muted": False}
    more |= {"account": _account(fake, status["account"])}
    return status | {"reblogs_count": len(boosts)} | more


def _account(fake: "FakeMastodon", account: Status) -> Status:
    """Give an account as the instance shows it: its own people without the host."""
    return account | {"acct": account["acct"].removesuffix(f"@{fake.name}")}


def _wrapper(fake: "FakeMastodon", who: str, boost: Status) -> Status:
    return _shown(fake, who, boost) | {"reblog": _shown(fake, who, boost["reblog"]), "reblogged": True}


def _mine(fake: "FakeMastodon", who: str, status: Status) -> Iterator[Status]:
    for boost in fake.boosts:
        if boost["reblog"] is status and boost["account"]["acct"] == fake.acct(who):
            yield boost


def _read(fake: "FakeMastodon", who: str, _asked: Request, key: str) -> Any:
    return _shown(fake, who, _find(fake, who, key))


def _boost(fake: "FakeMastodon", who: str, _asked: Request, key: str) -> Any:
    status = _find(fake, who, key)
    if status["account"]["acct"] in fake.blocked:
        raise SaysNoError(403, "This action is not allowed")
    boost = next(_mine(fake, who, status), None)
    if boost is None or fake.duplicating:
        boost = fake.written(who, content="", reblog=status)
        fake.boosts.append(boost)
    return _wrapper(fake, who, boost)


def _unboost(fake: "FakeMastodon", who: str, _asked: Request, key: str) -> Any:
    """Take one boost back, and answer with the post whether there was one or not."""
    status = _find(fake, who, key)
    if boost := next(_mine(fake, who, status), None):
        _later(fake, lambda: fake.boosts.remove(boost) if boost in fake.boosts else None)
    return _shown(fake, who, status)


def _later(fake: "FakeMastodon", effect: Callable[[], None]) -> None:
    """Have an effect: at once, or after the answer, where a queue does it (GoToSocial)."""
    if fake.duplicating:
        asyncio.get_running_loop().call_later(LATE_S, effect)
    else:
        effect()


def _own(fake: "FakeMastodon", who: str, asked: Request, key: str) -> Any:
    """Give what somebody posted and boosted, the newest first."""
    if key != fake.people[who]:
        raise SaysNoError(404, "Record not found")
    rows = [_wrapper(fake, who, one) for one in fake.boosts if one["account"]["id"] == key]
    rows += [_shown(fake, who, one) for one in fake.statuses if one["account"]["id"] == key]
    rows.sort(key=lambda one: (len(one["id"]), one["id"]), reverse=True)
    if below := asked.query.get("max_id"):
        rows = [one for one in rows if (len(one["id"]), one["id"]) < (len(below), below)]
    return rows[: int(asked.query.get("limit", "20"))]


def _who(fake: "FakeMastodon", who: str, _asked: Request) -> Any:
    source = {"note": "", "fields": [], "privacy": "public", "sensitive": False, "language": "fr"}
    source |= {"follow_requests_count": 0, "indexable": True, "discoverable": True}
    role = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
    return _account(fake, fake.person(who)) | {"source": source, "role": role}


def _publish(fake: "FakeMastodon", who: str, asked: Request) -> Any:
    """Post; the same key gives the same post, but not on GoToSocial (measured)."""
    form, key = asked.form(), asked.header("idempotency-key")
    if len(form["status"]) > fake.length:
        raise SaysNoError(422, "Validation failed: Text character limit exceeded")
    if key and (known := fake.keys.get(key)) and not fake.duplicating:
        return _shown(fake, who, known)
    more = {"visibility": form.get("visibility", "public"), "language": form.get("language", "fr")}
    status = fake.written(who, content=f"<p>{form['status']}</p>", **more)
    fake.statuses.append(status)
    fake.keys[key] = status
    return _shown(fake, who, status)


def _delete(fake: "FakeMastodon", who: str, _asked: Request, key: str) -> Any:
    status = _find(fake, who, key)
    if status["account"]["acct"] != fake.acct(who):
        raise SaysNoError(404, "Record not found")
    _later(fake, lambda: fake.delete(status))
    return _shown(fake, who, status)


def now() -> str:
    """Give the time as the API writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_KEY = "([0-9A-Za-z-]+)"
_ROUTES: tuple[tuple[str, str, tuple[str, ...], Callable[..., Any]], ...] = (
    ("GET", "/api/v2/search", ("read:search",), _search),
    ("GET", f"/api/v1/statuses/{_KEY}", ("read:statuses",), _read),
    ("POST", f"/api/v1/statuses/{_KEY}/reblog", ("write:statuses",), _boost),
    ("POST", f"/api/v1/statuses/{_KEY}/unreblog", ("write:statuses",), _unboost),
    ("POST", "/api/v1/statuses", ("write:statuses",), _publish),
    ("DELETE", f"/api/v1/statuses/{_KEY}", ("write:statuses",), _delete),
    ("GET", f"/api/v1/accounts/{_KEY}/statuses", ("read:statuses",), _own),
    ("POST", f"/api/v1/accounts/{_KEY}/follow", ("write:follows", "write:statuses"), _follow),
    ("GET", "/api/v1/accounts/verify_credentials", ("profile", "read:accounts"), _who),
)

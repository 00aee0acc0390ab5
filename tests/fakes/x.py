"""X on loopback for many users: search, mentions, look-ups, boosts, OAuth, windows, credits, both dialects.

Written after docs.x.com and what others saw of it; held against X's OpenAPI documents in tests/networks.
"""

import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fakes.wire import Request, Writer, read_head, whole, wire
from tests.fakes.x_bounds import ENDPOINTS, Money, Windows, problem
from tests.fakes.x_oauth import Oauth, Token

JSON, PROBLEM = "Content-Type: application/json", "Content-Type: application/problem+json"
DEFAULT = {"id", "text", "edit_history_tweet_ids"}
"""Of a post in the dialect of `tweet.fields`, given without asking."""
EXPANDED = {"author_id", "edit_history_post_ids", "referenced_posts"}
"""Of a post in the dialect of `post.fields`, given only when asked for as expansions."""
_NAMES = {"edit_history_tweet_ids": "edit_history_post_ids", "referenced_tweets": "referenced_posts"}


@dataclass
class FakeX:
    """What was posted, oldest first, and how X behaves.

    `dialects` are the parameters whose fields are answered; fields of another are dropped without a word.
    """

    token: str = "s3cret"
    """The app's own bearer token."""
    dialects: frozenset[str] = frozenset({"tweet.fields", "post.fields"})
    raw: bytes | None = None
    """Answer this instead."""
    endless: bool = False
    """Give a token for more pages even on the last."""
    gone: Literal["errors", "missing"] = "errors"
    """How a boost of a post that is gone is answered: 200 with errors, or 404. Which is X's is not known."""
    rest: str = "rest_id"
    """What a boost's own number is called in the answer: `id` before document 2.167."""
    closed: bool = False
    """Self-serve apps may not boost: 403 client-forbidden."""
    first: int = field(default_factory=lambda: (int(time.time() * 1000) - 1_288_834_974_657) << 22)
    """Number of the first post: X's numbers say when a post was made."""
    now: Callable[[], float] = time.time
    url: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    users: dict[str, str] = field(default_factory=dict)
    """Names by number."""
    boosts: set[tuple[str, str]] = field(default_factory=set)
    """User and post."""
    made: list[tuple[str, str]] = field(default_factory=list)
    """The same, every time that one was made."""
    blocks: set[tuple[str, str]] = field(default_factory=set)
    """Author and user."""
    protected: set[str] = field(default_factory=set)
    """Authors whose posts only their followers see."""
    windows: Windows = field(default_factory=Windows)
    money: Money = field(default_factory=Money)

    def __post_init__(self) -> None:
        self.oauth = Oauth(self.now)

    def user(self, name: str) -> str:
        """Add a user; give the number."""
        number = str(1000 + len(self.users))
        self.users[number] = name
        return number

    def post(self, text: str, **values: Any) -> str:
        """Add a post; give its number."""
        number = str(self.first + len(self.rows))
        row = {
            "id": number,
            "text": text,
            "author_id": "77",
            "created_at": "2026-11-25T08:00:00.000Z",
            "lang": "fr",
        }
        self.rows.append(row | {"edit_history_tweet_ids": [number]} | values)
        return number

    def edit(self, number: str, text: str) -> None:
        """Edit a post: a new number, and both know of each other."""
        old = self._row(number)
        assert old is not None
        new = self.post(text, author_id=old["author_id"])
        old["edit_history_tweet_ids"] = [*old["edit_history_tweet_ids"], new]
        self.rows[-1]["edit_history_tweet_ids"] = old["edit_history_tweet_ids"]

    def delete(self, number: str) -> None:
        """Delete a post."""
        self.rows = [row for row in self.rows if row["id"] != number]

    async def answer(self, request: bytes, writer: Writer) -> None:
        """Answer one request."""
        asked = read_head(request)
        self.asked.append(asked.query | {"path": asked.path, "method": asked.method})
        if self.raw is not None:
            writer.write(self.raw)
        elif asked.path.startswith("/2/oauth2/"):
            self.oauth.answer(asked, writer)
        else:
            writer.write(self._bounded(asked))

    def _bounded(self, asked: Request) -> bytes:
        """Check who asks, money and windows, in this order."""
        bearer = asked.header("authorization").removeprefix("Bearer ")
        token = self.oauth.whose(bearer)
        if token is None and bearer != self.token:
            body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
            return whole(json.dumps(body).encode(), 401, PROBLEM)
        endpoint = _endpoint(asked)
        fits, headers = self.windows.count(endpoint, token.user if token else "", self.now())
        if not fits:
            body = {
                "title": "Too Many Requests",
                "detail": "Too Many Requests",
                "type": "about:blank",
                "status": 429,
            }
            return whole(json.dumps(body).encode(), 429, PROBLEM, *headers)
        if refusal := self.money.refusal():
            return whole(refusal[1], refusal[0], PROBLEM, *headers)
        status, found = self._done(asked, endpoint, token)
        return whole(found, status, JSON if status == 200 else PROBLEM, *headers)

    def _done(self, asked: Request, endpoint: tuple[str, str], token: Token | None) -> tuple[int, bytes]:
        if endpoint[1] in {"search", "mentions"}:
            return 200, json.dumps(self.page(asked.query)).encode()
        if endpoint[1] == "tweets":
            return 200, json.dumps(self._posts(asked.query, token.user if token else "")).encode()
        if token is None:
            detail = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint."
            return 403, problem("unsupported-authentication", "Unsupported Authentication", detail)
        if endpoint[1] == "me":
            self.money.charge(f"user {token.user}", "user", self.now())
            name = self.users[token.user]
            return 200, json.dumps({"data": {"id": token.user, "name": name, "username": name}}).encode()
        return self._boost(asked, endpoint[0], token)

    def _boost(self, asked: Request, method: str, token: Token) -> tuple[int, bytes]:
        whose, _, number = asked.path.removeprefix("/2/users/").partition("/retweets")
        if self.closed:
            reason = {"reason": "client-not-enrolled", "registration_url": "https://developer.x.com"}
            return 403, problem("client-forbidden", "Client Forbidden", "Not enrolled.", **reason)
        if "tweet.write" not in token.scopes:
            return 403, problem(
                "oauth2-missing-scope", "Forbidden", "You are not permitted to perform this action."
            )
        if whose != token.user:
            return 400, _invalid("The `id` must be the user that the token is of.")
        if method == "DELETE":
            self.boosts.discard((token.user, number[1:]))
            self.money.charge("", "undo", self.now())
            return 200, b'{"data":{"retweeted":false}}'
        body = asked.json()
        number = body.get("tweet_id")
        if body.keys() != {"tweet_id"} or not (isinstance(number, str) and number.isdecimal()):
            return 400, _invalid("$.tweet_id: string expected")
        return self._made(token.user, number)

    def _made(self, user: str, number: str) -> tuple[int, bytes]:
        row = self._row(number)
        if row is None:
            missing = json.loads(_missing(number))
            return (
                (404, _missing(number))
                if self.gone == "missing"
                else (200, json.dumps({"errors": [missing]}).encode())
            )
        if (row["author_id"], user) in self.blocks or row["author_id"] in self.protected:
            body = {"title": "Forbidden", "type": "about:blank", "status": 403}
            return 403, json.dumps(
                body | {"detail": "You are not permitted to perform this action."}
            ).encode()
        if (user, number) in self.boosts:
            return 400, _invalid("You cannot retweet a Tweet that you have already retweeted.")
        self.boosts.add((user, number))
        self.made.append((user, number))
        self.money.charge("", "boost", self.now())
        return 200, json.dumps({"data": {"retweeted": True, self.rest: str(int(number) + 1)}}).encode()

    def _row(self, number: str) -> dict[str, Any] | None:
        return next((row for row in self.rows if row["id"] == number), None)

    def _posts(self, query: dict[str, str], user: str) -> dict[str, Any]:
        """Give posts by number; for the missing ones a problem, all with 200."""
        rows, errors = [], []
        for number in query["ids"].split(","):
            row = self._row(number)
            if row is None:
                errors.append(json.loads(_missing(number)))
            elif row["author_id"] in self.protected or (row["author_id"], user) in self.blocks:
                errors.append(
                    json.loads(_missing(number, "not-authorized-for-resource", "Authorization Error"))
                )
            else:
                self.money.charge(f"post {number}", "post", self.now())
                rows.append(self._shown(row, query))
        return ({"data": rows} if rows else {}) | ({"errors": errors} if errors else {})

    def _shown(self, row: dict[str, Any], query: dict[str, str]) -> dict[str, Any]:
        """Give a post as the dialect of the question has it: the fields that were asked for, and no other."""
        asked = next((name for name in ("post.fields", "tweet.fields") if name in query), "")
        names = set(query[asked].split(",")) if asked in self.dialects else set()
        if asked == "tweet.fields":
            return {key: row[key] for key in row if key in names | DEFAULT}
        expansions = set(query.get("expansions", "").split(",")) & EXPANDED if names else set()
        if "author_id" in expansions:
            self.money.charge(f"user {row['author_id']}", "user", self.now())
        wanted = (names - EXPANDED) | expansions | {"id", "text"}
        return {name: value for key, value in row.items() if (name := _NAMES.get(key, key)) in wanted}

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """Give a page, newest first."""
        since, until = int(query.get("since_id", "0")), int(query.get("until_id", str(10**19)))
        fitting = [row for row in reversed(self.rows) if since < int(row["id"]) < until]
        page = fitting[: int(query["max_results"])]
        for row in page:
            self.money.charge(f"post {row['id']}", "post", self.now())
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if len(fitting) > len(page) or (self.endless and page):
            meta["next_token"] = "more"
        return {"data": [self._shown(row, query) for row in page], "meta": meta} if page else {"meta": meta}


def _endpoint(asked: Request) -> tuple[str, str]:
    """Name the endpoint of a path."""
    parts = asked.path.split("/")
    name = next((p for p in ("retweets", "mentions", "search", "me") if p in parts), "tweets")
    assert (asked.method, name) in ENDPOINTS, asked.path
    return asked.method, name


def _invalid(says: str) -> bytes:
    errors = [{"message": says}]
    return problem(
        "invalid-request", "Invalid Request", "One or more parameters was invalid.", 400, errors=errors
    )


def _missing(number: str, kind: str = "resource-not-found", title: str = "Not Found Error") -> bytes:
    detail = f"Could not find tweet with id: [{number}]."
    more = {"resource_type": "tweet", "resource_id": number, "parameter": "id", "value": number}
    return problem(kind, title, detail, 404, **more)


@asynccontextmanager
async def x(**switches: Any) -> AsyncIterator[FakeX]:
    """Serve on a free port."""
    fake = FakeX(**switches)
    async with wire(fake.answer) as url:
        fake.url = url
        yield fake

"""What bounds a call to X: windows per user and app, credits by UTC day, a spending limit."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

QUARTER_S, DAY_S = 900, 86_400
ENDPOINTS = {
    ("GET", "search"): (300, 450),
    ("GET", "mentions"): (300, 450),
    ("GET", "tweets"): (5_000, 3_500),
    ("GET", "me"): (75, None),
    ("POST", "retweets"): (50, None),
    ("DELETE", "retweets"): (50, None),
}
"""Calls in 15 minutes per user and per app: docs.x.com, x-api/fundamentals/rate-limits."""
PRICES = {"post": 5_000, "user": 10_000, "boost": 15_000, "undo": 10_000}
"""Micro-dollars: docs.x.com, x-api/getting-started/pricing."""


@dataclass
class Windows:
    """Fixed windows, each from its first call on."""

    day_user: int = 0
    """Most calls of one endpoint a day and user; 0: no such window."""
    day_app: int = 0
    open: dict[tuple[str, ...], tuple[float, int]] = field(default_factory=dict)
    """By what is counted: when it ends, and how many calls it has had."""

    def count(self, endpoint: tuple[str, str], user: str, now: float) -> tuple[bool, list[str]]:
        """Count a call; say whether it fits, and the headers of the answer."""
        per_user, per_app = ENDPOINTS[endpoint]
        short = per_user if user else per_app
        bounds = [("x-rate-limit", (*endpoint, user), short, QUARTER_S)] if short else []
        if user and self.day_user:
            bounds.append(("x-user-limit-24hour", (*endpoint, user, "day"), self.day_user, DAY_S))
        if self.day_app:
            bounds.append(("x-app-limit-24hour", (*endpoint, "app", "day"), self.day_app, DAY_S))
        fits, headers = True, []
        for name, key, most, per in bounds:
            end, used = self.open.get(key, (now + per, 0))
            if now >= end:
                end, used = now + per, 0
            fits = fits and used < most
            self.open[key] = (end, used + 1)
            left = max(0, most - used - 1)
            headers += [f"{name}-limit: {most}", f"{name}-remaining: {left}", f"{name}-reset: {int(end)}"]
        return fits, headers


@dataclass
class Money:
    """The developer account: what is left, what the operator allows a month, what was charged."""

    credits: int | None = None
    """Micro-dollars; None: without end."""
    cap: int | None = None
    charged: list[tuple[str, str, int]] = field(default_factory=list)
    """UTC day, what, micro-dollars. The same post or user is charged once a day."""

    @property
    def total(self) -> int:
        """Micro-dollars so far."""
        return sum(micros for *_, micros in self.charged)

    def refusal(self) -> tuple[int, bytes] | None:
        """Give the answer when nothing more may be spent. The windows' headers still look healthy."""
        if self.credits is not None and self.total >= self.credits:
            detail = "Your enrolled account [1] does not have any credits to fulfill this request."
            body = {"account_id": 1, "title": "CreditsDepleted", "detail": detail}
            return 402, json.dumps(body | {"type": "https://api.twitter.com/2/problems/credits"}).encode()
        if self.cap is not None and self.total >= self.cap:
            return 403, problem(
                "spend-cap-reached", "SpendCapReached", "Your monthly spend cap has been reached."
            )
        return None

    def charge(self, what: str, kind: str, now: float) -> None:
        """Charge for something that was returned or done; `what` names it."""
        day = datetime.fromtimestamp(now, UTC).date().isoformat()
        reads = kind in {"post", "user"}
        if not (reads and any(one[:2] == (day, what) for one in self.charged)):
            self.charged.append((day, what, PRICES[kind]))


def problem(kind: str, title: str, detail: str, status: int = 403, **more: object) -> bytes:
    """Give the body of a problem."""
    body = {"title": title, "detail": detail, "status": status}
    return json.dumps(body | {"type": f"https://api.x.com/2/problems/{kind}"} | more).encode()

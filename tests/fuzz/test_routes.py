"""Hostile requests to every route, made from the site's own routes and forms: none breaks it.

`FUZZ_EXAMPLES=10000 pytest tests/fuzz/test_routes.py` looks longer than the few of every day.
"""

import os
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.model.access import Role
from bot.web.guard import SAFE_METHODS
from tests.fuzz.town import Rank, Town, forms_of, values_of
from tests.web.test_headers import check
from tests.web.test_hostile import LINKS, PAYLOADS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "100"))
METHODS = ("GET", "POST", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY")
NUMBERS = (
    "0",
    "-1",
    "1",
    "3",
    "9" * 18,
    "9" * 19,
    "9" * 30,
    "1e9",
    "1.0",
    "0x1",
    "٣",
    "+1",
    "01",
    "1_0",
    "NaN",
)
words = st.one_of(st.sampled_from([*PAYLOADS, *LINKS, *NUMBERS]), st.text(max_size=60))
plain = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=80)
names = st.sampled_from(
    ["page", "state", "network", "sort", "next", "sent", "did", "lang", "q", "v", "who", "before", "day", "x"]
)
HEADERS = """
accept accept-encoding accept-language content-length content-type cookie forwarded host if-modified-since
if-none-match origin range referer sec-fetch-site transfer-encoding user-agent x-forwarded-for
x-http-method-override
"""
VALUES = ["same-origin", "none", "bytes=0-1,2-3,-9", "*", "127.0.0.1, ::1", "fr;q=x"]
headers = st.dictionaries(
    st.sampled_from(HEADERS.split()), st.one_of(plain, st.sampled_from(VALUES)), max_size=3
)
Data = Callable[..., Any]


@pytest.fixture
def town(app, clock, make_notice):
    """An installation with people in it."""
    made = Town(app, clock, make_notice)
    yield made
    made.close()


def address(draw: Data, town: Town, template: str) -> str:
    """Give an address of a route: real, or with hostile parts in the place of real ones."""
    path = draw(st.sampled_from(town.real(template)))
    if draw(st.integers(0, 2)) == 0:
        parts = path.split("/")
        at = draw(st.integers(1, len(parts) - 1))
        parts[at] = quote(draw(words)[:2_000], safe=draw(st.sampled_from(["", "/?#%"])))
        path = "/".join(parts)
    query = draw(st.lists(st.tuples(names, words), max_size=2))
    return path + "?" * bool(query) + "&".join(f"{name}={quote(value)}" for name, value in query)


def body(draw: Data, values: dict[str, Any], choices: dict[str, list[str]]) -> dict[str, Any]:
    """Give a form of the site with some of its values chosen, hostile, missing, doubled or a file."""
    sent: dict[str, Any] = dict(values)
    for name in draw(st.lists(st.sampled_from(sorted(sent) or ["x"]), max_size=4)):
        how = draw(st.integers(0, 4))
        if how == 0:
            sent.pop(name, None)
        elif how == 1:
            sent[name] = draw(st.lists(words, max_size=3))
        elif how == 2 and choices.get(name):
            sent[name] = draw(st.sampled_from(choices[name]))
        else:
            sent[name] = draw(words)
    return sent


def request(draw: Data, town: Town, forms: list[Any]) -> tuple[str, str, dict[str, Any]]:
    """Draw a request: method, address, and what goes with it."""
    extra = {name: value.encode("latin-1", "replace") for name, value in draw(headers).items()}
    if draw(st.booleans()):
        form = draw(st.sampled_from(forms))
        sent = body(draw, values_of(town, form), form.choices)
        if draw(st.integers(0, 4)) == 0:
            files = {name: ("x", str(value).encode("utf-8", "replace")) for name, value in sent.items()}
            return "POST", form.path, {"files": files, "headers": extra}
        return "POST", form.path, {"data": _encodable(sent), "headers": extra}
    template, _method = draw(st.sampled_from(town.routes))
    method = draw(st.sampled_from(METHODS))
    more: dict[str, Any] = {"headers": extra}
    if method not in SAFE_METHODS:
        more["content"] = draw(st.binary(max_size=200))
        extra.setdefault("content-type", draw(st.sampled_from(TYPES)).encode())
    return method, address(draw, town, template), more


TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "application/json",
    "text/plain; charset=utf-7",
    "",
]


def _encodable(sent: dict[str, Any]) -> dict[str, Any]:
    """Leave out lone surrogates, which no client can write."""

    def one(value: Any) -> Any:
        return (
            [one(v) for v in value] if isinstance(value, list) else value.encode("utf-8", "replace").decode()
        )

    return {name: one(value) for name, value in sent.items()}


def may_break(path: str, town: Town, status: int) -> bool:
    """Whether an answer of 500 and more is as it should be: not ready, or the form's door is closed."""
    return status == 503 and (path.startswith("/readyz") or path.rstrip("/") in {"/fr", "/en"})


def test_no_request_breaks_the_site(town: Town):
    """No request answers 5xx, lacks a header, or changes anything by GET."""
    forms = forms_of(town)
    assert len(forms) > 30
    seen: dict[int, int] = {}

    @settings(
        max_examples=EXAMPLES,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.data(), st.sampled_from([None, None, Role.READER, Role.MODERATOR, Role.OPERATOR]))
    def storm(data: st.DataObject, rank: Rank) -> None:
        town.reset()
        for _ in range(3):
            method, path, more = request(data.draw, town, forms)
            version = town.version()
            answer = town.become(rank).ask(method, path, **more)
            seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
            assert answer.status_code < 500 or may_break(path, town, answer.status_code), (method, path, more)
            check(answer, answer.request.url.path)
            if method in SAFE_METHODS and not path.startswith("/readyz"):
                assert town.version() == version, (method, path)

    storm()
    assert {200, 303, 403, 404, 405, 422} <= seen.keys(), seen


def test_odd_numbers(town: Town):
    """A number that no row can have, in the place of any number of any address or query, leads nowhere."""
    operator = town.become(Role.OPERATOR)
    numbered = [(template, method) for template, method in town.routes if re.search(r"_id(:int)?}", template)]
    assert {method for _, method in numbered} >= {"GET", "POST"}
    for template, method in numbered:
        if method in {"GET", "POST"}:
            path = town.real(template)[0]
            for number in NUMBERS:
                answer = operator.ask(method, re.sub(r"/\d+(?=/|$)", f"/{quote(number)}", path))
                assert answer.status_code < 500, (method, path, number)
    for path in ("/fr/admin/journal", "/fr/admin/queue", f"/fr/inbox/{town.people.volunteer_token}/history"):
        for number in NUMBERS:
            for name in ("page", "before", "after", "n"):
                assert operator.get(path, params={name: number}).status_code < 500, (path, name, number)

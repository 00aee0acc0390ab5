"""What we ask of an instance and what the fake answers, against the OpenAPI document of Mastodon.

It lies outside the repository.
"""

import asyncio
import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.networks.api.base import Draft, Lent
from bot.networks.errors import NetworkError
from tests.contract.mastodon import MastodonStage, stage
from tests.contract.stage import intent_of
from tests.contract.test_connecting import granted
from tests.openapi import answer_faults, faults, path_of, request_faults

DOCUMENT = Path(__file__).parents[4] / "shared/data/mastodon-openapi.json"
SWITCHES = ({}, {"duplicating": True, "ulids": True, "modern": False})
OURS = {"/api/v1/statuses/{id}/reblog", "/api/v1/apps", "/oauth/token"}
ELSEWHERE = {"/.well-known/nodeinfo", "/nodeinfo/2.0", "/oauth/authorize"}
"""Not of Mastodon's API: NodeInfo has a schema of its own, and the page's form is the browser's affair."""


async def everything(made: MastodonStage) -> list[tuple[object, bytes]]:
    """Make every call that there is, the refused ones too; give what went over the wire."""
    found = await granted(made)
    lent = Lent(made.lent.account, found.token)
    post = await made.post("Je cherche")
    intent = intent_of(await made.api.locate(lent, post))
    await made.api.look(lent, intent.target)
    boost = await made.api.boost(lent, intent)
    await made.api.read_back(lent, intent)
    await made.api.undo(lent, intent, boost.remote_id)
    draft = Draft("1", "Je cherche", "https://languette.example/n/1", "fr", datetime.now(UTC))
    published = await made.publisher.publish(lent, draft)
    await made.publisher.retract(lent, published.remote_id)
    await made.connect.revoke(found.token)
    with suppress(NetworkError):
        await made.api.look(lent, intent.target)
    return list(made.proxy.seen)


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="needs ../shared/data/mastodon-openapi.json")
@pytest.mark.parametrize("switches", SWITCHES)
def test_requests_and_answers_are_those_of_the_document(switches):
    """Each path, field, value, error and answer is the document's; nothing it requires lacks."""
    document = json.loads(DOCUMENT.read_text("utf-8"))

    async def run():
        async with stage(**switches) as made:
            return await everything(made)

    wrong, paths = [], set()
    for request, answer in asyncio.run(run()):
        path = path_of(document, request.method, request.path)
        if path is None:
            wrong += [] if request.path in ELSEWHERE else [f"{request.path} is unknown"]
            continue
        paths.add(path)
        wrong += request_faults(document, request.method, path, request.query, request.form())
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head.split()[1].decode()
        known = document["paths"][path][request.method.lower()]["responses"]
        if status != "200":
            error = known[status]["content"]["application/json"]["schema"]
            wrong += faults(document, error, json.loads(body), f"{path} {status}")
        elif "content" in known["200"]:
            wrong += answer_faults(document, request.method, path, json.loads(body))
    assert "\n".join(wrong) == ""
    assert paths > OURS
    assert len(paths) == 12 if switches == {} else 11


def test_what_does_not_fit_is_found():
    """The check itself sees an unknown and a missing field, a wrong kind, a body that nobody asked for."""
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": ["integer", "null"]}}}
    asks = {"parameters": [{"name": "n", "in": "query", "required": True, "schema": {"type": "integer"}}]}
    takes = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    document = {"paths": {"/x/{id}": {"get": asks}, "/x/y": {"post": takes, "get": asks}}}
    assert path_of(document, "GET", "/x/y") == "/x/y"
    assert path_of(document, "POST", "/x/z") is None
    assert request_faults(document, "GET", "/x/{id}", {"n": "1"}, {}) == []
    assert request_faults(document, "POST", "/x/y", {}, {"a": "1"}) == []
    for query, form in (({}, {}), ({"n": "x"}, {}), ({"n": "1", "m": "1"}, {}), ({"n": "1"}, {"a": "1"})):
        assert request_faults(document, "GET", "/x/{id}", query, form)
    for form in ({}, {"a": "x"}, {"a": "1", "b": "1"}):
        assert request_faults(document, "POST", "/x/y", {}, form)

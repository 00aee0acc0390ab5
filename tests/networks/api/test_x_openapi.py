"""The fake of X against X's own OpenAPI documents, one of each dialect. They lie outside the repository."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from bot.networks.http import Http, anywhere
from tests.fakes.x import x
from tests.openapi import answer_faults

DOCUMENTS = Path(__file__).parents[4] / "shared/data"
DIALECTS = {"x-openapi-2.159.json": "tweet", "x-openapi-2.167.json": "post"}
FIELDS = {
    "tweet": {"tweet.fields": "author_id,created_at,lang,edit_history_tweet_ids,referenced_tweets"},
    "post": {
        "post.fields": "created_at,lang",
        "expansions": "author_id,edit_history_post_ids,referenced_posts",
    },
}


def calls(fake, dialect):
    """One call of each endpoint that we use: method, path, query, body; and a token that may make them."""
    number = fake.post("un #i4emploi", referenced_tweets=[{"type": "quoted", "id": "5"}])
    user = fake.user("sam")
    bearer, _ = fake.oauth.lend(user)
    fields = FIELDS[dialect]
    search = {"query": "#i4emploi", "max_results": "10"}
    return bearer, [
        ("GET", "/2/tweets/search/recent", search | fields, None),
        ("GET", "/2/tweets/search/recent", search | {"since_id": number}, None),
        ("GET", f"/2/users/{user}/mentions", {"max_results": "10", **fields}, None),
        ("GET", "/2/tweets", {"ids": f"{number},7", **fields}, None),
        ("GET", "/2/users/me", {}, None),
        ("POST", f"/2/users/{user}/retweets", {}, {"tweet_id": number}),
        ("POST", f"/2/users/{user}/retweets", {}, {"tweet_id": "7"}),
        ("DELETE", f"/2/users/{user}/retweets/{number}", {}, None),
    ]


def as_written(path):
    """Give a path as the documents write it."""
    path = re.sub(r"/users/[0-9]+/", "/users/{id}/", path)
    return re.sub(r"/retweets/[0-9]+$", "/retweets/{source_tweet_id}", path)


async def answers(dialect):
    """One whole answer of each endpoint: method, path as the document writes it, body."""
    rest = "id" if dialect == "tweet" else "rest_id"
    async with x(rest=rest) as fake, Http(anywhere) as http:
        found = []
        bearer, todo = calls(fake, dialect)
        for method, path, params, body in todo:
            headers = {"Authorization": f"Bearer {bearer}"}
            answer = await http.request(
                method, fake.url + path, headers=headers, params=params or None, json=body
            )
            assert answer.status == 200, (path, answer.body)
            found.append((method, as_written(path), answer.json()))
        return found


@pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="needs ../shared/data/x-openapi-*.json")
@pytest.mark.parametrize(("file", "dialect"), DIALECTS.items())
def test_the_fake_answers_as_the_document_says(file, dialect):
    """Each answer that did something has the names, types and patterns of its dialect's document."""
    document = json.loads((DOCUMENTS / file).read_text("utf-8"))
    found = asyncio.run(answers(dialect))
    wrong = [fault for method, path, body in found for fault in answer_faults(document, method, path, body)]
    assert wrong == []


def test_what_does_not_fit_is_found():
    """The check itself sees a wrong type, a missing and an unknown key, a wrong pattern."""
    content = {"application/json": {"schema": {"$ref": "#/s"}}}
    document = {
        "paths": {"/a": {"get": {"responses": {"200": {"content": content}}}}},
        "s": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string", "pattern": "^[0-9]+$"}, "n": {"type": "integer"}},
        },
    }
    assert answer_faults(document, "GET", "/a", {"id": "5", "n": 1}) == []
    for body in ({"n": 1}, {"id": "x"}, {"id": "5", "n": True}, {"id": "5", "m": 1}, []):
        assert answer_faults(document, "GET", "/a", body)

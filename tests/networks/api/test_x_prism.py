"""Our calls and the fake's answers under Prism's eyes: X's documents, read by somebody else's program.

Needs the documents in ../shared/data and PRISM, the path of `prism` (`npm install @stoplight/prism-cli`).
"""

import asyncio
import contextlib
import json
import os
import socket
from pathlib import Path

import pytest

from bot.networks.http import Http, NoAnswerError, NotSentError, anywhere
from tests.fakes.x import x
from tests.networks.api.test_x_openapi import DIALECTS, DOCUMENTS, calls

PRISM = os.environ.get("PRISM", "")
START_S = 90
pytestmark = pytest.mark.skipif(
    not (PRISM and DOCUMENTS.is_dir()), reason="needs PRISM and ../shared/data/x-openapi-*.json"
)


@contextlib.asynccontextmanager
async def watched(document: Path, upstream: str):
    """Let Prism stand before a server; it says in a header what goes against the document."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    quiet = asyncio.subprocess.DEVNULL
    options = {"stdin": quiet, "stdout": quiet, "stderr": quiet}
    extra = {"SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1"}
    arguments = ("proxy", str(document), upstream, "--host", "127.0.0.1", "--port", str(port))
    process = await asyncio.create_subprocess_exec(PRISM, *arguments, env={**os.environ, **extra}, **options)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def violations(file, dialect):
    """What Prism finds wrong with each call and its answer."""
    rest = "id" if dialect == "tweet" else "rest_id"
    async with x(rest=rest) as fake, watched(DOCUMENTS / file, fake.url) as url, Http(anywhere) as http:
        async with asyncio.timeout(START_S):
            while True:
                with contextlib.suppress(NotSentError, NoAnswerError):
                    await http.request("GET", f"{url}/2/users/me")
                    break
                await asyncio.sleep(0.5)
        found = []
        bearer, todo = calls(fake, dialect)
        for method, path, params, body in todo:
            headers = {"Authorization": f"Bearer {bearer}"}
            answer = await http.request(
                method, url + path, headers=headers, params=params or None, json=body, deadline_s=30
            )
            assert answer.status == 200, (path, answer.body)
            found += [(path, one) for one in json.loads(answer.headers.get("sl-violations", "[]"))]
        return found


@pytest.mark.slow
@pytest.mark.parametrize(("file", "dialect"), DIALECTS.items())
def test_prism_finds_nothing_wrong(file, dialect):
    """Neither our questions nor the fake's answers leave the document of their dialect."""
    assert asyncio.run(violations(file, dialect)) == []

"""Log-in at a certified OpenID provider (oidc-provider, from npm), not at one of our own making."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.app import build
from bot.settings import Settings
from bot.storage import admins as stored
from bot.storage import identities
from tests.fakes.openid import CLIENT, SECRET
from tests.pds import NODE
from tests.web.visitor import BASE, Visitor

HERE = Path(__file__).parents[1] / "provider"


@pytest.fixture
def provider() -> Iterator[str]:
    """The provider's address; `.ci/run` installs it."""
    if not NODE.exists() or not (HERE / "node_modules/oidc-provider").exists():
        message = "no provider on this machine: npm ci in tests/atnet and tests/provider"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [NODE, "provider.mjs", str(port), f"{BASE}/openid/back", CLIENT, SECRET]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.communicate(timeout=30)


def consented(url: str) -> dict[str, str]:
    """Be a person at the provider: log in, say yes; give what comes back to the site."""
    with httpx.Client(base_url=url.partition("/auth")[0]) as browser:
        answer = browser.get(url)
        for _ in range(20):
            there = answer.headers.get("location", "")
            if there.startswith(BASE):
                return dict(httpx.URL(there).params)
            if there:
                answer = browser.get(there)
                continue
            action, asked = (
                re.search(r'action="([^"]+)"', answer.text),
                re.search(r'"prompt" value="(\w+)"', answer.text),
            )
            assert action
            assert asked
            form = {"prompt": asked[1], "login": "camille", "password": "anything"}
            answer = browser.post(action[1], data=form)
    pytest.fail("the provider never led back")


def test_a_certified_provider_lets_in(provider, tmp_path):
    """Discovery, code, proof key, keys and token of a provider that is not ours work together."""
    settings = Settings(
        data_dir=tmp_path / "data",
        oidc_issuer=provider,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        _env_file=None,
    )
    app = build(settings)  # by the real clock, which is the provider's
    app.store.run_write(stored.add, "Camille", "no hash", stored.Role.OPERATOR, app.clock.now())
    app.store.run_write(identities.put, 1, provider, "camille", app.clock.now())
    visitor = Visitor(app)
    back = consented(visitor.get("/en/admin/login/openid").headers["location"])
    assert "error" not in back, back
    assert visitor.post("/en/openid/back", back).headers["location"] == "/en/admin"
    assert visitor.get("/en/admin/queue").status_code == 200
    app.close()

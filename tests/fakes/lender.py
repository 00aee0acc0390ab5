"""A network that lends accounts, on loopback in a thread of its own, and the adapter that talks to it.

Its page of consent is played by `say_yes`, which gives the address to which the browser would be sent back.
"""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.lenders import Lenders
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.connect.base import Begun, Granted
from bot.networks.errors import RefusedError, UnavailableError
from bot.networks.http import Http, anywhere
from bot.trust.links import new_token


class FakeLender:
    """What the network knows: codes not yet redeemed, tokens that work, what it was asked."""

    def __init__(self, network: str = "mastodon") -> None:
        self.network = network
        self.codes: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.password = "app-pass-word"
        self.down = False
        self.asked: list[str] = []
        lender = self

        class Handler(BaseHTTPRequestHandler):
            """Answers one request."""

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                asked = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
                status, body = lender.answer(self.path, asked)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.page = f"{self.url}/consent"

    def end(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Do what a request asks for."""
        self.asked.append(path)
        if self.down:
            return 503, {}
        if path == "/token":
            handle = self.codes.pop(asked["code"], None)
            return (400, {}) if handle is None else (200, self._grant(handle))
        if path == "/sign-in":
            right = asked["password"] == self.password
            return (200, self._grant(asked["handle"])) if right else (401, {})
        self.tokens.pop(asked["token"], None)
        return 200, {}

    def _grant(self, handle: str) -> dict[str, str]:
        token = f"canary-{new_token()}"
        self.tokens[token] = handle
        return {"token": token, "handle": handle}

    def say_yes(self, url: str, handle: str) -> str:
        """Agree as `handle` on the page of consent at `url`; give where the browser is sent."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = new_token()
        self.codes[code] = handle
        return f"{asked['back']}?{urlencode({'code': code, 'state': asked['state']})}"

    def lenders(self) -> Lenders:
        """Give the installation's way to this network."""
        one = frozenset({self.network})
        return Lenders(
            one, one, lambda: Http(anywhere), lambda _guarded, http: [FakeConnect(self, http)], patience_s=0
        )


class FakeConnect:
    """See `bot.networks.connect.base.Connect`."""

    password = True

    def __init__(self, lender: FakeLender, http: Http) -> None:
        self.name = lender.network
        self._url, self._page, self._http = lender.url, lender.page, http

    async def begin(self, account: Account, back_to: str) -> Begun:
        """Make a page's address; what is kept is a verifier."""
        await self._post("/prepare", {"token": "-"})
        state = new_token()
        query = urlencode({"back": back_to, "state": state, "login": account.handle})
        return Begun(f"{self._page}?{query}", state, Secret(f"verifier {account.handle}"))

    async def finish(self, kept: Secret, back_to: str, answer: Mapping[str, str]) -> Granted:
        """Redeem a code."""
        assert kept.reveal().startswith("verifier ")
        return await self._ask("/token", {"code": answer.get("code", "-"), "back": back_to})

    async def sign_in(self, account: Account, password: Secret) -> Granted:
        """Take an app password."""
        return await self._ask("/sign-in", {"handle": account.handle, "password": password.reveal()})

    async def revoke(self, token: Secret) -> None:
        """Give a token back."""
        await self._post("/revoke", {"token": token.reveal()})

    async def _ask(self, path: str, form: dict[str, str]) -> Granted:
        got = await self._post(path, form)
        return Granted(got["handle"], Secret(got["token"]))

    async def _post(self, path: str, form: dict[str, str]) -> Any:
        answer = await self._http.request("POST", f"{self._url}{path}", form=form)
        if answer.status == 503:
            raise UnavailableError("the fake is down")
        if answer.status != 200:
            raise RefusedError("the fake says no")
        return answer.json()

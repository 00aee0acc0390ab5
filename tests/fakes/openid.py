"""A log-in provider on loopback (OpenID Connect), whose every word a test decides."""

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CLIENT, SECRET = "languette", "a secret of forty letters, more or less!"
MAKERS: dict[str, Any] = {
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
}


class FakeProvider:
    """One provider, with one person who always says yes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.subject = "248289761001"
        self.now = time.time
        self.document: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.token: str | None = None
        """What the token endpoint gives instead of a token of its own."""
        self.by_form = False
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.keys: dict[str, tuple[str, Any]] = {}
        self.rotate("RS256")

    def rotate(self, algorithm: str) -> None:
        """Sign with a new key from now on; the old one is gone."""
        self.keys = {secrets.token_hex(4): (algorithm, MAKERS[algorithm]())}

    def discovery(self) -> dict[str, Any]:
        """Give the document."""
        ways = ["client_secret_post"] if self.by_form else ["client_secret_basic", "client_secret_post"]
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ways,
        } | self.document

    def jwks(self) -> dict[str, Any]:
        """Give the public keys, one of a kind nobody knows among them."""
        known = [{"kty": "AKP", "kid": "new", "alg": "ML-DSA-44", "pub": "AA"}]
        for kid, (algorithm, key) in self.keys.items():
            made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
            known.append({**made, "kid": kid, "use": "sig"})
        return {"keys": known}

    def log_in(self, page: str) -> dict[str, str]:
        """Be the person on the provider's page: give what comes back to the site."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return {"code": code, "state": query["state"], "iss": self.url}

    def signed(self, nonce: str, **changed: Any) -> str:
        """Give a token; a claim that is None is left out."""
        now = int(self.now())
        claims = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
        } | changed
        ((kid, (algorithm, key)),) = self.keys.items()
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid})

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint: a code serves once, with its own proof key, address and client."""
        query = self.codes.pop(form.get("code", ""), None)
        pair = f"{form.get('client_id')}:{form.get('client_secret')}"
        if not self.by_form:
            pair = b64decode(authorization.removeprefix("Basic ")).decode()
        if pair.replace("%2C", ",").replace("%21", "!").replace("+", " ") != f"{CLIENT}:{SECRET}":
            return 401, {"error": "invalid_client"}
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        proof = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if query is None or proof != query["code_challenge"] or form["redirect_uri"] != query["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        token = self.token or self.signed(query["nonce"], **self.claims)
        return 200, {"access_token": "none of ours", "token_type": "Bearer", "id_token": token}


@contextmanager
def serving() -> Iterator[FakeProvider]:
    """Serve a provider on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """Give the document or the keys, or lead back."""
            path = urlsplit(self.path).path
            provider.asked.append(path)
            if path == "/authorize":
                back = provider.log_in(self.path)
                address = provider.codes[back["code"]]["redirect_uri"]
                self.send_response(302)
                self.send_header("Location", f"{address}?{urlencode(back)}")
                self.end_headers()
                return
            found = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.jwks}
            self._say(200, found[path]()) if path in found else self._say(404, {})

        def do_POST(self) -> None:
            """Redeem a code."""
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.redeem(form, self.headers.get("Authorization", "")))

        def _say(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = FakeProvider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join(5)

"""X's consent page and token endpoints: PKCE, scopes, pairs that rotate, reuse that ends the family."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.fakes.wire import Request, Writer, whole

ACCESS_S, CODE_S = 7200, 30


@dataclass
class Token:
    """An access or refresh token: whose it is, what it may, when it ends, which consent it stems from."""

    user: str
    scopes: frozenset[str]
    ends: float
    family: int
    alive: bool = True


@dataclass
class _Code:
    user: str
    query: dict[str, str]
    ends: float


@dataclass
class Oauth:
    """One confidential client and what it was granted."""

    now: Callable[[], float]
    client_id: str = "client"
    client_secret: str = "client-s3cret"
    withhold: frozenset[str] = frozenset()
    """Scopes that are not granted."""
    access: dict[str, Token] = field(default_factory=dict)
    refresh: dict[str, Token] = field(default_factory=dict)
    _codes: dict[str, _Code] = field(default_factory=dict)
    _made: int = 0

    def consent(self, url: str, user: str, *, yes: bool = True) -> dict[str, str]:
        """Be the volunteer on X's page; give what the browser brings back to our page."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == self.client_id
        assert query["code_challenge_method"] == "S256"
        assert len(query["state"]) <= 500
        if not yes:
            return {"state": query["state"], "error": "access_denied"}
        code = self._name("code")
        self._codes[code] = _Code(user, query, self.now() + CODE_S)
        return {"state": query["state"], "code": code}

    def lend(
        self, user: str, scopes: str = "tweet.read tweet.write users.read offline.access"
    ) -> tuple[str, str]:
        """Grant a pair without the dance: access and refresh token."""
        self._made += 1
        return self._pair(user, frozenset(scopes.split()), self._made)

    def whose(self, bearer: str) -> Token | None:
        """Give the token behind a bearer, if it still opens."""
        found = self.access.get(bearer)
        return found if found and found.alive and found.ends > self.now() else None

    def end(self, user: str) -> None:
        """Let the user take the consent back on X's own page."""
        for token in (*self.access.values(), *self.refresh.values()):
            token.alive = token.alive and token.user != user

    def answer(self, asked: Request, writer: Writer) -> None:
        """Answer `token` or `revoke`."""
        expected = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        form = asked.form()
        if asked.header("authorization") != f"Basic {expected}":
            writer.write(_refusal("unauthorized_client", "Missing valid authorization header", 401))
        elif asked.path.endswith("/revoke"):
            found = self.access.get(form["token"]) or self.refresh.get(form["token"])
            if found:
                found.alive = False
            writer.write(whole(b'{"revoked":true}'))
        elif form["grant_type"] == "authorization_code":
            writer.write(self._exchange(form))
        else:
            writer.write(self._renew(form))

    def _exchange(self, form: dict[str, str]) -> bytes:
        code = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if code is None or code.ends < self.now() or form["redirect_uri"] != code.query["redirect_uri"]:
            return _refusal("invalid_request", "Value passed for the authorization code was invalid.")
        if challenge != code.query["code_challenge"]:
            return _refusal(
                "invalid_request", "Value passed for the code verifier did not match the code challenge."
            )
        self._made += 1
        scopes = frozenset(code.query["scope"].split()) - self.withhold
        return self._granted(code.user, scopes, self._made)

    def _renew(self, form: dict[str, str]) -> bytes:
        found = self.refresh.get(form["refresh_token"])
        if found is None or not found.alive:
            for token in (*self.access.values(), *self.refresh.values()):
                # Using a token again ends every token of that consent.
                token.alive = token.alive and (found is None or token.family != found.family)
            return _refusal("invalid_request", "Value passed for the token was invalid.")
        found.alive = False
        return self._granted(found.user, found.scopes, found.family)

    def _granted(self, user: str, scopes: frozenset[str], family: int) -> bytes:
        access, refresh = self._pair(user, scopes, family)
        body = {"token_type": "bearer", "expires_in": ACCESS_S, "access_token": access}
        body |= {"scope": " ".join(sorted(scopes))}
        if "offline.access" in scopes:
            body |= {"refresh_token": refresh}
        return whole(json.dumps(body).encode())

    def _pair(self, user: str, scopes: frozenset[str], family: int) -> tuple[str, str]:
        access, refresh = self._name("access"), self._name("refresh")
        self.access[access] = Token(user, scopes, self.now() + ACCESS_S, family)
        self.refresh[refresh] = Token(user, scopes, float("inf"), family)
        return access, refresh

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"s3cret-{kind}-{self._made}"


def _refusal(error: str, says: str, status: int = 400) -> bytes:
    return whole(json.dumps({"error": error, "error_description": says}).encode(), status)

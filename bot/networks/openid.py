"""The collective's own log-in provider: discovery, keys, the redeeming of a code (OpenID Connect).

Makes calls only; what the provider says is checked in `bot.trust.id_token`.
"""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, quote_plus, urlencode, urlsplit

from bot.networks.http import Answer, Gate, Http, NoAnswerError, NotSentError
from bot.setting_checks import loopback

SCOPE = "openid"
"""Nothing about the person is asked for: the provider's number is enough."""
FRESH_S = 3600.0
"""Seconds for which the provider's document is believed."""
AGAIN_S = 30.0
"""Least seconds between two looks for keys, so that made-up key ids cause no calls."""
DEADLINE_S = 10.0
OK = 200


class ProviderError(Exception):
    """The provider does not answer, or not as it should; the text says how, for the log."""


@dataclass(frozen=True, slots=True)
class Document:
    """What discovery says."""

    authorize: str
    token: str
    keys: str
    names_itself: bool
    """It puts its own name (`iss`) into every answer: no other provider's answer passes for its own."""
    by_form: bool
    """The client's secret goes into the form: the provider takes no other way."""


class Provider:
    """One provider and our client there. `gate` says where it may lead us, `clock` gives seconds."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: str,
        gate: Gate,
        clock: Callable[[], float],
    ) -> None:
        self.issuer, self.client_id = issuer, client_id
        self._secret, self._gate, self._clock = secret, gate, clock
        self._document: tuple[float, Document] | None = None
        self._keys: tuple[float, list[Mapping[str, Any]]] | None = None

    async def page(self, *, state: str, nonce: str, verifier: str, back_to: str) -> str:
        """Give the address of the provider's page on which an admin logs in.

        Raises:
            ProviderError: its document cannot be read.
        """
        document = await self.document()
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": back_to,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in document.authorize else "?"
        return f"{document.authorize}{joint}{urlencode(query, quote_via=quote)}"

    async def redeem(self, code: str, *, verifier: str, back_to: str) -> str:
        """Give the id token for a code.

        Raises:
            ProviderError: the code is used up or another's, or there was no answer.
        """
        document = await self.document()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if document.by_form:
            form |= {"client_id": self.client_id, "client_secret": self._secret}
        else:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self._secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        found = await self._ask("POST", document.token, form=form, headers=headers)
        token = found.get("id_token")
        if not isinstance(token, str):
            message = "the provider gave no id token"
            raise ProviderError(message)
        return token

    async def key(self, key_id: str) -> Mapping[str, Any]:
        """Give the provider's key of that id, looking again where it has a new one; the only one for no id.

        Raises:
            ProviderError: it has no such key.
        """
        looked, known = self._keys or (float("-inf"), [])
        found = _pick(known, key_id)
        if found is None and self._clock() - looked >= AGAIN_S:
            answer = await self._ask("GET", (await self.document()).keys)
            keys = answer.get("keys")
            known = [one for one in keys if isinstance(one, dict)] if isinstance(keys, list) else []
            self._keys = self._clock(), known
            found = _pick(known, key_id)
        if found is None:
            message = "the provider has no such key"
            raise ProviderError(message)
        return found

    async def document(self) -> Document:
        """Give what the provider says about itself.

        Raises:
            ProviderError: it says nothing, or is another than the one that was asked.
        """
        if self._document is None or self._clock() - self._document[0] > FRESH_S:
            found = await self._ask("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self.issuer:
                message = "the provider calls itself by another name"
                raise ProviderError(message)
            self._document = self._clock(), _read(found)
        return self._document[1]

    async def _ask(self, method: str, url: str, **values: Any) -> dict[str, Any]:
        try:
            async with Http(self._gate) as http:
                answer: Answer = await http.request(method, url, deadline_s=DEADLINE_S, **values)
            body = answer.json()
        except (NotSentError, NoAnswerError) as error:
            raise ProviderError(str(error)) from error
        if answer.status != OK or not isinstance(body, dict):
            message = f"the provider answered {answer.status}"
            raise ProviderError(message)
        return body


def _pick(keys: list[Mapping[str, Any]], key_id: str) -> Mapping[str, Any] | None:
    if not key_id:
        return keys[0] if len(keys) == 1 else None
    return next((one for one in keys if one.get("kid") == key_id), None)


def _read(found: Mapping[str, Any]) -> Document:
    urls = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if not all(isinstance(url, str) and _safe(url) for url in urls):
        message = "the provider's addresses are not https"
        raise ProviderError(message)
    authorize, token, keys = map(str, urls)
    names_itself = found.get("authorization_response_iss_parameter_supported") is True
    return Document(authorize, token, keys, names_itself, "client_secret_basic" not in ways)


def _safe(url: str) -> bool:
    """Whether an address is one by https, or on this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or loopback(parts.hostname or ""))
    except ValueError:
        return False

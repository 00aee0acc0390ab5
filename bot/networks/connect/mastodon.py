"""How an account on Mastodon or its kin is lent: OAuth with PKCE at the account's own instance.

Every instance is a server of its own: it is chosen before the volunteer leaves, kept with what was begun, and
only it gets the code and the token, so that no other can slip in (mix-up, RFC 9700 section 4.4).
"""

import asyncio
import contextlib
import hmac
import json
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from urllib.parse import urlencode
from weakref import WeakValueDictionary

from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.connect.base import Begun, Granted
from bot.networks.connect.mastodon_key import App, Key, read_key
from bot.networks.connect.mastodon_oauth import Desk, Server
from bot.networks.errors import AccessLostError, NetworkError, RefusedError
from bot.networks.http import Http

APP_S = 12 * 3600.0
"""Seconds for which one application of an instance serves all who connect. Servers before 4.3 delete those
without a token after a day."""
APPS = 500
"""Applications remembered."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What must survive until the volunteer comes back."""

    server: Server
    app: App
    handle: str
    state: str
    verifier: str


class MastodonConnect:
    """See `bot.networks.connect.base.Connect`. One for the life of a process: it remembers its applications.

    `name` and `website` are shown on the instance's page of consent.
    """

    name = "mastodon"
    password = False

    def __init__(self, http: Http, name: str, website: str) -> None:
        self._desk = Desk(http)
        self._shown = name
        self._website = website
        self._apps: dict[tuple[str, str], tuple[float, Server, App]] = {}
        self._registering: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def begin(self, account: Account, back_to: str) -> Begun:
        """Prepare the page of consent of the account's instance.

        Raises:
            RefusedError: the instance is no Mastodon, or registers no application.
        """
        server, app = await self._registered(account.instance, back_to)
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": back_to,
            "scope": " ".join(server.scopes),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        kept = _Kept(server, app, account.handle, state, verifier)
        return Begun(
            f"{server.base}/oauth/authorize?{urlencode(query)}", state, Secret(json.dumps(asdict(kept)))
        )

    async def finish(self, kept: Secret, back_to: str, answer: Mapping[str, str]) -> Granted:
        """Redeem the code and look who really said yes; a token that is not wanted is given back at once.

        Raises:
            RefusedError: the volunteer said no, the code is used up, or another account or scope came back.
        """
        begun = _read(kept)
        if not hmac.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
            message = "the answer belongs to another connection"
            raise RefusedError(message)
        if answer.get("iss", begun.server.base).rstrip("/") != begun.server.base:
            message = "the answer comes from another server"
            raise RefusedError(message)
        if "error" in answer or not answer.get("code"):
            message = "the volunteer did not say yes"
            raise RefusedError(message)
        key = await self._desk.redeem(begun.server, begun.app, answer["code"], begun.verifier, back_to)
        try:
            key, handle = await self._owner(key, begun.handle)
        except NetworkError:
            await self._desk.drop(key)
            raise
        return Granted(handle, key.text())

    async def _owner(self, key: Key, wanted: str) -> tuple[Key, str]:
        """Give the key with its account's id, and the handle, if it is the one on the roster."""
        account_id, name = await self._desk.who(key)
        handle = f"{name.lower()}@{wanted.rpartition('@')[2]}"
        if handle != wanted:
            message = "another account said yes than the one on the roster"
            raise RefusedError(message)
        return replace(key, account_id=account_id), handle

    async def sign_in(self, account: Account, password: Secret) -> Granted:  # noqa: ARG002  none is taken
        """Refuse: Mastodon has no app passwords."""
        message = "Mastodon has no app passwords"
        raise RefusedError(message)

    async def revoke(self, token: Secret) -> None:
        """Give the token back."""
        with contextlib.suppress(AccessLostError):  # what cannot be read opens nothing
            await self._desk.revoke(read_key(token))

    async def _registered(self, instance: str, back_to: str) -> tuple[Server, App]:
        """Give the application on an instance, making it when there is none or it is old."""
        base = f"https://{instance}"
        lock = self._registering.setdefault(base, asyncio.Lock())
        async with lock:
            made = self._apps.pop((base, back_to), None)
            if made is None or time.monotonic() - made[0] > APP_S:
                server = await self._desk.discover(base)
                app = await self._desk.register(server, self._shown, self._website, back_to)
                made = (time.monotonic(), server, app)
            self._apps[base, back_to] = made
        while len(self._apps) > APPS:
            del self._apps[next(iter(self._apps))]
        return made[1], made[2]


def _read(kept: Secret) -> _Kept:
    """Read what `begin` kept.

    Raises:
        RefusedError: it is something else.
    """
    try:
        data = json.loads(kept.reveal())
        server = Server(**{**data["server"], "scopes": tuple(data["server"]["scopes"])})
        return _Kept(**{**data, "server": server, "app": App(**data["app"])})
    except (ValueError, TypeError, KeyError):
        message = "what was kept of the connection is not of Mastodon"
        raise RefusedError(message) from None  # the cause would show the text

"""How the operator connects the collective's own account: the network's yes, the label, the vault."""

from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, TypeVar

from bot.delivery import collective
from bot.errors import ConfigError, ConflictError
from bot.lenders import back_to
from bot.model.journal import Actor
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Lent, Publisher
from bot.networks.base import HandleRefusedError
from bot.networks.connect.base import Begun, Connect, Granted
from bot.networks.errors import NetworkError
from bot.networks.http import NoAnswerError, NotSentError
from bot.trust import keyfile

if TYPE_CHECKING:
    from bot.app import App

T = TypeVar("T")
_TROUBLES = (NetworkError, NotSentError, NoAnswerError)


class Owner:
    """Connects one account. `publisher` sees its label; without one the operator's word is taken."""

    def __init__(
        self, app: "App", network: str, handle: str, connect: Connect, publisher: Publisher | None
    ) -> None:
        """Read the handle, and let nothing begin that would be refused at the end.

        Raises:
            ConflictError: it is no handle there, or policy does not allow it.
            ConfigError: there is no key to seal the token with.
        """
        try:
            named = app.networks[network].read_handle(handle)
        except HandleRefusedError as error:
            raise ConflictError(error.message) from error
        self.account = Account(0, 0, network, named)
        collective.refuse(app.policies, self.account)
        if keyfile.read_public(app.settings.data_dir) is None:
            raise ConfigError("There is no key for tokens yet: bot keys new FILE")
        self._app, self._connect, self._publisher = app, connect, publisher
        self._back = back_to(app, network)

    async def begin(self) -> Begun:
        """Prepare the network's page of consent.

        Raises:
            ConflictError: the network says no, or nothing.
        """
        return await _asked(self._connect.begin(self.account, self._back))

    async def finish(
        self, begun: Begun, answer: Mapping[str, str], *, actor: Actor, labelled: bool = False
    ) -> Account:
        """Redeem what the network's page led back with, and keep the token.

        Raises:
            ConflictError: the network says no, or the account does not carry its label.
        """
        granted = await _asked(self._connect.finish(begun.kept, self._back, answer))
        return await self._keep(granted, actor, labelled=labelled)

    async def sign_in(self, password: Secret, *, actor: Actor, labelled: bool = False) -> Account:
        """Take an app password, where the network has such, and keep the token.

        Raises:
            ConflictError: the network says no, or the account does not carry its label.
        """
        granted = await _asked(self._connect.sign_in(self.account, password))
        return await self._keep(granted, actor, labelled=labelled)

    async def _keep(self, granted: Granted, actor: Actor, *, labelled: bool) -> Account:
        """Keep a token if its account carries the label; one that is not kept goes back at once."""
        try:
            await self._check(granted, labelled=labelled)
            return await self._app.store.write(
                collective.connect,
                keyfile.Published(self._app.settings.data_dir),
                self.account,
                granted.token,
                name=self._app.settings.site_name,
                policies=self._app.policies,
                now=self._app.clock.now(),
                actor=actor,
            )
        except ConflictError:
            await self._drop(granted.token)
            raise

    async def _check(self, granted: Granted, *, labelled: bool) -> None:
        """Let only the named account through, and only with its network's label."""
        network, handle = self.account.network, self.account.handle
        if granted.handle != handle:
            message = f"{granted.handle} said yes, not {handle}. Log in there with that account."
            raise ConflictError(message)
        page = f"docs/networks/{network}.md says how"
        if self._publisher is None:
            if not labelled:
                message = (
                    f"{network} does not tell programs of its label. Set it ({page}), then add --labelled."
                )
                raise ConflictError(message)
            return
        if not await _asked(self._publisher.labelled(Lent(self.account, granted.token))):
            message = f"{handle} does not say that a program runs it. Set its label: {page}."
            raise ConflictError(message)

    async def _drop(self, token: Secret) -> None:
        try:
            await self._connect.revoke(token)
        except _TROUBLES:
            return  # it was never used, and nobody has it


async def _asked(call: Awaitable[T]) -> T:
    """Give what the network answers.

    Raises:
        ConflictError: it says no, or nothing.
    """
    try:
        return await call
    except _TROUBLES as error:
        said = error.why if isinstance(error, NetworkError) else str(error)
        message = f"Nothing is connected: {said}."
        raise ConflictError(message) from error

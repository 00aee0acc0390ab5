"""The composition root: settings in, an `App` out. The only place that builds."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.backup import make
from bot.errors import ConfigError
from bot.lock import make_folder
from bot.model.clock import Clock, SystemClock
from bot.model.policy import Policies
from bot.networks import Network, enabled, policy
from bot.settings import Settings
from bot.storage.migrate import migrate
from bot.storage.store import Store
from bot.trust.ledger import Ledger
from bot.trust.links import Keyring, open_keyring


@dataclass(frozen=True, slots=True)
class App:
    """Everything a command, a page or a tick needs."""

    settings: Settings
    store: Store
    networks: dict[str, Network]
    keys: Keyring
    clock: Clock
    policies: Policies
    demo: bool = False

    def ledger(self) -> Ledger:
        """Give the ledger of erasures as it is now."""
        return Ledger(self.settings.data_dir, self.keys)

    def close(self) -> None:
        """Finish what runs and close the database."""
        self.store.close()


def build(settings: Settings, *, clock: Clock | None = None, demo: bool = False) -> App:
    """Open the installation of the working folder, making and migrating its database as needed.

    Raises:
        ConfigError: a network is unknown, its policy allows what it forbids, or the secret key is missing or
            open to others.
        DataError: the database is newer than this program, or cannot be written.
    """
    clock = clock or SystemClock()
    networks = enabled(settings.networks)
    _check_limits(settings, networks)
    policies = policy.load(networks)
    make_folder(settings.data_dir)
    keys = open_keyring(settings.data_dir / "secret.key", fresh=not settings.database.exists())
    journal_key = keys.seed("journal")
    settings.database.touch(0o600)  # before SQLite does: its log gets the same rights
    settings.database.chmod(0o600)
    store = Store(settings.database, journal_key)
    now = clock.now()

    def save() -> object:
        return make.create(settings, keys, why="migration", now=now)

    migrate(store.engine, settings.database, journal_key, save)
    return App(settings, store, networks, keys, clock, policies, demo)


def _check_limits(settings: Settings, networks: Mapping[str, Network]) -> None:
    """Let no limit go unnoticed because its network is misspelt."""
    for name in ("network_hour_max", "network_day_max"):
        if unknown := getattr(settings, name).keys() - networks.keys():
            message = f"{name}: {', '.join(sorted(unknown))} is not among `networks`."
            raise ConfigError(message)

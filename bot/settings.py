"""One table of settings: type, default, help. TOML file < secret files < .env < environment (`BOT_…`).

Every relative path counts from the working folder; nothing is written outside it.
"""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigError
from bot.setting_checks import (
    Counts,
    Servers,
    WebAddress,
    api_address,
    instances,
    ip_networks,
    issuer_address,
    known_zone,
    loopback,
    stream_address,
)
from bot.setting_sources import SecretFiles, TomlFile

CONFIG_FILE = Path("config/languette.toml")


class Settings(BaseSettings):
    """Everything an operator may set. Each field's description is its help, in every place it appears."""

    model_config = SettingsConfigDict(
        env_prefix="BOT_",
        env_file=".env",
        toml_file=CONFIG_FILE,
        extra="forbid",
        frozen=True,
    )

    site_name: str = Field(
        "Languette", min_length=1, max_length=40, description="Name of your collective, shown on the pages."
    )
    site_url: WebAddress = Field(
        "", description="Public address of the site, without a slash at the end. Empty: http://HOST:PORT."
    )
    host: str = Field("127.0.0.1", description="Address the site listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the site listens on.")
    contact: str = Field(
        "", max_length=200, description="How to write to you: an email or a web address, shown on the pages."
    )
    publisher_name: str = Field("", max_length=200, description="Legal notice: your association, its form.")
    publisher_seat: str = Field("", max_length=300, description="Legal notice: its seat, a postal address.")
    publisher_phone: str = Field("", max_length=40, description="Legal notice: its phone number.")
    publisher_mail: str = Field("", max_length=254, description="Legal notice: its email address.")
    publisher_number: str = Field("", max_length=60, description="Legal notice: RNA or SIRET number, if any.")
    publisher_director: str = Field("", max_length=120, description="Legal notice: who directs publication.")
    host_name: str = Field("", max_length=200, description="Legal notice: name of whoever hosts the site.")
    host_address: str = Field("", max_length=300, description="Legal notice: the host's postal address.")
    host_phone: str = Field("", max_length=40, description="Legal notice: the host's phone number.")
    privacy_contact: str = Field(
        "", max_length=254, description="Email of your DPO, or who answers for data."
    )
    source_url: WebAddress = Field(
        "", max_length=300, description="Legal notice: web address of the source code that runs here."
    )
    incidents_url: WebAddress = Field(
        "",
        max_length=300,
        description="Web address of your list of past incidents; the security page links it.",
    )
    minimum_age: int = Field(16, ge=15, le=18, description="Age from which somebody may send a notice.")
    data_dir: Path = Field(Path("data"), description="Folder of the database, the secret key, the backups.")
    vault_key: str = Field(
        "",
        description="File of the key that opens volunteers' tokens, outside data_dir and any repository.",
    )
    default_lang: str = Field(
        "fr",
        pattern="^(fr|en)$",
        description="Language of the pages for a visitor whose browser asks for neither French nor English.",
    )
    time_zone: Annotated[str, AfterValidator(known_zone)] = Field(
        "Europe/Paris", description="IANA time zone of the times shown to seekers and admins."
    )
    hashtag: str = Field(
        "#emploi", pattern=r"^#\w{1,30}$", description="Hashtag of your collective, printed on the strips."
    )
    trusted_proxies: Annotated[tuple[str, ...], AfterValidator(ip_networks)] = Field(
        ("127.0.0.1", "::1"),
        description="Addresses or networks of the proxies whose X-Forwarded-For is believed: limits "
        "count the visitor that they name.",
    )
    networks: tuple[str, ...] = Field(
        ("x", "mastodon", "bluesky", "linkedin"),
        min_length=1,
        description="Networks on which volunteers may boost.",
    )
    boosts_wanted: int = Field(
        12, ge=1, le=100, description="Most boosts a notice gets in one round of boosts."
    )
    round_days: int = Field(
        7, ge=1, le=60, description="Days a notice goes round before its seeker is asked whether to go on."
    )
    notice_spacing_min: int = Field(
        20, ge=0, le=1440, description="Least minutes between two boosts of one notice."
    )
    notice_day_max: int = Field(12, ge=1, le=100, description="Most boosts of one notice in 24 hours.")
    network_hour_max: Counts = Field({}, description="Most boosts asked of all in 60 minutes, by network.")
    network_day_max: Counts = Field({}, description="Most boosts asked of all in 24 hours, by network.")
    patience_h: int = Field(
        24,
        ge=1,
        le=168,
        description="Hours a volunteer has to answer before an asked boost expires and its turn goes back.",
    )
    horizon_h: int = Field(24, ge=1, le=72, description="Hours that a round plans ahead.")
    plan_every_s: int = Field(60, ge=1, le=3600, description="Seconds between two planning rounds.")
    undo_s: int = Field(
        30,
        ge=0,
        le=600,
        description="Seconds in which a moderator's decision can be undone; boosts start after them.",
    )
    claim_s: int = Field(
        300, ge=30, le=3600, description="Seconds a notice stays reserved for the moderator who reads it."
    )
    backup_key: str = Field(
        "",
        description="File with the age identity that opens the backups; better outside data_dir. "
        "Empty: backup.key in data_dir, made by the first backup.",
    )
    backup_recipient: str = Field(
        "",
        description="Public key (age1…) to seal backups to when the file that opens them is elsewhere.",
    )
    backup_days: int = Field(30, ge=1, le=365, description="Days a backup is kept; the newest always is.")
    queue_max: int = Field(
        300,
        ge=1,
        le=100_000,
        description="Most notices that wait for a moderator; when as many wait, the form asks people to come "
        "back later. Posts that watchers find have as many places of their own.",
    )
    watch: tuple[str, ...] = Field(
        (), description="Networks on which the hashtag is watched: bluesky, mastodon, x. Empty: none."
    )
    watch_hashtags: tuple[str, ...] = Field(
        (), description="Hashtags that are watched. Empty: the collective's own, `hashtag`."
    )
    watch_every_s: int = Field(
        90, ge=30, le=3600, description="Seconds between two reads of a hashtag on an instance of Mastodon."
    )
    mastodon_instances: Annotated[tuple[str, ...], AfterValidator(instances)] = Field(
        (), description="Instances of Mastodon whose hashtag is read, like piaille.fr."
    )
    mastodon_tokens: dict[str, SecretStr] = Field(
        {},
        description="Access tokens by instance, for those that show hashtags to members only. Put them into "
        ".env.",
    )
    mastodon_account: str = Field(
        "",
        pattern=r"^([^@\s]+@[^@\s]+)?$",
        description="The collective's account on Mastodon, name@instance: a post that mentions it asks.",
    )
    bluesky_account: str = Field(
        "",
        pattern=r"^(did:[a-z]+:[A-Za-z0-9._:%-]+)?$",
        description="DID of the collective's account on Bluesky: a post that mentions it asks.",
    )
    bluesky_jetstream: Annotated[str, AfterValidator(stream_address)] = Field(
        "wss://jetstream.us-east.bsky.network", description="Jetstream that is read, version 2."
    )
    bluesky_jetstream_v1: Annotated[str, AfterValidator(stream_address)] = Field(
        "wss://jetstream2.us-east.bsky.network",
        description="Jetstream that is read where the first has no version 2.",
    )
    bluesky_appview: WebAddress = Field(
        "https://public.api.bsky.app", description="Where handles and profiles of Bluesky are looked up."
    )
    bluesky_plc: WebAddress = Field(
        "https://plc.directory", description="Directory that says where accounts of Bluesky live."
    )
    own_servers: Servers = Field(
        {}, description="Own servers of networks, not public from here: the address to call, by their name."
    )
    metrics_for: str = Field(
        "loopback",
        pattern="^(nobody|loopback|everybody)$",
        description="Who may read /metrics; a proxy on this machine does not count as loopback.",
    )
    ping_url: WebAddress = Field(
        "", description="Address called every minute while all is well (a dead man's switch). Empty: none."
    )
    doubt_quiet_s: float = Field(
        120, ge=40, le=3600, description="Seconds before a network is asked about a boost that broke off."
    )
    x_bearer_token: SecretStr = Field(
        SecretStr(""),
        description="Bearer token of the collective's app on X, to read with. Put it into .env.",
    )
    x_client_id: str = Field(
        "", description="Client id of the collective's app on X, so that volunteers can lend accounts."
    )
    x_client_secret: SecretStr = Field(
        SecretStr(""), description="Client secret of the collective's app on X. Put it into .env."
    )
    x_account: str = Field(
        "",
        pattern=r"^[0-9]{0,19}$",
        description="Number of the collective's account on X: a post that mentions it asks.",
    )
    x_budget_day_usd: float = Field(
        0,
        ge=0,
        le=1000,
        description="Most that X may cost in one UTC day, reads and boosts together, in US dollars.",
    )
    x_budget_month_usd: float = Field(
        0,
        ge=0,
        le=10_000,
        description="Most that X may cost in one UTC month, in US dollars. 0: nothing that costs is done.",
    )
    x_api_url: Annotated[str, AfterValidator(api_address)] = Field(
        "https://api.x.com", description="Where X's API is."
    )
    oidc_issuer: Annotated[str, AfterValidator(issuer_address)] = Field(
        "", description="Your log-in provider (OpenID Connect), by which admins may log in. Empty: none."
    )
    oidc_client_id: str = Field("", max_length=255, description="Client id of this site at your provider.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Client secret of this site at your provider. Put it into .env."
    )
    oidc_second_factor: tuple[str, ...] = Field(
        (),
        description="What your provider writes into amr or acr after a second factor that counts here too, "
        "like mfa. Empty: ours is asked.",
    )
    log_level: str = Field(
        "info", pattern="^(debug|info|warning|error)$", description="Least severity that is logged."
    )
    log_json: bool = Field(default=False, description="Log one JSON object per line instead of text.")

    @property
    def address(self) -> str:
        """The site's public address, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.site_url or f"http://{host}:{self.port}"

    @property
    def public(self) -> bool:
        """Whether others than this machine's own users can reach the site."""
        return not (loopback(self.host) and loopback(urlsplit(self.address).hostname or ""))

    @property
    def secure(self) -> bool:
        """Whether cookies travel by https only: always, but for plain http on the machine itself."""
        return self.address.startswith("https://") or self.public

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data_dir / "languette.db"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of the sources, the strongest first."""
        weak = SecretFiles(settings_cls), TomlFile(settings_cls)
        return init_settings, env_settings, dotenv_settings, *weak


def load(**overrides: Any) -> Settings:
    """Read the settings of the working folder; `overrides` (command-line options) win.

    Raises:
        ConfigError: one is malformed or unknown; the message names it.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})
    except ValidationError as error:
        lines = [f"  {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        message = (
            "These settings cannot be used:\n"
            + "\n".join(lines)
            + f"\nLook in {CONFIG_FILE}, .env and BOT_… variables."
        )
        raise ConfigError(message) from error
    except ValueError as error:  # a file of settings that cannot be parsed
        message = f"{CONFIG_FILE}, .env or a file of secrets cannot be read: {error}"
        raise ConfigError(message) from error

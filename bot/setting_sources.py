"""Sources of settings: a TOML file without secrets, and files of secrets that a supervisor hands over."""

import os
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SecretsSettingsSource, TomlConfigSettingsSource

from bot.errors import ConfigError

HANDED_OVER = "CREDENTIALS_DIRECTORY"
"""Variable that names the folder of secrets: systemd sets it for LoadCredential=, our container likewise."""


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting is a secret, or a table of secrets."""
    return SecretStr in (field.annotation, *get_args(field.annotation))


class TomlFile(TomlConfigSettingsSource):
    """The TOML file: it is shown, copied and kept with other files, so it holds no secret."""

    def __call__(self) -> dict[str, Any]:
        """Give its values.

        Raises:
            ConfigError: one of them is a secret.
        """
        found = super().__call__()
        fields = self.settings_cls.model_fields
        secrets = sorted(name for name in found.keys() & fields.keys() if is_secret(fields[name]))
        if secrets:
            named = ", ".join(f"`{name}` as BOT_{name.upper()}" for name in secrets)
            message = f"{self.toml_file_path}: no secret may stand in this file. Put {named} into .env."
            raise ConfigError(message)
        return found


class SecretFiles(SecretsSettingsSource):
    """Files named like the variables (`bot_x_client_secret`), in the folder that `HANDED_OVER` names."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        folder = os.environ.get(HANDED_OVER, "")
        super().__init__(settings_cls, secrets_dir=folder if folder and Path(folder).is_dir() else None)

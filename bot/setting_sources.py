"""Sources of settings: a TOML file without secrets, and files of secrets that a supervisor hands over."""

import os
from collections.abc import Collection
from difflib import get_close_matches
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

    def __call__(self) -> dict[str, Any]:
        """Give their values.

        Raises:
            ConfigError: one of them is no setting's, says nothing, or cannot be read.
        """
        if self.secrets_dir is not None:
            known = {f"bot_{name}" for name in self.settings_cls.model_fields}
            for file in sorted(Path(str(self.secrets_dir)).iterdir()):
                if wrong := _wrong(file, known):
                    message = f"{file}: {wrong}"
                    raise ConfigError(message)
        return super().__call__()


def no_folder() -> str:
    """Say that the folder of secrets is not there; empty: it is, or none is named."""
    folder = os.environ.get(HANDED_OVER, "")
    if not folder or Path(folder).is_dir():
        return ""
    return f"{HANDED_OVER} names {folder}, which is no folder: no secret was read from files."


def _wrong(file: Path, known: Collection[str]) -> str:
    """Say what is wrong with a file of the folder. Other things may lie there too, a key say."""
    name = file.name.lower()
    if name not in known:
        plain = name.removesuffix(file.suffix.lower()).replace("-", "_")
        if not plain.startswith("bot_") and f"bot_{plain}" not in known:
            return ""
        meant = get_close_matches(f"bot_{plain.removeprefix('bot_')}", known, 1)
        said = f" Did you mean {meant[0]}?" if meant else ""
        return f"there is no setting of this name.{said} `bot config` lists them all."
    if not file.is_file():
        return "this is no file. Put a file with the secret alone in its place."
    if file.parent.resolve() not in file.resolve().parents:
        return "this leads out of its folder. Put the file itself there."
    try:
        return (
            "" if file.read_text("utf-8").strip() else "this is empty. Write the secret in it, or remove it."
        )
    except (OSError, UnicodeError) as error:
        return f"this cannot be read ({type(error).__name__}). It must be text that this user may read."

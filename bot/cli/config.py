"""`bot config`: every setting with its value, its source and its help, and the two example files."""

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import SecretStr

from bot.cli import show
from bot.cli.base import DataDir, Json
from bot.errors import UsageError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

WIDTH = 98

TOML_HEAD = """\
# Languette's settings. Copy this file to config/languette.toml and change what you need; every line that
# starts with # shows the default. .env and BOT_… environment variables win over this file. Secrets are
# refused here: they stand in .env. `bot config` shows what is in force and where it comes from."""

ENV_HEAD = """\
# Languette's settings as environment variables. Copy this file to .env and change what you need; every
# line that starts with # shows the default. They win over config/languette.toml; the real environment
# wins over .env. `bot config` shows what is in force and where it comes from."""


def _literal(value: Any) -> str:
    """Write a default as TOML and JSON both read it."""
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)


def _help(field: "FieldInfo") -> str:
    return "\n".join(f"# {line}" for line in textwrap.wrap(field.description or "", WIDTH))


def toml_example() -> str:
    """Give the text of config/languette.toml.example."""
    from bot.setting_sources import is_secret
    from bot.settings import Settings

    open_ones = {name: field for name, field in Settings.model_fields.items() if not is_secret(field)}
    parts = [f"{_help(field)}\n# {name} = {_literal(field.default)}" for name, field in open_ones.items()]
    return "\n\n".join([TOML_HEAD, *parts]) + "\n"


def env_example() -> str:
    """Give the text of .env.example."""
    from bot.settings import Settings

    def line(name: str, default: Any) -> str:
        text = _literal(default)
        return f"# BOT_{name.upper()}=" + (f"'{text}'" if isinstance(default, tuple) else text)

    parts = [f"{_help(f)}\n{line(name, f.default)}" for name, f in Settings.model_fields.items()]
    return "\n\n".join([ENV_HEAD, *parts]) + "\n"


def origins() -> dict[str, str]:
    """Give where each value comes from: `default`, the TOML file, `secret file`, `.env`, `environment`."""
    from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

    from bot.setting_sources import SecretFiles, TomlFile
    from bot.settings import CONFIG_FILE, Settings

    found = dict.fromkeys(Settings.model_fields, "default")
    sources = {
        str(CONFIG_FILE): TomlFile(Settings),
        "secret file": SecretFiles(Settings),
        ".env": DotEnvSettingsSource(Settings),
        "environment": EnvSettingsSource(Settings),
    }
    for label, source in sources.items():
        found |= dict.fromkeys(found.keys() & source().keys(), label)
    return found


def config(
    example: Annotated[bool, typer.Option("--example", help="Print config/languette.toml.example.")] = False,
    env_example_: Annotated[bool, typer.Option("--env-example", help="Print .env.example.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Show every setting: its value, where it comes from, what it does."""
    if example and env_example_:
        raise UsageError("Choose --example or --env-example.")
    if example or env_example_:
        typer.echo(toml_example() if example else env_example(), nl=False)
        return
    from bot.settings import Settings, load

    settings = load(data_dir=data_dir)
    came = {**origins(), **({"data_dir": "--data-dir"} if data_dir else {})}
    rows = [
        {"name": name, "value": getattr(settings, name), "source": came[name], "help": field.description}
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        show.document(rows)
        return
    show.table(("setting", "value", "source", "help"), [list(row.values()) for row in rows])

"""The settings that are written down are the settings there are."""

import tomllib
from pathlib import Path

from bot.cli import config
from bot.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_example_files_are_what_the_command_prints(run):
    """config/languette.toml.example and .env.example equal `bot config --example` and `--env-example`."""
    toml = (ROOT / "config/languette.toml.example").read_text(encoding="utf-8")
    env = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert run("config", "--example").stdout == toml
    assert run("config", "--env-example").stdout == env


def test_every_setting_is_written_down_with_its_help():
    """Each setting appears in both example files under its whole help."""
    for text, name_of in ((config.toml_example(), str), (config.env_example(), lambda n: f"BOT_{n.upper()}")):
        flat = " ".join(line.removeprefix("# ") for line in text.splitlines())
        for name, field in Settings.model_fields.items():
            assert f"{field.description} {name_of(name)}" in flat, name


def test_the_toml_example_holds_the_defaults():
    """With its comment signs taken away, the example file says exactly the defaults."""
    lines = [line.removeprefix("# ") for line in config.toml_example().splitlines() if " = " in line]
    found = Settings.model_validate(tomllib.loads("\n".join(lines)))
    assert found == Settings.model_construct(**{n: f.default for n, f in Settings.model_fields.items()})


def test_sources_are_named(data, tmp_path):
    """`bot config` says which of option, environment, .env, file or default gave each value."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/languette.toml").write_text('site_name = "Ici"\nport = 8001\n', encoding="utf-8")
    (tmp_path / ".env").write_text("BOT_PORT=8002\nBOT_HASHTAG=#ici\n", encoding="utf-8")
    rows = {row["name"]: row for row in data("config", "--json", "--data-dir", "d", hashtag="#moi")}
    sources = {name: rows[name]["source"] for name in ("site_name", "port", "hashtag", "data_dir", "host")}
    assert sources == {
        "site_name": "config/languette.toml",
        "port": ".env",
        "hashtag": "environment",
        "data_dir": "--data-dir",
        "host": "default",
    }
    assert (rows["site_name"]["value"], rows["port"]["value"], rows["hashtag"]["value"]) == (
        "Ici",
        8002,
        "#moi",
    )

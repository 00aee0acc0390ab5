"""The settings that are written down are the settings there are."""

import tomllib
from pathlib import Path

import pytest

from bot import setting_sources
from bot.cli import config
from bot.errors import ConfigError
from bot.settings import Settings, load

ROOT = Path(__file__).parents[2]
SECRETS = {"mastodon_tokens", "x_bearer_token", "x_client_secret", "oidc_client_secret"}


def test_the_example_files_are_what_the_command_prints(run):
    """config/languette.toml.example and .env.example equal `bot config --example` and `--env-example`."""
    toml = (ROOT / "config/languette.toml.example").read_text(encoding="utf-8")
    env = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert run("config", "--example").stdout == toml
    assert run("config", "--env-example").stdout == env


def test_every_setting_is_written_down_with_its_help():
    """Each setting appears in both example files under its whole help; secrets in that of .env only."""
    toml, env = (
        " ".join(line.removeprefix("# ") for line in text.splitlines())
        for text in (config.toml_example(), config.env_example())
    )
    for name, field in Settings.model_fields.items():
        assert f"{field.description} BOT_{name.upper()}" in env
        assert (f"{field.description} {name}" in toml) == (name not in SECRETS), name


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_no_secret_stands_in_the_toml_file(name, tmp_path, monkeypatch):
    """A secret in config/languette.toml is refused by its name, without saying it."""
    (tmp_path / "config").mkdir()
    text = '{"a.example" = "s3cret"}' if name == "mastodon_tokens" else '"s3cret"'
    (tmp_path / "config/languette.toml").write_text(f"{name} = {text}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=f"`{name}` as BOT_{name.upper()}") as refused:
        load()
    assert "s3cret" not in str(refused.value)


def test_a_secret_may_be_a_file(data, tmp_path, monkeypatch):
    """What a supervisor hands over as files is read; the environment wins."""
    (tmp_path / "handed").mkdir()
    for name in ("bot_oidc_client_secret", "bot_oidc_client_id"):
        (tmp_path / "handed" / name).write_text("s3cret\n", encoding="utf-8")
    (tmp_path / "handed/vault.key").write_text("not a setting", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "handed"))
    rows = data("config", "--json", oidc_client_id="languette")
    found = {
        row["name"]: (row["value"], row["source"]) for row in rows if row["name"].startswith("oidc_client")
    }
    assert found == {
        "oidc_client_id": ("languette", "environment"),
        "oidc_client_secret": ("**********", "secret file"),
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bot_x_client_secrte", "s3cret", "Did you mean bot_x_client_secret?"),
        ("x_client_secret", "s3cret", "Did you mean bot_x_client_secret?"),
        ("BOT-X-Client-Secret.txt", "s3cret", "Did you mean bot_x_client_secret?"),
        ("bot_zzz", "s3cret", "no setting of this name. `bot config`"),
        ("bot_x_client_secret", " \n", "this is empty"),
        ("bot_x_client_secret", None, "this is no file"),
        ("bot_x_client_secret", "\udcff", "cannot be read"),
    ],
)
def test_a_file_of_secrets_that_cannot_be_meant_is_refused(name, text, said, tmp_path, monkeypatch):
    """Misnamed, empty, a folder, no text: the start is refused by its name, without saying the secret."""
    file = tmp_path / "handed" / name
    file.parent.mkdir()
    if text is None:
        file.mkdir()
    else:
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(file.parent))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as refused:
        load()
    assert str(refused.value).startswith(str(file))
    assert said in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_file_of_secrets_that_leads_elsewhere_is_refused(tmp_path, monkeypatch):
    """A link out of the folder is no file handed over; one within is, as some supervisors make them."""
    (tmp_path / "handed/now").mkdir(parents=True)
    (tmp_path / "handed/now/token").write_text("s3cret", encoding="utf-8")
    (tmp_path / "elsewhere").write_text("other", encoding="utf-8")
    link = tmp_path / "handed/bot_x_client_secret"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(link.parent))
    monkeypatch.chdir(tmp_path)
    link.symlink_to("now/token")
    assert load().x_client_secret.get_secret_value() == "s3cret"
    link.unlink()
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="leads out of its folder"):
        load()


def test_a_folder_of_secrets_that_is_not_there_is_told(run, tmp_path, monkeypatch):
    """`bot doctor` says so, and so does what `bot run` prints."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "none"))
    assert "none, which is no folder" in setting_sources.no_folder()
    assert "which is no folder" in run("doctor", code=None).stdout
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert setting_sources.no_folder() == ""


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


def test_the_doctor_sees_who_else_may_read_or_change(run, tmp_path, monkeypatch):
    """A file of settings that others may read, a folder in which they may replace the key or a link to it."""
    monkeypatch.chdir(tmp_path)
    dotenv, folder = tmp_path / ".env", tmp_path / "keys"
    dotenv.write_text(f"BOT_VAULT_KEY={folder}/vault.key\n")
    folder.mkdir()
    dotenv.chmod(0o644)
    assert "chmod 600 .env" in run("doctor", code=None).stdout
    dotenv.chmod(0o600)
    folder.chmod(0o777)
    assert f"chmod go-w {folder}" in run("doctor", code=None).stdout
    folder.chmod(0o700)
    assert "nobody else may read secrets" in run("doctor", code=None).stdout
    safe = tmp_path / "safe"
    safe.mkdir(0o700)
    (safe / "link").symlink_to(folder / "vault.key")
    dotenv.write_text(f"BOT_VAULT_KEY={safe}/link\n")
    folder.chmod(0o777)
    assert f"chmod go-w {folder}" in run("doctor", code=None).stdout

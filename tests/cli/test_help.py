"""Help: every command has some, with an example; it comes at once."""

import sys
import time

import pytest
import typer

from bot.cli import main


def _walk(command, path=()):
    yield path, command
    context = typer.Context(command, info_name=" ".join(("bot", *path)))
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            yield from _walk(command.get_command(context, name), (*path, name))


def _commands():
    found = [found for name in main.COMMANDS for found in _walk(main.load(name), (name,))]
    assert ("notices", "approve") in [path for path, _ in found]
    return found


def test_every_command_shows_an_example():
    """The help of each command that does something ends with an example that starts with its own name."""
    for path, command in _commands():
        if hasattr(command, "list_commands"):
            continue
        text = command.get_help(typer.Context(command, info_name=" ".join(path)))
        assert "Example" in text, path
        assert f"bot {' '.join(path)}" in text.partition("Example")[2], path


def test_every_option_has_help():
    """Each option and argument of each command says what it does."""
    for path, command in _commands():
        for parameter in command.params:
            assert getattr(parameter, "help", "shown"), (path, parameter.name)


def test_the_list_of_commands_is_the_tree(run):
    """`bot -h` names every command in one line that is not cut off."""
    text = run("-h").stdout
    for name, entry in main.COMMANDS.items():
        assert f"  {name}" in text
        assert entry.about in text


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_both_help_flags_work_in_depth(run, flag):
    """Help works at the top, in a group and in a command."""
    for args in ((), ("notices",), ("notices", "approve")):
        assert run(*args, flag).stdout.startswith("Usage: bot")


def test_versions_agree(run):
    """`bot --version` and `bot version` print the same line."""
    assert run("--version").stdout == run("version").stdout
    assert run("version").stdout.startswith("Languette ")


def test_help_is_light(run):
    """`bot --help` imports no heavy library. How long it takes is printed, since machines differ."""
    start = time.monotonic()
    run("--help")
    sys.stdout.write(f"bot --help: {1000 * (time.monotonic() - start):.0f} ms\n")
    loaded = run_python("import sys, bot.cli.main; print(*sorted(sys.modules))")
    heavy = {"pydantic", "sqlalchemy", "fastapi", "jinja2", "babel", "structlog", "PIL", "rich"}
    assert heavy.isdisjoint(loaded.split())


def run_python(code: str) -> str:
    """Run code in a fresh interpreter and give what it prints."""
    import subprocess

    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_completion_knows_commands_and_values(tmp_path):
    """The shell completes names of commands and values of options."""
    import subprocess

    from tests.cli.conftest import environment

    for words, expected in (("bot no", "notices"), ("bot notices list --state pa", "paused")):
        variables = {
            "_BOT_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        done = subprocess.run(
            [sys.executable, "-m", "bot"], cwd=tmp_path, env=environment() | variables,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert expected in done.stdout.split()

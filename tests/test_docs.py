"""What is written about the program is true and complete."""

import json
import re
import tomllib
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from bot.cli.config import env_example, toml_example
from bot.model.access import Role
from bot.model.boost import BoostState, Mode
from bot.model.found import Sight
from bot.model.lane import Rest
from bot.model.moderation import REASONS, FlagKind, Reason, Verdict
from bot.model.notice import CloseReason, Consent, NoticeState
from bot.model.volunteer import VolunteerState
from bot.planning.waiting import Wait
from bot.settings import Settings
from bot.trust import guesses
from docs import generate, sbom

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"`(bot [^`\n]+)`")
TARGET = re.compile(r"(?:^|`)make ([a-z]+)", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
"""A proof: a file of tests and one test in it."""
LINES_MAX = 300


def ours(pattern: str) -> list[Path]:
    """Give our own files of that name: those in the root and below the folders that we write."""
    found = list(ROOT.glob(pattern))
    for folder in ("bot", "benchmarks", "docs", "tests"):
        found += (ROOT / folder).rglob(pattern)
    assert found, f"no file of ours is named {pattern}"
    return sorted(path for path in found if "node_modules" not in path.parts)


def named(pattern: re.Pattern[str]) -> list[tuple[Path, Any]]:
    """Give what our pages name in this way, each with its page."""
    found = [
        (path, one) for path in ours("*.md") for one in re.findall(pattern, path.read_text(encoding="utf-8"))
    ]
    assert found, f"no page names anything by {pattern}"
    return found


def section(page: str, title: str) -> str:
    """Give the text below the heading that names `title` in backquotes."""
    found = re.search(rf"^## [^\n]*`{title}`\)?\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"docs/reference/rules.md has no section for {title}"
    return found[1]


@pytest.mark.parametrize("name", sorted(generate.FILES))
def test_reference_pages_are_fresh(name):
    """A generated page says what the program says now; else run `python -m docs.generate`."""
    assert (ROOT / name).read_text(encoding="utf-8") == generate.FILES[name]()


def test_example_files_are_fresh():
    """The two example files show every setting with its default; else run `bot config --example`."""
    assert (ROOT / "config/languette.toml.example").read_text(encoding="utf-8") == toml_example()
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == env_example()


def test_every_setting_has_help():
    """Each setting stands on the settings page with its variable and its help."""
    page = (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        assert field.description, f"{name} has no help"
        assert f"| `{name}` | `BOT_{name.upper()}` |" in page
        assert field.description in page


def test_every_command_is_documented():
    """Each command stands on the command line page, and each that does something shows an example."""
    page = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    for name, text in generate.commands():
        assert f"## `{name}`\n" in page
        assert "Example" in text or "Commands:" in text, f"{name} shows no example"


def test_commands_in_the_pages_exist():
    """Every `bot …` in backquotes on any page begins with the name of a command."""
    known = {name for name, _ in generate.commands()}
    for path, text in named(COMMAND):
        words = text.split()
        assert any(" ".join(words[:n]) in known for n in (2, 3)) or words[1] == "--help", f"{path}: {text}"


@pytest.mark.parametrize(
    "words",
    [
        FlagKind,
        Verdict,
        Reason,
        NoticeState,
        Consent,
        Sight,
        CloseReason,
        BoostState,
        Wait,
        Rest,
        Mode,
        VolunteerState,
        Role,
    ],
    ids=lambda words: words.__name__,
)
def test_every_code_is_explained(words: type[StrEnum]):
    """The rules page has exactly one line for each flag, verdict, reason, state and cause of waiting."""
    page = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|", section(page, words.__name__), re.MULTILINE)
    assert sorted(rows) == sorted(words)


def test_reasons_are_quoted_as_the_seeker_reads_them():
    """The rules page gives each reason of a refusal in the words of the status page."""
    page = (ROOT / "docs/reference/rules.md").read_text(encoding="utf-8")
    for reason, sentence in REASONS.items():
        assert f"| `{reason}` | {sentence} |" in page


def test_make_targets_exist():
    """Every `make …` that a page names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path, target in named(TARGET):
        assert target in targets, path


def test_every_dependency_has_its_reason():
    """Decision 0001 says of each dependency, for running and for development, why it is there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    page = (ROOT / "docs/decisions/0001-stack-and-dependencies.md").read_text(encoding="utf-8")
    groups = project["dependency-groups"].values()
    for line in (*project["project"]["dependencies"], *(line for group in groups for line in group)):
        name = re.split(r"[^\w-]", line)[0]
        assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", page), name


def test_relative_links_lead_somewhere():
    """Every relative link of every page leads to a file of the repository."""
    for path, target in named(LINK):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            assert (path.parent / target.partition("#")[0]).exists(), f"{path}: {target}"


def test_decisions_are_numbered_and_short():
    """Decision records have each their own number and carry their four parts."""
    records = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert len({int(path.name[:4]) for path in records}) == len(records)
    for path in records:
        text = path.read_text(encoding="utf-8")
        for part in ("Context", "Decision", "Consequence", "Source"):
            assert f"- **{part}**: " in text, f"{path.name}: {part}"


def test_vendored_files_are_listed():
    """Every vendored asset stands on the third-party page, and nothing else does."""
    page = (ROOT / "docs/third-party.md").read_text(encoding="utf-8")
    vendored = [*ours("*.woff2"), *ours("*.min.js"), *ours("*.bloom")]
    assert vendored
    assert sorted(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == sorted(
        str(path.relative_to(ROOT)) for path in vendored
    )


def test_words_no_password_is_made_of_are_listed():
    """The page of security names exactly the words that the rule takes out of a password."""
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    listed = page.partition("<!-- words -->")[2].partition("<!-- /words -->")[0]
    assert listed.replace("\n", " ").split(", ") == sorted(guesses.WORDS)


def test_the_list_of_components_is_complete():
    """Everything that is pinned by a lock or vendored stands in the list once; what runs is marked so."""
    found = json.loads((ROOT / sbom.FILE).read_text(encoding="utf-8"))
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    names = Counter((one["name"], one.get("version")) for one in found["components"])
    assert set(names.values()) == {1}
    scopes = {
        one["name"]: one["scope"] for one in found["components"] if one["bom-ref"].startswith("pkg:pypi")
    }
    pins = {
        path.stem: set(re.findall(r"^([\w.-]+)==", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in (ROOT / "requirements").glob("*.txt")
    }
    assert pins["run"] == {name for name, scope in scopes.items() if scope == "required"}
    assert set().union(*pins.values()) == scopes.keys()
    npm = json.loads((ROOT / sbom.NPM).read_text(encoding="utf-8"))["packages"]
    held = {(path.rpartition("node_modules/")[2], one["version"]) for path, one in npm.items() if path}
    assert held == {
        (one["name"], one["version"]) for one in found["components"] if one["bom-ref"].startswith("pkg:npm")
    }
    vendored = [*ours("*.woff2"), *ours("*.min.js"), *ours("*.bloom")]
    assert {str(path.relative_to(ROOT)) for path in vendored} <= {name for name, _ in names}


def test_named_tests_exist():
    """Every test that a page names as a proof is there."""
    for path, (file, name) in named(NAMED):
        source = ROOT / file
        assert source.exists(), f"{path}: {file}"
        found = re.search(rf"^(?:async def|def|class)? ?{name}\b", source.read_text(), re.MULTILINE)
        assert found, f"{path}: {file}::{name}"


def test_no_line_of_asvs_is_missing():
    """Every requirement of levels 1 and 2 has a line with a state, and its sums are right."""
    page = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\d.]+) \| (\d) \| ([\w/]+) \| (.+?) \|(?: `(.+)`)? \|$", page, re.MULTILINE)
    assert len({number for number, *_ in rows}) == len(rows)
    assert Counter(level for _, level, *_ in rows) == {"1": 70, "2": 183, "3": 9}
    states = Counter(state for _, _, state, *_ in rows)
    sums = "{tested} tested, {reason} with a reason, {open} open, {n/a} not applicable".format_map(states)
    assert f"{len(rows)} lines: {sums}" in page
    assert all(test for _, _, state, _, test in rows if state == "tested")


def test_modules_are_short():
    """No module of bot/ is longer than 300 lines; longer ones do more than one job."""
    modules = [path for path in (ROOT / "bot").rglob("*.py") if "versions" not in path.parts]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert [(str(path), lines) for path, lines in lengths.items() if lines > LINES_MAX] == []


@pytest.mark.parametrize("name", ["tweepy", "apscheduler", "sqlmodel", "httpx"])
def test_the_program_stands_on_the_libraries_it_was_asked_for(name: str):
    """Its user chose these: the program itself imports them (a transport beneath httpx may be another's)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert name in {re.split(r"[<>=\[~ ]", one)[0] for one in project["dependencies"]}
    using = re.compile(rf"^\s*(?:import|from) {name}\b", re.MULTILINE)
    assert any(using.search(path.read_text(encoding="utf-8")) for path in (ROOT / "bot").rglob("*.py"))

"""A round as data: `bot plan --round` reads one document and writes one; bad input is refused by name."""

import copy
import json
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bot.planning.document import DocumentError, answer, read
from bot.planning.problem import Boost
from bot.planning.verify import breaches
from tests.planning.rounds import document

ROOT = Path(__file__).parents[2]
GOOD: dict[str, Any] = {
    "horizon": [0, 1440],
    "requests": [
        {
            "id": f"r{i}",
            "seeker": f"s{i}",
            "networks": ["x"],
            "lang": "fr",
            "tags": ["welding"],
            "region": None,
            "weight": 1,
            "demand": 3,
            "received": 0,
            "boosted_by": [],
        }
        for i in range(2)
    ],
    "volunteers": [
        {
            "id": f"v{i}",
            "network": "x",
            "langs": ["fr"],
            "topics": None,
            "regions": None,
            "cap_day": 2,
            "cap_hour": 1,
            "min_gap": 30,
            "quiet_start": 1320,
            "quiet_len": 540,
            "followers": 875,
        }
        for i in range(4)
    ],
}
MISSING = object()
MEANT = {("id", -1), ("seeker", -1), ("weight", 1.5), ("followers", 1.5), ("followers", "1e-400")}
"""Values of the tables below that are right where they stand."""


def changed(path: Sequence[str | int], value: object) -> bytes:
    """Write the good document with one field changed."""
    data = copy.deepcopy(GOOD)
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    if value is MISSING:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return json.dumps(data).encode()


def named(path: Sequence[str | int]) -> str:
    """Write a path as the messages do."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


FIELDS = [
    ("horizon",),
    ("requests",),
    ("volunteers",),
    *[("requests", 1, name) for name in GOOD["requests"][1]],
    *[("volunteers", 3, name) for name in GOOD["volunteers"][3]],
]
NUMBERS = [
    path for path in FIELDS if path[-1] in {"weight", "demand", "received", "followers"} or "_" in path[-1]
]
NUMBERS.remove(("requests", 1, "boosted_by"))
NEVER_EMPTY = [path for path in FIELDS if path[-1] in {"networks", "tags", "langs", "topics", "regions"}]


@pytest.mark.parametrize("value", [{}, True, "", [[]], float("nan"), float("inf"), 1.5, -1], ids=repr)
@pytest.mark.parametrize("path", FIELDS, ids=named)
def test_a_wrong_type_is_refused_by_name(path: Sequence[str | int], value: object):
    """Whatever stands in a field that cannot mean anything there: the message begins with the field."""
    if (path[-1], str(value) if isinstance(value, (dict, list)) else value) in MEANT:
        return
    with pytest.raises(DocumentError) as refused:
        read(changed(path, value))
    assert str(refused.value).startswith(named(path))


@pytest.mark.parametrize("path", FIELDS, ids=named)
def test_a_missing_field_is_named(path: Sequence[str | int]):
    """No field has a default."""
    with pytest.raises(DocumentError) as refused:
        read(changed(path, MISSING))
    assert str(refused.value) == f"{named(path)} is missing."


@pytest.mark.parametrize("path", NUMBERS, ids=named)
@pytest.mark.parametrize("text", ["1e400", "1e999999999999999999999", "9" * 5000, "-1", "1e-400", "null"])
def test_a_number_out_of_bounds_is_refused_by_name(path: Sequence[str | int], text: str):
    """Numbers that are huge, tiny, negative or missing do not slow the planner down, they are refused."""
    if (path[-1], text) in MEANT:
        return
    data = changed(path, "HERE").replace(b'"HERE"', text.encode())
    with pytest.raises(DocumentError) as refused:
        read(data)
    assert str(refused.value).startswith(f"{named(path)} must be a ")
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("path", NEVER_EMPTY, ids=named)
def test_an_empty_list_is_refused_where_it_could_mean_all_or_none(path: Sequence[str | int]):
    """Nobody has to guess what an empty list of networks, tags, languages, topics or regions means."""
    with pytest.raises(DocumentError, match=r"is empty: name at least one") as refused:
        read(changed(path, []))
    assert str(refused.value).startswith(named(path))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The input is not JSON: Expecting value: line 1 column 1 (char 0)."),
        (b"{", "The input is not JSON: Expecting property name"),
        (b"\xff\xfe\xff", "The input is not JSON: byte "),
        (b"[" * 100_000, "The input is nested too deeply."),
        (b"[]", "The input must be an object, not []."),
        (b"null", "The input must be an object, not null."),
        (changed(("requests", 0, "id"), "r1"), "requests[1].id repeats the id of number 0."),
        (changed(("volunteers", 2, "id"), "v0"), "volunteers[2].id repeats the id of number 0."),
        (changed(("volunteers", 2, "capday"), 1), "volunteers[2].capday is no field of a volunteer."),
        (changed(("requests", 0, "a\nb"), 1), "requests[0].a\\nb is no field of a request."),
        (changed(("seed",), 1), "seed is no field of the document."),
        (changed(("requests", 0, "tags"), ["a", 5]), "requests[0].tags[1] must be a text"),
        (changed(("requests", 0, "boosted_by"), [None]), "requests[0].boosted_by[0] must be"),
        (changed(("requests", 0), "r0"), 'requests[0] must be an object, not "r0".'),
        (changed(("horizon",), [0, 720]), "horizon must be one day, like [0, 1440], not [0, 720]."),
        (changed(("horizon",), [0, 1440, 2880]), "horizon must be one day"),
        (changed(("horizon", 1), 1440.5), "horizon[1] must be a whole number"),
        (changed(("volunteers", 0, "cap_hour"), 0), "volunteers[0].cap_hour must be a whole"),
        (changed(("volunteers", 0, "quiet_start"), 1440), "volunteers[0].quiet_start must be"),
        (changed(("volunteers", 0, "quiet_len"), 1441), "volunteers[0].quiet_len must be"),
        (changed(("volunteers", 0, "cap_day"), 2.0), "volunteers[0].cap_day must be a whole number"),
        (changed(("requests", 0, "weight"), 0), "requests[0].weight must be a number from 0.001"),
        (
            changed(("horizon",), [0, 1440]).replace(b'"horizon":', b'"horizon": [0, 1440], "horizon":'),
            "horizon is given twice.",
        ),
        (
            changed(("volunteers", 3, "cap_day"), 7).replace(b'"cap_day": 7', b'"cap_day": 7, "cap_day": 8'),
            "volunteers[3].cap_day is given twice.",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused_by_name(data: bytes, message: str):
    """Each refusal says where and what."""
    with pytest.raises(DocumentError) as refused:
        read(data)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("requests",), []),
        (("volunteers",), []),
        (("requests", 0, "boosted_by"), ["v0", "somebody who left", "v0"]),
        (("requests", 0, "seeker"), "s1"),
        (("requests", 0, "demand"), 0),
        (("requests", 0, "id"), 7),
        (("requests", 0, "region"), "Bretagne"),
        (("volunteers", 0, "cap_day"), 0),
        (("volunteers", 0, "cap_day"), 1_000_000_000),
        (("volunteers", 0, "quiet_len"), 1440),
        (("volunteers", 0, "followers"), 12.5),
        (("volunteers", 0, "followers"), 0),
        (("volunteers", 0, "followers"), 1_000_000_000),
        (("horizon",), [480, 1920]),
        (("requests", 0, "id"), "\ud800 é\n"),
    ],
)
def test_unusual_documents_are_planned(path: Sequence[str | int], value: object):
    """What means something is planned, and all of it holds: nobody on one side, zeros, strangers, odd ids."""
    data = changed(path, value)
    made = read(data)
    found = json.loads(answer(data))
    assert found.keys() == {"assignments"}
    assert list(breaches(made, [Boost(**boost) for boost in found["assignments"]])) == []


def test_weights_are_kept_as_written():
    """0.1 is a tenth, not the nearest binary fraction."""
    assert read(changed(("requests", 0, "weight"), 0.1)).requests[0].weight == Fraction(1, 10)


def test_ids_come_back_as_they_came():
    """A number stays a number and a text a text, even when they look alike."""
    data = json.loads(changed(("requests", 0, "id"), 1))
    data["requests"][1]["id"] = "1"
    found = json.loads(answer(json.dumps(data).encode()))["assignments"]
    assert [boost["request"] for boost in found] == [1, 1, 1, "1", "1", "1"]


def run(tmp_path: Path, *arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run `bot plan --round …` in an empty folder."""
    return subprocess.run(
        (sys.executable, "-m", "bot", "plan", "--round", *arguments),
        input=data, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip


def test_the_command_plans_what_it_reads(tmp_path: Path):
    """One document in, one out; no file is made; a file and the standard input give the same answer."""
    data = json.dumps(document(3, 20, 1.0)).encode()
    done = run(tmp_path, "-", "--certificates", data=data)
    assert (done.returncode, done.stderr) == (0, b"")
    assert list(tmp_path.iterdir()) == []
    found = json.loads(done.stdout)
    made = read(data)
    boosts = [Boost(**boost) for boost in found["assignments"]]
    assert boosts
    assert list(breaches(made, boosts)) == []
    assert all(certificate["words"] for certificate in found["certificates"])
    (tmp_path / "round.json").write_bytes(data)
    again = run(tmp_path, "round.json", "--certificates")
    assert again.stdout == done.stdout


def test_the_command_refuses_with_code_2(tmp_path: Path):
    """Bad input and a file that is not there: exit code 2, one sentence, nothing on the standard output."""
    bad = run(tmp_path, "-", data=changed(("volunteers", 3, "cap_day"), -1))
    assert (bad.returncode, bad.stdout) == (2, b"")
    assert bad.stderr.decode() == (
        "volunteers[3].cap_day must be a whole number from 0 to 1000000000, not -1.\n"
    )
    gone = run(tmp_path, "nowhere.json")
    assert (gone.returncode, gone.stdout) == (2, b"")
    assert gone.stderr.decode() == "nowhere.json cannot be read: No such file or directory.\n"


def test_the_page_shows_what_is_read_and_written():
    """The example of the reference page is planned as the page says."""
    page = (ROOT / "docs/reference/round.md").read_text(encoding="utf-8")
    given, expected = (part.partition("\n```")[0] for part in page.split("```json\n")[1:3])
    assert json.loads(answer(given.encode(), with_certificates=True)) == json.loads(expected)


@pytest.mark.parametrize("name", ["requests", "volunteers"])
def test_the_page_explains_every_field(name: str):
    """Each field of a request and of a volunteer has a line on the reference page."""
    page = (ROOT / "docs/reference/round.md").read_text(encoding="utf-8")
    for field in GOOD[name][0]:
        assert f"| `{field}` |" in page

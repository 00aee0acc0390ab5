"""The impact page and its files."""

import csv
import io

import pytest

from bot.app import App
from bot.model.notice import CloseReason
from bot.reporting.impact import Bin
from bot.storage import notices
from bot.web.impact import label, long_day, safe_cell
from tests.conftest import NOW
from tests.web.visitor import Visitor


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A fresh browser."""
    return Visitor(app)


def test_empty(visitor):
    """Before the first notice the page says so, and the files hold no figure."""
    assert "The first notice is on its way." in visitor.get("/en/impact").text
    assert visitor.get("/en/impact.json").json()["notices"] is None
    assert visitor.get("/en/impact.csv").status_code == 200


def test_few(visitor, make_notice):
    """With fewer than five people no figure is shown."""
    make_notice()
    assert "The first notices are going round." in visitor.get("/en/impact").text


@pytest.mark.parametrize(("lang", "words"), [("fr", "5 personnes nous ont dit"), ("en", "5 people told us")])
def test_found(visitor, store, make_notice, lang, words):
    """Five who found a job make the headline."""
    for _ in range(5):
        store.run_write(notices.close, make_notice().id, CloseReason.FOUND_JOB, NOW)
    assert words in visitor.get(f"/{lang}/impact").text.replace("\u00a0", " ")


def test_files_agree(visitor, make_notice):
    """CSV and JSON give the same numbers, and no names."""
    for _ in range(7):
        make_notice(name="Secretname")
    data = visitor.get("/en/impact.json")
    table = visitor.get("/en/impact.csv")
    rows = {row[0]: row[2] for row in csv.reader(io.StringIO(table.content.decode("utf-8-sig"))) if row[2]}
    assert data.json()["notices"] == int(rows["notices"]) == 7
    assert "names" not in data.json()
    assert "Secretname" not in data.text + table.text


def test_files_without_a_language(visitor):
    """/impact.csv leads to the file in the reader's language."""
    answer = visitor.get("/impact.csv", headers={"accept-language": "en"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/en/impact.csv")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1"])
def test_cells_are_no_formulas(cell):
    """A cell that a spreadsheet would compute is made text."""
    assert safe_cell(cell) == "'" + cell


def test_cells_of_numbers():
    """Numbers stay as they are, nothing stays empty."""
    assert [safe_cell(12), safe_cell(None), safe_cell("1–3")] == ["12", "", "1–3"]


def test_bin_labels():
    """One number, a range, or more."""
    assert [label(Bin(0, 0, 5)), label(Bin(1, 3, 5)), label(Bin(14, None, 5))] == ["0", "1–3", "14+"]


@pytest.mark.parametrize(("lang", "words"), [("fr", "1er janvier 2026"), ("en", "1 January 2026")])
def test_first_of_the_month(app, lang, words):
    """The first day has its own form in French."""
    page = type("Page", (), {"app": app, "lang": lang})()
    assert long_day(NOW.replace(month=1, day=1), page) == words

"""The data sets themselves."""

import pytest

from bot.errors import ConfigError
from bot.sets import PAPERS, Label, paper_colour, regions, sectors
from bot.sets.files import fold, read


def test_sectors_are_the_rome():
    """The 14 domains A to N have a name in both languages."""
    assert list(sectors()) == list("ABCDEFGHIJKLMN")
    assert all(label.name("fr") and label.name("en") for label in sectors().values())


def test_regions_are_the_insee_codes():
    """The 18 regions and "abroad", which stands last."""
    codes = [
        "01",
        "02",
        "03",
        "04",
        "06",
        "11",
        "24",
        "27",
        "28",
        "32",
        "44",
        "52",
        "53",
        "75",
        "76",
        "84",
        "93",
        "94",
    ]
    assert sorted(set(regions()) - {"abroad"}) == codes
    assert list(regions())[-1] == "abroad"


def test_departments_are_complete():
    """There are 101 departments, each in one of the regions."""
    rows = read("departments")["departments"]
    assert len({number for number, _, _ in rows}) == len(rows) == 101
    assert {code for _, _, code in rows} == set(regions()) - {"abroad"}


def test_towns_stand_in_one_region_only():
    """About 400 towns, none twice: an ambiguous name is in no list."""
    towns = [fold(town) for names in read("towns")["towns"].values() for town in names]
    assert len(towns) >= 250
    assert sorted(towns) == sorted(set(towns))


def test_no_job_stands_in_two_sectors():
    """A word means one sector within its kind, otherwise its guess would depend on the order of the file."""
    for kind in ("jobs", "fields", "generic"):
        found = [(word, code) for code, row in read("sectors").items() for word in row.get(kind, ())]
        assert found, kind
        double = {word for word, code in found if any(w == word and c != code for w, c in found)}
        assert double == set()


def test_label_falls_back():
    """A label without a name in the language asked for gives the one it has."""
    assert Label("X", {"fr": "Nom"}).name("en") == "Nom"


@pytest.mark.parametrize("sector", [*"ABCDEFGHIJKLMN", None, "?"])
def test_paper_is_one_of_four(sector):
    """Every sector, known or not, has one of the four papers."""
    assert paper_colour(sector) in PAPERS


def test_own_file_replaces_ours(tmp_path):
    """A file of the same name in the folder's data/sets/ is read instead."""
    (tmp_path / "regions.toml").write_text('[BRU]\nfr = "Bruxelles"\n', "utf-8")
    assert read("regions", tmp_path) == {"BRU": {"fr": "Bruxelles"}}


def test_own_file_that_is_broken_is_named(tmp_path):
    """A malformed file stops the start with its name."""
    (tmp_path / "regions.toml").write_text("[", "utf-8")
    with pytest.raises(ConfigError, match=r"regions\.toml"):
        read("regions", tmp_path)

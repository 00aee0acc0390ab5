"""The notices that the law wants, from the settings."""

from pathlib import Path

import pytest

from bot.app import build
from bot.model.legal import LEGAL, OPTIONAL, missing
from bot.settings import Settings
from tests.clocks import StillClock
from tests.web.visitor import Read, Visitor


def test_what_is_missing_is_said(app, settings):
    """An installation without settings says on the page, and to its operator, that nothing is filled in."""
    page = Read(Visitor(app).get("/fr/legal").text).text
    assert page.count("pas encore rempli") == len(LEGAL)
    assert missing(settings) == [name for name in LEGAL if name not in OPTIONAL]
    assert Visitor(app).get("/fr/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_item_is_shown(tmp_path: Path, lang: str):
    """Each setting stands on the page as it is; the address for weaknesses is in security.txt, dated."""
    values = {name: f"value-of-{name}" for name in LEGAL} | {"publisher_mail": "us@example.org"}
    settings = Settings(data_dir=tmp_path / "data", _env_file=None, **values)  # type: ignore[call-arg]
    app = build(settings, clock=StillClock())
    page = Visitor(app).get(f"/{lang}/legal").text
    assert [value for value in values.values() if value not in page] == []
    assert missing(settings) == []
    answer = Visitor(app).get("/.well-known/security.txt")
    assert answer.headers["location"].endswith("/.well-known/security.txt")
    text = Visitor(app).get(answer.headers["location"]).text
    assert "Contact: mailto:us@example.org\n" in text
    assert "Expires: 2027-05-16T09:00:00Z\n" in text
    app.close()

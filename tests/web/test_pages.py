"""How pages are made from files."""

import shutil
import subprocess
import sys
from pathlib import Path

import bot

SCRIPT = """
import sys
from pathlib import Path

from bot import app, web
from bot.settings import Settings
from bot.web import pages
from starlette.testclient import TestClient

assert Path(web.__file__).is_relative_to(sys.path[0])
made = app.build(Settings(data_dir=Path("data"), _env_file=None))
client = TestClient(web.create(made), base_url="http://127.0.0.1:8000")
first = client.get("/fr/fairness").text
for kind, folder in (("html", pages.TEMPLATES), ("css", pages.STATIC), ("js", pages.STATIC)):
    for file in folder.rglob(f"*.{kind}"):
        file.write_text("of another version")
print(client.get("/fr/fairness").text == first, "of another version" in client.get("/fr/contact").text)
made.close()
"""


def test_an_update_of_the_files_waits_for_the_next_start(tmp_path):
    """A site that runs goes on with the templates and the hashes it started with, pages never shown too."""
    shutil.copytree(Path(bot.__file__).parent, tmp_path / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "play.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "play.py"], cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.stdout.split() == ["True", "False"], done.stderr

"""`bot audit`: the journal's proof at the terminal."""

import sqlite3
from contextlib import closing


def test_a_sound_journal_and_a_changed_one(run, data, submit, tmp_path):
    """The check says that all lines hold, then names the line that somebody changed, with exit code 1."""
    submit()
    submit("Baker")
    head = run("audit", "head").stdout.strip()
    assert data("audit", "verify", "--head", head, "--json")["holds"] is True
    with closing(sqlite3.connect(tmp_path / "data/languette.db")) as database, database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET subject = 'notice:9' WHERE id = 2")
    broken = run("audit", "verify", code=1)
    assert "line 2 is not what was written" in broken.stderr


def test_a_head_that_is_none_is_said(run):
    """A head in another form gives a sentence and exit code 2."""
    assert "LINE:HASH" in run("audit", "verify", "--head", "latest", code=2).stderr

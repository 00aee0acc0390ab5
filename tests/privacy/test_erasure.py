"""An erased person is nowhere: not in the rows, the file, the write-ahead log, a restored backup."""

import shutil
from contextlib import closing
from datetime import timedelta

import pytest

from bot import storage
from bot.app import App, build
from bot.errors import ConflictError, NotFoundError
from bot.intake import life
from bot.model.journal import CLI, Actor
from bot.model.notice import CloseReason, NoticeState
from bot.model.volunteer import VolunteerState
from bot.planning.audit import audit
from bot.privacy import erasure, retention
from bot.roster import change
from bot.storage import boosts, journal, notices, plan_log, reports, volunteers
from bot.storage.copies import snapshot
from bot.trust.links import hash_token
from tests.clocks import NOW, StillClock
from tests.privacy.people import SEEKERS_WORDS, VOLUNTEERS_WORDS, People, found_in, story

SEEKER = Actor("seeker")


@pytest.fixture
def people(app: App, clock: StillClock) -> People:
    """Two people and their story."""
    return story(app, clock)


def erase_both(app: App, clock: StillClock, people: People) -> None:
    """Erase the seeker and the volunteer."""
    now, ledger = clock.now(), app.ledger()
    assert erasure.erase_seeker(app.store, ledger, people.seeker, now=now, actor=CLI).whole
    assert erasure.erase_volunteer(app.store, ledger, people.volunteer, now=now, actor=CLI).whole


def test_the_search_finds_what_is_there(app: App, people: People):
    """Before the erasure every word of both people is found, or the searches below would prove nothing."""
    found = {word for _, word in found_in(app.settings.data_dir, SEEKERS_WORDS + VOLUNTEERS_WORDS)}
    assert found == set(SEEKERS_WORDS + VOLUNTEERS_WORDS)
    app.store.fold()
    held = {word for _, word in found_in(app.settings.data_dir, SEEKERS_WORDS)}
    assert set(SEEKERS_WORDS) - held == {"yeast and copper kettles"}, "only what was changed since is gone"


def test_nothing_of_an_erased_person_is_in_any_file(app: App, clock: StillClock, people: People):
    """Database, write-ahead log and ledger hold no word, name, address, handle or link of theirs."""
    tokens = (people.seeker_token, hash_token(people.seeker_token), hash_token(people.volunteer_token))
    erase_both(app, clock, people)
    assert found_in(app.settings.data_dir, (*SEEKERS_WORDS, *VOLUNTEERS_WORDS, *tokens)) == []
    wal = app.settings.database.with_name("languette.db-wal")
    assert wal.stat().st_size == 0


def test_counts_and_proofs_outlive_the_erasure(app: App, clock: StillClock, people: People):
    """What stays is numbers: the planner's log still holds against the boosts, the consents are withdrawn."""
    erase_both(app, clock, people)

    def look(session):
        rows = boosts.listed(session)
        report = audit(plan_log.read(session), rows, app.keys.seed("slots"), facts=plan_log.facts(session))
        return len(rows), report

    count, report = app.store.run_read(look)
    assert (count, report.breach, report.asks) == (1, None, 1)
    for subject in (f"notice:{people.notice}", f"volunteer:{people.volunteer}"):
        kept = app.store.run_read(journal.consents, subject)
        assert kept
        assert all(one["withdrawn_at"] and one["ended_at"] for one in kept)
    notice = app.store.run_read(notices.get, people.notice)
    assert (notice.erased, notice.state, notice.close_reason) == (
        True,
        NoticeState.CLOSED,
        CloseReason.WITHDRAWN,
    )
    assert app.store.run_read(volunteers.get, people.volunteer).state is VolunteerState.LEFT


def test_a_report_goes_on_without_its_author(app: App, clock: StillClock, people: People):
    """A remark that no moderator has read yet stays as its kind; whose it was, and the words, are gone."""
    ledger = app.ledger()
    erasure.erase_volunteer(app.store, ledger, people.volunteer, now=clock.now(), actor=CLI)
    (report,) = app.store.run_read(reports.unsettled)[people.notice]
    assert (report.volunteer_id, report.why) == (None, "Something else")


def test_nobody_comes_back_with_a_backup(app: App, clock: StillClock, people: People, tmp_path):
    """A backup of before, restored 30 days later and replayed, holds none of their words."""
    copy = tmp_path / "copy.db"
    snapshot(app.settings.database, copy)
    erase_both(app, clock, people)
    app.close()
    shutil.copy(copy, app.settings.database)
    clock.advance(timedelta(days=30))
    restored = build(app.settings, clock=clock)
    with closing(restored):
        assert found_in(app.settings.data_dir, ("Perpetua", "Balthazar"))
        done = erasure.replay(restored.store, app.ledger(), now=clock.now())
        assert (done.seekers, done.volunteers) == (1, 1)
        again = erasure.replay(restored.store, app.ledger(), now=clock.now())
        assert (again.seekers, again.volunteers, again.notices) == (0, 0, 0)
        assert found_in(app.settings.data_dir, SEEKERS_WORDS + VOLUNTEERS_WORDS) == []


@pytest.mark.parametrize("shared", [False, True])
def test_who_shared_a_number_comes_back_by_none(app: App, make_notice, shared):
    """Whom the ledger erased under the number of before the parting, or under the one of after, is erased."""
    hers, other = make_notice(text="Mornings only."), make_notice()
    since = app.store.run_read(storage.erasure.seeker_since, hers.seeker_id)
    with app.store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE seeker SET parted_from = 77 WHERE id = {hers.seeker_id}")
    ledger = app.ledger()
    ledger.add(erasure.SEEKER, 77 if shared else hers.seeker_id, since, now=NOW)
    assert erasure.replay(app.store, ledger, now=NOW).seekers == 1
    assert [app.store.run_read(notices.get, one.id).erased for one in (hers, other)] == [True, False]


def test_whom_an_upgrade_parted_is_erased_in_a_backup_that_it_does_not_part(app: App, make_notice):
    """A backup of when there was one notice keeps the seeker's number; the ledger has the notice's."""
    hers, other = make_notice(text="Mornings only."), make_notice()
    since = app.store.run_read(storage.erasure.seeker_since, hers.seeker_id)
    app.ledger().add(erasure.SEEKER, -hers.id, since, now=NOW)
    assert erasure.replay(app.store, app.ledger(), now=NOW).seekers == 1
    assert [app.store.run_read(notices.get, one.id).erased for one in (hers, other)] == [True, False]


def test_a_number_that_was_several_people_erases_nobody(app: App, make_notice):
    """Old copies still show it: whoever asks for it is told the numbers of today, and no ledger notes it."""
    shell, hers = make_notice(), make_notice()
    with app.store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE seeker SET parted_from = {shell.seeker_id} WHERE id = {hers.seeker_id}"
        )
    with pytest.raises(ConflictError, match=f"own numbers since an upgrade: {hers.seeker_id}"):
        erasure.erase_seeker(app.store, app.ledger(), shell.seeker_id, now=NOW, actor=CLI)
    assert erasure.replay(app.store, app.ledger(), now=NOW).seekers == 0


def test_who_withdrew_or_left_stays_out_after_a_restore(
    app: App, clock, make_notice, make_volunteer, tmp_path
):
    """Ends by any way are noted within a minute: after a restore they hold again, undone ones do not."""
    gone, undone, stays = (make_notice() for _ in range(3))
    left, member = make_volunteer(name="Samir"), make_volunteer(name="Ines")
    copy = tmp_path / "copy.db"
    snapshot(app.settings.database, copy)
    write = app.store.run_write
    write(life.withdraw, gone.id, now=NOW, actor=SEEKER)
    write(life.found_job, undone.id, show_name=False, now=NOW, actor=SEEKER)
    write(change.leave, left.id, now=NOW, actor=CLI)
    assert erasure.note_ends(app.store, app.ledger(), now=NOW) == 3
    write(life.undo_found_job, undone.id, now=NOW + timedelta(hours=1), actor=SEEKER)
    assert erasure.replay(app.store, app.ledger(), now=NOW).notices == 0, "a start changes nothing"
    assert erasure.note_ends(app.store, app.ledger(), now=NOW + timedelta(hours=1)) == 0
    app.close()
    shutil.copy(copy, app.settings.database)
    with closing(build(app.settings, clock=clock)) as restored:
        erasure.replay(restored.store, app.ledger(), now=NOW + timedelta(hours=2))
        states = {n.id: n.state for n in restored.store.run_read(notices.listed)}
        assert states == {
            gone.id: NoticeState.CLOSED,
            undone.id: NoticeState.ACTIVE,
            stays.id: NoticeState.ACTIVE,
        }
        there = restored.store.run_read(volunteers.listed, states=[VolunteerState.ACTIVE])
        assert [one.id for one in there] == [member.id]


def test_a_crash_after_the_ledger_loses_no_erasure(app: App, clock: StillClock, people: People):
    """Killed between ledger and database, the next start finishes the erasure."""
    since = app.store.run_read(volunteers.get, people.volunteer).joined_at
    app.ledger().add(erasure.VOLUNTEER, people.volunteer, since, now=clock.now())
    assert erasure.replay(app.store, app.ledger(), now=clock.now()).volunteers == 1


def test_the_ledger_names_nobody_and_survives_a_cut(app: App, tmp_path):
    """Its lines are keyed hashes; a line that a crash cut short is left out, and the next one is whole."""
    ledger = app.ledger()
    assert ledger.add("seeker", 12, NOW, now=NOW)
    assert not ledger.add("seeker", 12, NOW, now=NOW)
    line = ledger.path.read_text(encoding="ascii")
    assert "12 " not in line.replace(NOW.isoformat(), "")
    assert ledger.path.stat().st_mode & 0o077 == 0
    with ledger.path.open("a", encoding="ascii") as file:
        file.write("2026-11-17T09:0")
    assert app.ledger().add("volunteer", 3, NOW, now=NOW)
    again = app.ledger()
    assert again.erased_at("seeker", 12, NOW) == again.erased_at("volunteer", 3, NOW) == NOW
    assert again.erased_at("seeker", 12, NOW + timedelta(seconds=1)) is None, "a number that is used again"
    assert again.prune(NOW - timedelta(days=1)) == 0
    assert again.prune(NOW) == 2
    assert app.ledger().erased_at("seeker", 12, NOW) is None


def test_whoever_is_not_there_cannot_be_erased(app: App):
    """An unknown number is refused, and nothing is noted."""
    for act in (erasure.erase_seeker, erasure.erase_volunteer):
        with pytest.raises(NotFoundError):
            act(app.store, app.ledger(), 99, now=NOW, actor=CLI)
    assert not app.ledger().path.exists()


def test_the_sweep_leaves_nothing_in_the_write_ahead_log(app: App, clock: StillClock, people: People):
    """What retention erases is gone from the files too, not only from the rows."""
    app.store.run_write(life.withdraw, people.notice, now=clock.now(), actor=SEEKER)
    clock.advance(timedelta(days=31))
    retention.sweep(app.store, app.ledger(), now=clock.now())
    words = [word for word in SEEKERS_WORDS if not word.startswith("smells")]
    assert found_in(app.settings.data_dir, tuple(words)) == []

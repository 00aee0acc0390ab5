"""Nothing is kept past its date: thirteen months of a collective, counted by hand-written SQL."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from bot.app import App
from bot.delivery import by_hand, due, tokens
from bot.errors import ConflictError
from bot.intake import form, life
from bot.intake.submit import submit
from bot.model.boost import WAITING_STATES, BoostState, Mode
from bot.model.forms import Stamp
from bot.model.journal import Actor
from bot.model.lending import LASTS, Way
from bot.model.moderation import Reason, Verdict
from bot.model.notice import CloseReason, NoticeState
from bot.model.secret import Secret
from bot.moderation import admins, decide, outside
from bot.planning import ask
from bot.planning import round as planning
from bot.planning.audit import Report, audit
from bot.privacy import retention
from bot.privacy.rules import RULES
from bot.roster import change
from bot.storage import Session, boosts, connections, notices, plan_log, twins
from bot.ticks import RETAIN_EVERY_S, every
from bot.trust import keyfile
from bot.trust.ledger import Ledger
from bot.trust.links import hash_token
from bot.trust.vault import Vault
from tests.clocks import NOW, StillClock

SEEKER, VOLUNTEER = Actor("seeker"), Actor("volunteer", 1)
DAYS, STEP = 13 * 30 + 5, 3
PAST = {
    "words after an end for good": (
        "SELECT count(*) FROM notice WHERE title <> '' AND closed_at <= :day_ago"
        " AND close_reason IN ('found_job', 'withdrawn', 'source_gone')"
    ),
    "words of a silent seeker": "SELECT count(*) FROM notice WHERE title <> '' AND alive_at <= :days60_ago",
    "words of an old notice": "SELECT count(*) FROM notice WHERE title <> '' AND created_at <= :year_ago",
    "any word beside the title": (
        "SELECT count(*) FROM notice WHERE title = ''"
        " AND (text <> '' OR place <> '' OR (name <> '' AND NOT show_name) OR waiting IS NOT NULL)"
    ),
    "a shown name": "SELECT count(*) FROM notice WHERE title = '' AND name <> '' AND closed_at <= :year_ago",
    "a post without words": (
        "SELECT count(*) FROM post JOIN notice ON notice.id = notice_id WHERE title = ''"
    ),
    "an address without words": (
        "SELECT count(*) FROM seeker WHERE email IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM notice WHERE seeker_id = seeker.id AND title <> '')"
    ),
    "fingerprints": (
        "SELECT count(*) FROM seeker_key k WHERE NOT EXISTS (SELECT 1 FROM notice n WHERE"
        " n.seeker_id = k.seeker_id AND (n.title <> '' OR n.state <> 'closed' OR n.closed_at > :days30_ago))"
    ),
    "words of an undo": "SELECT count(*) FROM decision WHERE length(before) > 2 AND at <= :hour_ago",
    "words of a decision or report": (
        "SELECT (SELECT count(*) FROM decision, notice n"
        " WHERE n.id = notice_id AND title = '' AND note <> '')"
        " + (SELECT count(*) FROM report, notice n"
        " WHERE n.id = notice_id AND title = '' AND why <> '')"
    ),
    "decisions": "SELECT count(*) FROM decision WHERE at <= :year_ago",
    "reports": "SELECT count(*) FROM report WHERE at <= :year_ago",
    "addresses left with reports": "SELECT count(*) FROM report WHERE contact <> '' AND at <= :days30_ago",
    "journal": "SELECT count(*) FROM journal WHERE at <= :year_ago",
    "planner's log": "SELECT count(*) FROM plan_log WHERE at <= :year_ago",
    "consents": "SELECT count(*) FROM consent WHERE ended_at <= :year_ago",
    "consents of what is over": (
        "SELECT count(*) FROM consent JOIN notice n ON subject = 'notice:' || n.id"
        " WHERE title = '' AND name = '' AND ended_at IS NULL"
    ),
    "texts nobody said yes to": (
        "SELECT count(*) FROM consent_text WHERE text_hash NOT IN (SELECT text_hash FROM consent)"
    ),
    "tokens": "SELECT count(*) FROM access WHERE used_at <= :days90_ago",
    "connections": "SELECT count(*) FROM connection WHERE expires_at <= :hour_ago",
    "log-ins": (
        "SELECT count(*) FROM admin_session WHERE seen_at <= :hours12_ago OR created_at <= :days7_ago"
    ),
    "forms": "SELECT count(*) FROM stamp WHERE until <= :hour_ago",
    "one-time links": "SELECT count(*) FROM one_time_link WHERE expires_at <= :now",
    "claims": "SELECT count(*) FROM claim WHERE until <= :now",
}
AGES = {
    "now": timedelta(),
    "hour_ago": timedelta(hours=1),
    "hours12_ago": timedelta(hours=12),
    "day_ago": timedelta(days=1),
    "days7_ago": timedelta(days=7),
    "days30_ago": timedelta(days=30),
    "days60_ago": timedelta(days=60),
    "days90_ago": timedelta(days=90),
    "year_ago": timedelta(days=365),
}


def past(app: App, now: datetime) -> dict[str, int]:
    """Count what is past its date, by query; queries that find nothing are absent."""
    moments = {name: f"{now - age:%Y-%m-%d %H:%M:%S.%f}" for name, age in AGES.items()}
    with closing(sqlite3.connect(app.settings.database)) as connection:
        found = {name: connection.execute(query, moments).fetchone()[0] for name, query in PAST.items()}
    return {name: count for name, count in found.items() if count}


class Year:
    """A small collective: every few days one seeker comes, by turns with another fate."""

    def __init__(self, app: App, clock: StillClock, make_volunteer) -> None:
        self.app, self.clock, self.make_volunteer = app, clock, make_volunteer
        self.tokens: dict[int, str] = {}
        self.seal = Vault([keyfile.new_key()]).seal

    def write(self, fn, *args, **values):
        """Run a stage function now."""
        return self.app.store.run_write(fn, *args, now=self.clock.now(), **values)

    def comes(self, day: int) -> int:
        """Send a notice."""
        submission = form.Submission(
            title=f"Job {day}", place="Lille", contract="any", text=f"Words of the day {day}.",
            has_post="yes", link=f"https://x.com/seeker{day}/status/{10**18 + day}", name=f"Name{day}",
            email=f"seeker{day}@example.org", consent=True,
        )  # fmt: skip
        draft, errors = form.read(submission, self.app.networks)
        assert draft is not None, errors
        settings, keys = self.app.settings, self.app.keys
        form_sent = Stamp(f"stamp {day}", self.clock.now() + timedelta(days=1))
        sent = self.write(submit, draft, settings=settings, keys=keys, actor=SEEKER, form=form_sent)
        return sent.notice.id

    def decided(self, notice_id: int, verdict: Verdict, **values) -> None:
        """Let a moderator say something."""
        undo = timedelta(seconds=self.app.settings.undo_s)
        self.write(
            decide.decide, notice_id, verdict, settings=self.app.settings, admin_id=1, undo=undo, **values
        )

    def goes_on(self) -> None:
        """Plan, ask, answer, expire, close."""
        app = self.app
        common = {"settings": app.settings, "keys": app.keys, "networks": app.networks}
        self.write(planning.run, **common)
        self.write(ask.ask_due, **common)
        for number, boost in enumerate(app.store.run_read(boosts.listed, states=WAITING_STATES)):
            if number == 0:
                self.write(by_hand.skip, boost.id, volunteer_id=boost.volunteer_id, why="later")
            elif number == 1:
                self.write(by_hand.report, boost.id, volunteer_id=boost.volunteer_id, why="Spam: at Nadia’s")
                self.write(outside.receive, boost.notice_id, why="Spam", contact="reader@example.org")
                self.decided(boost.notice_id, Verdict.ACCEPT)
            else:
                self.write(by_hand.declare, boost.id, volunteer_id=boost.volunteer_id)
        self.write(due.expire)
        self.write(life.close_overdue)

    def people(self, day: int) -> None:
        """Let volunteers come and leave, and the admin log in."""
        if day % 60 == 0:
            for name in "ab":
                account = self.make_volunteer(at=self.clock.now(), token=f"{name}{day}").accounts[0]
                self.write(tokens.give, self.seal, account, Secret(name), mode=Mode.ONE_TAP)
                self.write(connections.begin, account.id, state_hash=f"{name}{day}", mode=Mode.AUTOMATIC,
                           way=Way.PAGE, lang="fr", sealed="",
                           expires_at=self.clock.now() + LASTS)  # fmt: skip
        if day % 200 == 0:
            self.write(_log_in)
        if day in {90, 200, 300}:
            self.write(change.leave, day // 90, actor=VOLUNTEER)

    def day(self, day: int) -> None:
        """Live one of the days."""
        self.people(day)
        fate, notice_id = day // STEP % 8, self.comes(day)
        self.write(_claim, notice_id)
        if fate == 7:  # opened, and never decided
            return
        if fate == 6:
            self.decided(notice_id, Verdict.REFUSE, reason=Reason.NOT_A_SEARCH, note="Sorry, Name.")
            return
        self.decided(notice_id, Verdict.ACCEPT)
        self.clock.advance(timedelta(minutes=2))
        self.goes_on()
        self.ends(fate, notice_id)

    def ends(self, fate: int, notice_id: int) -> None:
        """Let a notice that went round end, or rest; fate 5 is left alone."""
        if fate in {0, 1}:
            self.write(life.found_job, notice_id, show_name=fate == 0, actor=SEEKER)
        elif fate == 2:
            self.write(life.withdraw, notice_id, actor=SEEKER)
        elif fate == 3:
            self.write(life.pause, notice_id, actor=SEEKER)
        elif fate == 4:
            self.write(_source_gone, notice_id)


def _log_in(session: Session, *, now: datetime) -> None:
    admins.new_setup_link(session, now)
    admins.log_in(session, admins.create(session, "Camille", "correct horse battery", now=now).id, now)


def _claim(session: Session, notice_id: int, *, now: datetime) -> None:
    decide.claim(session, notice_id, admin_id=1, now=now, hold=timedelta(minutes=5))


def _source_gone(session: Session, notice_id: int, *, now: datetime) -> None:
    notices.close(session, notice_id, CloseReason.SOURCE_GONE, now)
    boosts.cancel(session, now, notice_id=notice_id)


@pytest.fixture
def ledger(app: App) -> Ledger:
    """The installation's ledger."""
    return app.ledger()


def test_thirteen_months_leave_nothing_past_its_date(app: App, clock: StillClock, make_volunteer, ledger):
    """Every three days for thirteen months: after the sweep no row of any table is past its date."""
    year = Year(app, clock, make_volunteer)
    kept: list[int] = []
    ends: dict[str, int] = {}
    for day in range(0, DAYS, STEP):
        year.day(day)
        if day % 60 == 15:  # fate 5: its round ends, and is renewed for as long as may be
            kept.append(app.store.run_read(notices.listed, newest_first=True, limit=1)[0].id)
        for notice_id in kept:
            notice = app.store.run_read(notices.get, notice_id)
            if not notice.erased and notice.close_reason is CloseReason.EXPIRED:
                year.write(life.renew, notice_id, settings=app.settings, actor=SEEKER)
        clock.advance(timedelta(days=STEP, minutes=-2))
        for code, count in retention.sweep(app.store, ledger, now=clock.now()).items():
            ends[code] = ends.get(code, 0) + count
        assert past(app, clock.now()) == {}, f"day {day}"
    assert ends.keys() == {rule.code for rule in RULES}, "each rule had something to do"
    assert app.store.run_read(retention.overdue, now=clock.now()) == {}
    report = app.store.run_read(audited, seed=app.keys.seed("slots"))
    assert report.breach is None, str(report.breach)
    assert report.asks > 40, "what is left of the planner's log can still be replayed"


def audited(session: Session, *, seed: bytes) -> Report:
    """Replay what is left of the planner's log."""
    rows = boosts.listed(session, states=set(BoostState) - {BoostState.PLANNED})
    return audit(plan_log.read(session), rows, seed, facts=plan_log.facts(session))


def test_the_tick_runs_every_hour(app: App):
    """So nothing is ever kept for more than an hour past its date while the daemon runs."""
    assert RETAIN_EVERY_S == 3600
    assert [tick.every_s for tick in every(app) if tick.name == "retain"] == [3600]


def test_what_is_late_is_counted(app: App, clock: StillClock, make_notice):
    """Until a sweep comes, `overdue` names the rule, from an hour after the date on."""
    notice = make_notice()
    app.store.run_write(life.withdraw, notice.id, now=NOW, actor=SEEKER)
    for hours, late in ((24, {}), (25, {"ended": 1})):
        assert app.store.run_read(retention.overdue, now=NOW + timedelta(hours=hours)) == late


def test_the_undo_of_a_found_job_comes_before_its_erasure(app: App, ledger, make_notice):
    """As long as "I found a job" can be taken back the words are there; then they are gone."""
    notice = make_notice()
    app.store.run_write(life.found_job, notice.id, show_name=False, now=NOW, actor=SEEKER)
    retention.sweep(app.store, ledger, now=NOW + timedelta(hours=24) - timedelta(seconds=1))
    assert not app.store.run_read(notices.get, notice.id).erased
    retention.sweep(app.store, ledger, now=NOW + timedelta(hours=24, seconds=1))
    assert app.store.run_read(notices.get, notice.id).erased


def test_one_tap_keeps_a_notice_for_sixty_days_more(app: App, ledger, make_notice):
    """Offered in the last week only; without the tap the words go, with it they stay as long again."""
    kept, left = make_notice(state=NoticeState.PENDING), make_notice(state=NoticeState.PENDING)
    with pytest.raises(ConflictError):
        app.store.run_write(life.keep, kept.id, now=NOW + timedelta(days=52), actor=SEEKER)
    app.store.run_write(life.keep, kept.id, now=NOW + timedelta(days=55), actor=SEEKER)
    retention.sweep(app.store, ledger, now=NOW + timedelta(days=61))
    assert not app.store.run_read(notices.get, kept.id).erased
    gone = app.store.run_read(notices.get, left.id)
    assert (gone.erased, gone.close_reason) == (True, CloseReason.EXPIRED)
    retention.sweep(app.store, ledger, now=NOW + timedelta(days=116))
    assert app.store.run_read(notices.get, kept.id).erased


def test_a_shown_name_outlives_the_words(app: App, ledger, make_notice):
    """Who agreed to be named keeps name and personal link, and nothing else; a year later both are gone."""
    notice = make_notice(name="Nadia", token="t")
    app.store.run_write(life.found_job, notice.id, show_name=True, now=NOW, actor=SEEKER)
    retention.sweep(app.store, ledger, now=NOW + timedelta(days=2))
    found = app.store.run_read(notices.by_token, hash_token("t"))
    assert found is not None
    assert (found.words.name, found.words.title, found.posts) == ("Nadia", "", ())
    retention.sweep(app.store, ledger, now=NOW + timedelta(days=366))
    assert app.store.run_read(notices.by_token, hash_token("t")) is None
    assert app.store.run_read(notices.get, notice.id).words.name == ""


def test_people_are_recognised_for_a_month(app: App, ledger):
    """Who withdraws and comes back within 30 days is a twin of their earlier notice; later, of none."""
    year = Year(app, app.clock, None)
    year.comes(1)
    for days, same in ((29, True), (29 + 31, False)):
        open_ones = app.store.run_read(notices.listed, states=[NoticeState.PENDING])
        for notice in open_ones:
            year.write(life.withdraw, notice.id, actor=SEEKER)
        year.clock.advance(timedelta(days=days if same else 31))
        retention.sweep(app.store, ledger, now=year.clock.now())
        again = year.comes(1)
        assert (again in app.store.run_read(twins.of, [again])) is same

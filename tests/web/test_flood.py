"""Forms under abuse: limits by network, the browser's work, the full queue, the closed door; text is kept."""

import hashlib
import time
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.app import App, build
from bot.model.notice import NoticeState
from bot.moderation import admins, outside
from bot.settings import Settings
from bot.storage import admins as stored
from bot.storage import factors, notices
from bot.web import door, gate, stamp
from tests.conftest import NOW
from tests.web.test_volunteer import JOIN
from tests.web.visitor import NOTICE, Read, Visitor

TITLE = "Soudeuse à l’arc"


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A browser that does its work."""
    return Visitor(app)


def send(visitor: Visitor, at: str = "198.51.100.7", **values):
    """Send a notice from an address, each time as a new browser."""
    visitor.forget()
    data = {"title": TITLE, **values}
    return visitor.send("fr", behind=at, **data)


def held(answer, seconds: int) -> None:
    """Check a polite page: what was typed is on it, and when to come back, in words and in the header."""
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == seconds
    page = Read(answer.text)
    assert page.values["title"] == TITLE
    assert "Gardez cette page : votre texte est là." in page.text
    assert f"dans {seconds // 60} minutes" in page.text


def test_five_notices_from_one_network_in_half_an_hour(app, visitor, clock):
    """The sixth is held with its text, other networks are not; after half an hour it goes through."""
    assert [send(visitor).status_code for _ in range(5)] == [303] * 5
    held(send(visitor), 1800)
    assert send(visitor, "198.51.100.8").status_code == 303
    clock.advance(gate.SENT_PER)
    assert send(visitor).status_code == 303
    assert len(app.store.run_read(notices.listed)) == 7


def test_ipv6_counts_by_its_64(visitor):
    """However many addresses of one /64 are used, they are one network; the next /64 is another."""
    codes = [send(visitor, f"2001:db8:0:1::{number}").status_code for number in range(6)]
    assert codes == [303] * 5 + [429]
    assert send(visitor, "2001:db8:0:2::1").status_code == 303


def test_forms_with_mistakes_count_too(visitor):
    """Sixty tries in five minutes, good or not, hold a network up; nothing typed is lost."""
    codes = {send(visitor, consent=None).status_code for _ in range(gate.TRIES_MOST)}
    assert codes == {422}
    held(send(visitor, consent=None), 300)


@pytest.mark.parametrize("behind", ["", "unknown", "_hidden", "203.0.113"])
def test_all_whose_network_is_unknown_share_one_limit(visitor, clock, behind):
    """Where no proxy says who it is, thirty notices in ten minutes come in from everybody together."""
    for _ in range(gate.SHARED_MOST):
        gate_of(visitor).shared.count("sent ", clock.now())
    held(send(visitor, behind), 600)
    assert send(visitor, "203.0.113.7:4711").status_code == 303  # a network that is known has its own
    assert visitor.join(JOIN, behind=behind).status_code == 303  # and so has the other form
    clock.advance(gate.SHARED_PER)
    assert send(visitor, behind).status_code == 303


def test_what_brings_nothing_closes_no_site(visitor):
    """Where networks are unknown, nobody uses up what all share by forms that are not taken in."""
    first = visitor.stamped({})
    assert send(visitor, "", **first).status_code == 303
    for _ in range(gate.TRIES_MOST):
        assert send(visitor, "", consent=None).status_code == 422
        assert send(visitor, "", **first).status_code == 409  # its notice goes round
    assert send(visitor, "").status_code == 303


def test_ports_give_nobody_a_network_of_their_own(visitor):
    """One address is one network, whatever port the proxy writes behind it."""
    codes = [send(visitor, f"203.0.113.97:{4000 + number}").status_code for number in range(6)]
    assert codes == [303] * 5 + [429]
    codes = [send(visitor, f"[2001:db8::{number}]:{4000 + number}").status_code for number in range(6)]
    assert codes == [303] * 5 + [429]


def test_the_work_of_the_browser(app, visitor):
    """The page gives a target that one number below 50,000 meets; the server knows it without keeping it."""
    page = visitor.get("/fr/").text
    [field] = [a for tag, a in Read(page).tags if tag == "input" and a.get("name") == "work"]
    assert (field["value"], field["data-most"]) == ("", "50000")
    fits = [
        number
        for number in range(50_000)
        if hashlib.sha256(f"{field['data-stamp']}.{number}".encode()).hexdigest() == field["data-target"]
    ]
    assert [str(number) for number in fits] == [stamp.answer(app.keys, field["data-stamp"])]
    other = stamp.make(app.keys, time.time())
    assert stamp.task(app.keys, other).target != field["data-target"]


@pytest.mark.parametrize("work", ["", "1", "-1", "é", "9" * 3_000, None])
def test_without_the_work_there_is_a_slow_way(visitor, work):
    """Without JavaScript, or with a wrong number, thirty notices an hour come in from everybody together."""
    for number in range(gate.SLOW_MOST):
        visitor.app.clock.advance(timedelta(seconds=1))
        gate_of(visitor).slow.count("sent", visitor.app.clock.now())
        assert gate_of(visitor).slow.wait("sent", visitor.app.clock.now()).total_seconds() == (
            0 if number < gate.SLOW_MOST - 1 else 3600 - (gate.SLOW_MOST - 1)
        )
    answer = send(visitor, work=work)
    assert answer.status_code == 429
    assert Read(answer.text).values["title"] == TITLE
    assert send(visitor).status_code == 303  # who did the work is not held up
    visitor.app.clock.advance(gate.SLOW_PER)
    assert send(visitor, work=work).status_code == 303


def test_work_done_once_brings_one_notice(app, visitor):
    """The form of a notice that has ended, or was erased, brings no other; the next has work of its own."""
    shown = visitor.shown()
    for act in ("withdraw", "erase"):
        page = send(visitor, shown=shown).headers["location"].partition("?")[0]
        assert visitor.post(f"{page}/{act}").status_code < 400
        again = send(visitor, "198.51.100.9", shown=shown, title="Soudeur")
        assert again.status_code == 422
        read = Read(again.text)
        assert read.values["title"] == "Soudeur"
        assert "déjà été envoyé" in read.text
        assert read.values["work"] == ""
        shown = visitor.shown()
    assert len(app.store.run_read(notices.listed)) == 2


def test_the_page_of_a_second_notice_does_no_work(visitor):
    """Who has a notice going round is given back the form they sent, not a solved one."""
    shown = visitor.shown()
    assert visitor.send(shown=shown).status_code == 303
    for sent in (visitor.shown(), shown):
        answer = visitor.send(shown=sent, work="1")
        assert answer.status_code == 409
        values = Read(answer.text).values
        assert (values["shown"], values["work"]) == (sent, "1")
    assert visitor.send(shown=shown, somebody_else="1").status_code == 409


def gate_of(visitor: Visitor) -> gate.Gate:
    """Give the limits of the visitor's site."""
    if not hasattr(visitor.site.state, "gate"):
        visitor.site.state.gate = gate.Gate()
    return visitor.site.state.gate


def test_a_form_of_yesterday_is_shown_once_more(visitor):
    """A stamp older than a day is not taken; the page comes back with all that was typed."""
    answer = visitor.send(shown=visitor.shown(ago_s=stamp.MAX_AGE_S + 60), title=TITLE)
    assert answer.status_code == 422
    assert Read(answer.text).values["title"] == TITLE
    assert "depuis plus d’un jour" in answer.text


def test_a_full_queue_holds_everybody(tmp_path, clock):
    """When as many notices wait as the setting says, the form holds the next one until one less waits."""
    app = build(Settings(data_dir=tmp_path / "full", queue_max=2, _env_file=None), clock=clock)
    visitor = Visitor(app)
    assert [send(visitor).status_code for _ in range(2)] == [303, 303]
    held(send(visitor, "198.51.100.9"), 900)
    app.store.run_write(notices.move, 1, NoticeState.ACTIVE)
    assert send(visitor).status_code == 303
    app.close()


def test_strangers_reports_do_not_close_the_form(app, visitor, make_notice):
    """What people from outside report goes round meanwhile and takes no place of the queue."""
    app.settings.__dict__["queue_max"] = 2
    for _ in range(2):
        app.store.run_write(outside.receive, make_notice().id, why="x", contact="", now=NOW)
    assert [send(visitor).status_code for _ in range(3)] == [303, 303, 429]


@pytest.fixture
def moderator(app: App) -> Visitor:
    """A moderator's browser."""
    admin = app.store.run_write(stored.add, "Camille", "no hash", stored.Role.MODERATOR, NOW)
    browser = Visitor(app)
    browser.cookies.set("admin", app.store.run_write(admins.log_in, admin.id, NOW))
    return browser


def test_a_moderator_closes_the_form(visitor, moderator, clock):
    """The form says until when it is closed, before and after sending; then it opens by itself."""
    assert moderator.post("/fr/admin/form/close", {"choice": "never"}).status_code == 422
    assert moderator.post("/fr/admin/form/close", {"choice": "monday"}).status_code == 303
    until = "lundi 23 novembre, 8 h"
    assert until in Read(visitor.get("/fr/").text).text
    answer = send(visitor)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == str(
        round((door.until("monday", NOW, "Europe/Paris") - NOW).total_seconds())
    )
    page = Read(answer.text)
    assert until in page.text
    assert page.values["title"] == TITLE
    assert until in Read(moderator.get("/fr/admin/health").text).text
    clock.advance(timedelta(days=7))
    assert send(visitor).status_code == 303


def test_a_form_closed_for_good_is_opened_by_hand(visitor, moderator):
    """Without a moment the page does not name one; opening lets notices in at once."""
    moderator.post("/fr/admin/form/close", {"choice": ""})
    answer = send(visitor)
    assert answer.status_code == 503
    assert "retry-after" not in answer.headers
    assert moderator.post("/fr/admin/form/open").status_code == 303
    assert send(visitor).status_code == 303


@pytest.mark.parametrize(
    ("choice", "hours"), [("hour", 1), ("morning", 22), ("monday", 6 * 24 - 2), ("", None)]
)
def test_until_when(choice, hours):
    """On a Tuesday at ten in Paris: an hour, tomorrow at eight, Monday at eight, nobody knows."""
    until = door.until(choice, NOW, "Europe/Paris")
    assert until == (None if hours is None else NOW + timedelta(hours=hours))


def join(visitor: Visitor, number: int = 0, at: str = "198.51.100.7", **values):
    """Join as somebody else for each number."""
    who = {"name": f"Samir {number}", "handle-x": f"samir{number}"}
    return visitor.join({**JOIN, **who, **values}, behind=at)


def test_volunteers_join_within_limits(app):
    """Five volunteers from one network in half an hour; the sixth keeps what was typed."""
    visitor = Visitor(app)
    assert join(visitor, 0, network=None).status_code == 422
    codes = []
    for number in range(6):
        answer = join(visitor, number)
        codes.append(answer.status_code)
    assert codes == [303] * 5 + [429]
    assert Read(answer.text).values["name"] == "Samir 5"
    assert answer.headers["retry-after"] == "1800"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"confirm_empty": "x"}, "Un champ caché est revenu rempli"),
        ({"shown": None}, "plus rapide qu’une main humaine"),
        ({"shown": "1.2.3"}, "plus rapide qu’une main humaine"),
    ],
)
def test_programs_do_not_join(visitor, values, said):
    """A filled trap, no stamp or a forged one bring nobody in; what was typed stays, and may come at once."""
    answer = join(visitor, **values)
    assert answer.status_code == 422
    page = Read(answer.text)
    assert said in page.text
    assert (page.values["name"], page.values["confirm_empty"]) == ("Samir 0", "")
    shown = page.values["shown"]
    assert join(visitor, shown=shown, work=visitor.work(shown)).status_code == 303


def test_joining_takes_a_moment(visitor):
    """A form of joining that comes back at once is shown once more, with the work of its stamp."""
    page = visitor.get("/fr/join").text
    [field] = [a for tag, a in Read(page).tags if tag == "input" and a.get("name") == "work"]
    shown = Read(page).values["shown"]
    assert field["data-target"] == stamp.task(visitor.app.keys, shown).target
    assert join(visitor, shown=shown).status_code == 422


def test_joining_without_the_work_is_slow(visitor, clock):
    """Without JavaScript thirty volunteers an hour join, from everybody together, beside as many notices."""
    for number in range(gate.SLOW_MOST):
        at = f"198.51.100.{number}"
        assert join(visitor, number, at, work="").status_code == 303
    answer = join(visitor, 40, "203.0.113.7", work=None)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3600")
    assert Read(answer.text).values["name"] == "Samir 40"
    assert send(visitor, "203.0.113.7", work="").status_code == 303  # notices have a slow way of their own
    assert join(visitor, 40, "203.0.113.7").status_code == 303
    clock.advance(gate.SLOW_PER)
    assert join(visitor, 41, "203.0.113.8", work="").status_code == 303


def test_the_operator_is_told_that_networks_are_unknown(tmp_path, clock):
    """Once a day in the log, and on the page of health: nothing while the proxy says who it is."""
    app = build(
        Settings(data_dir=tmp_path / "d", site_url="https://example.org", _env_file=None), clock=clock
    )
    visitor = Visitor(app, "https://example.org")
    admin = app.store.run_write(stored.add, "Camille", "no hash", stored.Role.READER, NOW)
    app.store.run_write(factors.put, admin.id, "nonce", 0, NOW)

    def health() -> str:
        visitor.cookies.set("__Host-admin", app.store.run_write(admins.log_in, admin.id, clock.now()))
        return Read(visitor.get("/fr/admin/health").text).text

    def heard(behind: str) -> list[str]:
        with capture_logs() as lines:
            send(visitor, behind)
        return [line["event"] for line in lines]

    assert heard("203.0.113.7") == []
    assert "Limites communes" not in health()
    assert heard("") == ["visitors_unknown"]
    assert heard("") == []
    assert "Limites communes" in health()
    clock.advance(gate.TOLD_EVERY)
    assert "Limites communes" not in health()
    assert heard("unknown") == ["visitors_unknown"]
    app.close()


def test_on_the_machine_itself_nobody_is_told(visitor):
    """A site that only its own machine reaches has no proxy that could say anything."""
    with capture_logs() as lines:
        send(visitor, "")
    assert lines == []


def change(visitor: Visitor, path: str, at: str, **values):
    """Change a notice from an address."""
    data = {**NOTICE, "title": TITLE, **values}
    return visitor.post(f"{path}/change", data, headers={"x-forwarded-for": at})


def test_a_notice_is_changed_twenty_times_a_day(app: App, visitor: Visitor, clock):
    """From wherever; what is typed then stays on the page; forms with mistakes do not count."""
    path = send(visitor).headers["location"].partition("?")[0]
    for number in range(gate.CHANGED_MOST):
        at = f"2001:db8:0:{number:x}::1"
        assert change(visitor, path, at, place=f"Lille {number}").status_code == 303
        assert change(visitor, path, at, place="").status_code == 422
    answer = change(visitor, path, "2001:db8:1::1", place="Roubaix")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == 86_400
    page = Read(answer.text)
    assert page.values["place"] == "Roubaix"
    assert f"{path}/change" in page.links()
    assert "La prochaine modification sera possible dans 24 heures." in page.text
    assert app.store.run_read(notices.get, 1).words.place == "Lille 19"
    clock.advance(gate.CHANGED_PER)
    assert change(visitor, path, "2001:db8:1::1", place="Roubaix").status_code == 303


def test_five_changes_from_one_network_in_half_an_hour(visitor: Visitor):
    """Of whichever notices, beside the five that it may send; with mistakes sixty tries in five minutes."""
    paths = [send(visitor).headers["location"].partition("?")[0] for _ in range(2)]
    codes = [change(visitor, paths[number % 2], "198.51.100.7").status_code for number in range(5)]
    assert codes == [303] * 5
    held(change(visitor, paths[0], "198.51.100.7"), 1800)
    codes = {change(visitor, paths[0], "198.51.100.9", place="").status_code for _ in range(gate.TRIES_MOST)}
    assert codes == {422}
    held(change(visitor, paths[0], "198.51.100.9", place=""), 300)

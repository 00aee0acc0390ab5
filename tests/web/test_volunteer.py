"""The volunteer's pages over HTTP, without JavaScript: joining, answering, settings, leaving."""

import re
from datetime import timedelta

import pytest

from bot.app import App
from bot.model.boost import BoostState
from bot.model.notice import CloseReason
from bot.storage import Session, boosts, notices, reports, volunteers
from bot.trust.links import hash_token
from bot.web import gate
from tests.conftest import NOW
from tests.planned import plan_boost
from tests.web.visitor import Visitor

TOKEN = "0123456789abcdefghijkl"
JOIN = {
    "name": "Samir",
    "network": ["x"],
    "handle-x": "@samir",
    "pace": "normal",
    "spacing": "60",
    "language": ["fr"],
    "sectors_wanted": "all",
    "regions_wanted": "all",
    "quiet": "yes",
    "quiet_from": "21:00",
    "quiet_to": "08:00",
    "time_zone": "Europe/Paris",
    "charter": "1",
    "consent": "1",
}


@pytest.fixture
def client(app: App) -> Visitor:
    """A browser without JavaScript that follows no redirect."""
    return Visitor(app)


@pytest.fixture
def asked(app: App, make_notice, make_volunteer) -> int:
    """One boost asked of the volunteer whose token is TOKEN; its id."""
    volunteer = make_volunteer(token=TOKEN, accounts=[("x", "samir")])
    notice = make_notice(title="Soudeuse <b>TIG</b>")

    def insert(session: Session) -> int:
        boost_id = plan_boost(session, notice, volunteer)
        return boosts.move(session, boost_id, BoostState.ASKED, asked_at=NOW).id

    return app.store.run_write(insert)


def inbox(rest: str = "", lang: str = "en") -> str:
    """Give an address below the inbox."""
    return f"/{lang}/inbox/{TOKEN}{rest}"


def state(app: App, boost_id: int) -> str:
    """Give the state of a boost."""
    return app.store.run_read(boosts.get, boost_id).state.value


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_joining_leads_to_a_page_of_ones_own(client: Visitor, app: App, lang: str):
    """The form answers with the personal link; the page it leads to says to keep it."""
    assert client.get(f"/{lang}/join").status_code == 200
    answer = client.join(JOIN, lang)
    assert answer.status_code == 303
    where = answer.headers["location"]
    token = re.fullmatch(rf"/{lang}/inbox/([\w-]{{22}})\?welcome=1", where)[1]
    page = client.get(where).text
    assert f"{app.settings.address}/{lang}/inbox/{token}" in page
    assert app.store.run_read(volunteers.by_token, hash_token(token)).lang == lang


def test_errors_keep_all_that_was_typed(client: Visitor):
    """422 with the form, a summary that links to the fields, an honest title, the values in place."""
    typed = JOIN | {"name": 'Zo"é<script>', "handle-x": "not a handle", "charter": "", "cap": "9"}
    answer = client.join(typed, "en")
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'href="#handle-x"' in answer.text
    assert 'href="#charter"' in answer.text
    assert 'value="Zo&#34;é&lt;script&gt;"' in answer.text
    assert 'value="not a handle"' in answer.text


def test_an_account_on_the_roster_gets_a_page_not_an_error(client: Visitor):
    """The second join with the same handle says how to get the link back."""
    client.join(JOIN, "en")
    answer = client.join(JOIN | {"name": "Other"}, "en")
    assert answer.status_code == 409
    assert "Lost your link?" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {"content": b"\xff\xfe%00=%FF", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {
            "content": b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\\ud800\r\n--b--\r\n',
            "headers": {"content-type": "multipart/form-data; boundary=b; charset=unicode_escape"},
        },
        {
            "content": b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--b--\r\n',
            "headers": {"content-type": "multipart/form-data; boundary=b; charset=idna"},
        },
        {"files": {"name": ("a.txt", b"x" * 50_000), "handle-x": ("b.png", b"\x89PNG")}},
        {"data": {"name": "\u202e\x00" * 9_000, "time_zone": "../" * 3_000, "cap": "9" * 5_000}},
        {"json": {"name": 1}},
        {"content": b""},
    ],
)
def test_hostile_bodies_never_break_the_page(client: Visitor, body):
    """Broken encodings, files, other types and huge values are answered with the form or a 400."""
    assert client.post("/fr/join", **body).status_code in {400, 422}


def test_nobody_elses_token_opens_anything(client: Visitor, asked: int):
    """A wrong token is 404 on every page and every act."""
    for rest in ("", "/settings", "/history", "/data.json", "/pause"):
        assert client.get(f"/en/inbox/{TOKEN[::-1]}{rest}").status_code == 404
    assert client.post(f"/en/inbox/{TOKEN[::-1]}/boosts/{asked}/done").status_code == 404


def test_the_card_is_a_plain_link_to_the_network(client: Visitor, asked: int):
    """The strip is an ordinary link; the title is escaped; nothing is inline."""
    page = client.get(inbox()).text
    assert re.search(
        r'<a class="pull" href="https://x\.com/intent/retweet\?tweet_id=[^"]+" target="_blank" rel="noop',
        page,
    )
    assert "Soudeuse &lt;b&gt;TIG&lt;/b&gt;" in page
    assert " style=" not in page
    assert not re.search(r"<script(?! src)", page)


def test_a_card_says_what_to_do_with_an_answer(client: Visitor, app: App, asked: int):
    """Without a post the link leads to the page, and an answer goes to the address there."""
    notice_id = app.store.run_read(boosts.get, asked).notice_id
    assert "See the post" in client.get(inbox()).text
    app.store.run_write(notices.set_posts, notice_id, [])
    bare = client.get(inbox()).text
    assert "See its page" in bare
    assert "See the post" not in bare
    assert "If somebody answers" not in bare
    app.store.run_write(notices.update, notice_id, answer_to="moussa@example.org")
    assert "the page says how to reach Moussa" in client.get(inbox()).text


def test_get_changes_nothing(client: Visitor, app: App, asked: int):
    """Opening every address twice, as a mail scanner would, leaves the boost as it was."""
    before = app.store.run_read(boosts.get, asked)
    rests = ["", "/settings", "/history", "/pause", "/resume", "/leave", "/data.json", "/opened/done"]
    rests += [f"/boosts/{asked}/{act}" for act in ("opened", "done", "skip", "undo", "report")]
    for rest in rests * 2:
        assert client.get(inbox(rest)).status_code in {200, 303, 404, 405}
    assert app.store.run_read(boosts.get, asked) == before
    assert app.store.run_read(volunteers.by_token, hash_token(TOKEN)) is not None


def test_pulled_then_yes_then_undo(client: Visitor, app: App, asked: int):
    """The beacon notes the hour, Yes ends it, the line offers Undo, Undo brings it back."""
    assert client.post(inbox(f"/boosts/{asked}/opened")).status_code == 204
    assert "Opened at 10:00" in client.get(inbox()).text
    for _ in range(2):
        assert client.post(inbox(f"/boosts/{asked}/done")).status_code == 303
    page = client.get(inbox()).text
    assert "All done. Thank you, Samir." in page
    assert "1 of 1 shared today" in page
    assert client.post(inbox(f"/boosts/{asked}/undo")).headers["location"] == inbox(f"#boost-{asked}")
    assert state(app, asked) == "opened"


def test_everything_opened_at_once(client: Visitor, app: App, asked: int):
    """One button declares all that was opened."""
    client.post(inbox(f"/boosts/{asked}/opened"))
    assert client.post(inbox("/opened/done")).status_code == 303
    assert state(app, asked) == "declared"


def test_skip_and_say_why(client: Visitor, app: App, asked: int):
    """Skipping takes one tap; a reason may follow; an invented reason is not kept."""
    client.post(inbox(f"/boosts/{asked}/skip"))
    client.post(inbox(f"/boosts/{asked}/skip"), data={"why": "<script>"})
    assert "Tell us why" in client.get(inbox()).text
    client.post(inbox(f"/boosts/{asked}/skip"), data={"why": "unclear"})
    assert "Your reason: not clear enough." in client.get(inbox()).text


def test_report_asks_why_and_reaches_the_moderators(client: Visitor, app: App, asked: int):
    """Without a reason the page asks again; with one the moderators read it in words."""
    rest = f"/boosts/{asked}/report"
    assert client.get(inbox(rest)).status_code == 200
    assert client.post(inbox(rest)).status_code == 422
    assert client.post(inbox(rest), data={"why": "other", "words": " "}).status_code == 422
    answer = client.post(inbox(rest), data={"why": "scam", "words": "asks for money"})
    assert answer.headers["location"] == inbox("?reported#today")
    told = [report for found in app.store.run_read(reports.unsettled).values() for report in found]
    assert [report.why for report in told] == ["It looks like a scam or advertising: asks for money"]
    assert "reported. A person looks at it." in client.get(inbox()).text
    assert '<span class="level skipped">reported</span>' in client.get(inbox("/history")).text


def test_a_notice_taken_back_meanwhile(client: Visitor, app: App, asked: int):
    """Acting on it is answered with a friendly page and the way back."""
    app.store.run_write(
        notices.close, app.store.run_read(boosts.get, asked).notice_id, CloseReason.WITHDRAWN, NOW
    )
    for rest in ("done", "skip"):
        answer = client.post(inbox(f"/boosts/{asked}/{rest}"))
        assert answer.status_code == 409
        assert "taken back" in answer.text
    assert client.post(inbox(f"/boosts/{asked}/opened")).status_code == 409
    assert client.get(inbox(f"/boosts/{asked}/report")).status_code == 409
    assert "Nothing for you today" in client.get(inbox()).text


@pytest.mark.parametrize(
    ("part", "data", "shown"),
    [
        ("pace", {"pace": "custom", "cap": "3", "spacing": "90"}, 'value="90"'),
        ("presence", {"name": "Sam", "network": ["linkedin"], "handle-linkedin": "sam-durand"}, "sam-durand"),
        ("interests", {"sectors_wanted": "some", "sector": ["A"], "language": ["en"]}, 'value="A" checked'),
        ("hours", {"quiet": "no", "time_zone": "Indian/Reunion"}, "Indian/Reunion"),
    ],
)
def test_each_part_of_the_settings_is_saved(client: Visitor, asked: int, part, data, shown):
    """Saved, said beside the part, and there after a reload."""
    answer = client.post(inbox("/settings"), data={"part": part, **data})
    assert answer.headers["location"] == inbox(f"/settings?saved={part}#{part}-part")
    page = client.get(answer.headers["location"]).text
    assert "Saved." in page
    assert shown in page


def test_a_wrong_part_keeps_what_was_typed(client: Visitor, asked: int):
    """422 with that part as typed and the others as saved."""
    answer = client.post(
        inbox("/settings"), data={"part": "pace", "pace": "custom", "cap": "99", "spacing": "5"}
    )
    assert answer.status_code == 422
    assert 'value="99"' in answer.text
    assert 'value="samir"' in answer.text


def named(client: Visitor, *handles: str, token: str = TOKEN, behind: str = "") -> list[int]:
    """Name accounts on X in the settings, one after another; give how each is answered."""
    headers = {"x-forwarded-for": behind} if behind else None
    form = {"part": "presence", "name": "Samir", "network": ["x"]}
    where = f"/en/inbox/{token}/settings"
    return [client.post(where, form | {"handle-x": one}, headers=headers).status_code for one in handles]


def test_settings_tell_of_few_others(client: Visitor, asked: int, make_volunteer, clock):
    """Who is on the roster is not found out by changing accounts: five a day, then all answers are one."""
    make_volunteer(accounts=[("x", "nadia")])
    assert named(client, "@nadia", "@free1", "@nadia", "@free2", "@nadia") == [422, 303, 422, 303, 422]
    assert named(client, "@nadia", "@free3", "@nadia", "not a handle") == [429, 429, 429, 422]
    assert named(client, "@free2") == [303]  # theirs already
    form = {"part": "presence", "name": "Sam", "network": ["x"], "handle-x": "@nadia"}
    answer = client.post(inbox("/settings"), form)
    assert answer.headers["retry-after"] == str(round(gate.NAMED_PER.total_seconds()))
    assert "The next change is possible in 24 hours." in answer.text
    assert 'value="@nadia"' in answer.text
    assert client.post(inbox("/settings"), {"part": "pace", "pace": "gentle"}).status_code == 303
    clock.advance(gate.NAMED_PER)
    assert named(client, "@free3") == [303]


def test_settings_of_many_volunteers_share_their_network(client: Visitor, make_volunteer):
    """Who joins again and again gets no more answers from one network than by joining."""
    make_volunteer(accounts=[("x", "nadia")])
    tokens = [f"{number:022}" for number in range(2)]
    for number, token in enumerate(tokens):
        make_volunteer(token=token, accounts=[("x", f"asker{number}")])
    handles, behind = ("@free1", "@nadia", "@free2"), "203.0.113.7"
    codes = [code for token in tokens for code in named(client, *handles, token=token, behind=behind)]
    assert codes == [303, 422, 303, 303, 422, 429]
    assert named(client, "@free3", token=tokens[1], behind="198.51.100.7") == [303]


def test_pause_and_back(client: Visitor, app: App, asked: int):
    """A week's pause takes back what waits; one tap ends it."""
    assert client.post(inbox("/pause"), data={"for": "week"}).status_code == 303
    page = client.get(inbox()).text
    assert "On a break, Samir." in page
    assert state(app, asked) == "cancelled"
    assert client.post(inbox("/resume")).status_code == 303
    assert "On a break" not in client.get(inbox()).text


def test_leaving_says_what_stays_and_kills_the_link(client: Visitor, asked: int):
    """After leaving the page is gone; a second tap is answered the same."""
    assert "Kept, without your name" in client.get(inbox("/leave")).text
    for _ in range(2):
        answer = client.post(inbox("/leave"))
        assert answer.status_code == 200
        assert "You have left." in answer.text
    assert client.get(inbox()).status_code == 404


def test_the_copy_of_my_data_is_a_file(client: Visitor, asked: int):
    """JSON to download, with the boosts and without the token."""
    answer = client.get(inbox("/data.json"))
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.json()["shares"][0]["state"] == "asked"
    assert TOKEN not in answer.text


def test_history_shows_the_day(client: Visitor, asked: int):
    """What was asked is there; a page number that is none is 404."""
    assert "Soudeuse" in client.get(inbox("/history")).text
    assert "Nothing yet" in client.get(inbox("/history?page=99")).text
    assert client.get(inbox("/history?page=x")).status_code == 404


def test_what_all_held_cards_have_in_common_is_said_once(
    app: App, client: Visitor, make_notice, make_volunteer
):
    """Three that come later today: the soonest says that it is next and comes by itself, the others when."""
    volunteer = make_volunteer(token=TOKEN, accounts=[("x", "samir")])
    for hours in (4, 2, 3):
        app.store.run_write(plan_boost, make_notice(), volunteer, due_at=NOW + timedelta(hours=hours))
    page = client.get(inbox()).text
    assert [page.count(said) for said in ("Next, around 12:00", "Around 1:00", "Around 2:00")] == [1, 1, 1]
    assert page.count("Next, around") == page.count("It comes by itself at your pace") == 1

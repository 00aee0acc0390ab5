"""The seeker's pages, as a person without JavaScript meets them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from bot.app import App
from bot.model.boost import BoostState
from bot.model.moderation import Reason, Verdict
from bot.model.notice import CloseReason, Notice, NoticeState
from bot.model.volunteer import Volunteer
from bot.moderation.decide import decide
from bot.storage import boosts, journal, notices, seekers, twins
from bot.trust.links import hash_token
from tests.conftest import NOW, StillClock
from tests.planned import plan_boost
from tests.web.visitor import NOTICE, Read, Visitor

MINUTE = timedelta(minutes=1)


class Browser(Visitor):
    """Lets go of the notice's cookie when it is told to, as browsers do."""

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request."""
        answer = super().ask(method, path, **options)
        if any(one.startswith('notice="";') for one in answer.headers.get_list("set-cookie")):
            self.cookies.delete("notice")
        return answer


@pytest.fixture
def visitor(app: App) -> Visitor:
    """A fresh browser."""
    return Browser(app)


def path_of(visitor: Visitor, **values: object) -> str:
    """Send a notice and give the path of its page."""
    answer = visitor.send(**values)
    assert answer.status_code == 303, Read(answer.text).text
    return answer.headers["location"].partition("?")[0]


def notice_at(app: App, path: str) -> Notice:
    """Give the notice of a page."""
    found = app.store.run_read(notices.by_token, hash_token(path.rsplit("/", 1)[1]))
    assert found is not None
    return found


def judge(app: App, path: str, verdict: Verdict, **values: object) -> None:
    """Decide on the notice of a page."""
    app.store.run_write(
        decide,
        notice_at(app, path).id,
        verdict,
        settings=app.settings,
        admin_id=None,
        now=app.clock.now(),
        undo=timedelta(seconds=30),
        **values,
    )


@pytest.fixture
def running(app: App, clock: StillClock, visitor: Visitor) -> str:
    """The path of a notice that goes round."""
    path = path_of(visitor)
    judge(app, path, Verdict.ACCEPT)
    clock.advance(MINUTE)
    return path


@pytest.mark.parametrize(("lang", "title"), [("fr", "Déposer mon annonce"), ("en", "Post my notice")])
def test_the_first_page_is_the_form(visitor: Visitor, lang: str, title: str):
    """The form is there in both languages, light enough, and works without any script."""
    answer = visitor.get(f"/{lang}/")
    page = Read(answer.text)
    assert answer.status_code == 200
    assert title in page.text
    assert len(answer.content) < 15_000
    assert {"title", "place", "text", "link", "name", "email", "shown"} <= page.values.keys()


def test_a_notice_is_sent_and_its_page_opens(app: App, visitor: Visitor):
    """After sending, the seeker sees the notice, the banner and the link to keep."""
    answer = visitor.send()
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("?sent=1")
    page = Read(visitor.get(answer.headers["location"]).text)
    assert "Votre annonce est arrivée" in page.text
    assert "Merci, Moussa" in page.text
    assert page.values[""].endswith(answer.headers["location"].partition("?")[0])
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert len(app.store.run_read(notices.listed)) == 1


def test_errors_keep_everything_and_point_to_the_fields(visitor: Visitor):
    """A 422 shows a summary that links to each control, with all values as they were typed."""
    typed = {
        "title": "",
        "email": "moussa@",
        "has_post": "yes",
        "link": "https://x.com/moussa",
        "consent": None,
    }
    answer = visitor.send(remote="1", **typed)
    page = Read(answer.text)
    assert answer.status_code == 422
    assert page.text.startswith("Erreur : ")
    assert "Collez le lien d’un post, pas celui de votre profil" in page.text
    ids = {a.get("id") for _, a in page.tags}
    targets = [link[1:] for link in page.links() if link.startswith("#") and link != "#main"]
    assert targets == ["title", "link", "email", "consent"]
    assert set(targets) <= ids
    assert page.values["link"] == "https://x.com/moussa"
    assert page.values["email"] == "moussa@"
    assert (page.values["has_post"], page.values["remote"], page.values["contract"]) == (
        "yes",
        "1",
        "permanent",
    )
    assert any(a.get("aria-describedby", "") == "link-h link-e" for _, a in page.tags)


def test_a_form_sent_too_fast_comes_back_filled(app: App, visitor: Visitor):
    """Programs are asked to send again; a person loses nothing, and the second time it goes through."""
    for shown in (visitor.shown(0), "", "junk", "1.2.3", visitor.shown()[:-1] + "x", visitor.shown(-600)):
        answer = visitor.send(shown=shown)
        assert answer.status_code == 422
        assert Read(answer.text).values["text"] == "Dix ans d’atelier, libre tout de suite."
    assert app.store.run_read(notices.listed) == []
    assert visitor.send().status_code == 303


def test_a_question_may_be_answered_at_once(app: App, visitor: Visitor):
    """A form shown again has waited: whoever answers in half a second is not told to slow down."""
    asked = Read(visitor.send(text="Dix ans. 0612345678").text)
    sent = visitor.post("/fr/", {**asked.values, "answer": "keep_personal"})
    assert sent.status_code == 303
    assert notice_at(app, sent.headers["location"].partition("?")[0]).words.text == "Dix ans. 0612345678"


def test_a_mistake_may_be_mended_at_once(visitor: Visitor):
    """The form that comes back with errors, or for hurry, is taken when it is sent again at once."""
    for wrong in ({"title": ""}, {"shown": visitor.shown(0)}, {"confirm_empty": "x"}):
        visitor.forget()
        again = Read(visitor.send(email=f"{len(str(wrong))}@example.fr", **wrong).text)
        assert visitor.post("/fr/", {**again.values, "title": "Soudeuse TIG"}).status_code == 303


@pytest.mark.parametrize("wrong", [{"title": ""}, {"shown": "junk"}, {"confirm_empty": "x"}])
def test_an_answer_outlives_errors_and_hurry(visitor: Visitor, wrong: dict[str, str]):
    """Whatever else is wrong with the form, what was answered about personal data is not asked again."""
    typed = {"text": "Dix ans. 0612345678", **wrong}
    assert Read(visitor.send(answer="keep_personal", **typed).text).values["keep"] == "personal"
    assert Read(visitor.send(answer="remove_personal", **typed).text).values["text"] == "Dix ans."


def test_the_hidden_field_stops_programs_politely(app: App, visitor: Visitor):
    """A filled trap gives the form back, the trap emptied."""
    answer = visitor.send(confirm_empty="http://spam.example")
    page = Read(answer.text)
    assert answer.status_code == 422
    assert page.values["confirm_empty"] == ""
    assert page.values["name"] == "Moussa"
    assert app.store.run_read(notices.listed) == []


def test_a_phone_number_is_asked_about(app: App, visitor: Visitor):
    """Before anything is stored the page shows the number and two answers, both without script."""
    text = "Dix ans. Tél. 06 12 34 56 78."
    answer = visitor.send(text=text)
    page = Read(answer.text)
    assert answer.status_code == 422
    assert "Ce numéro sera public" in page.text
    assert "06 12 34 56 78" in page.text
    answers = [a["value"] for tag, a in page.tags if tag == "button" and a.get("name") == "answer"]
    assert answers == ["remove_personal", "keep_personal"]
    assert app.store.run_read(notices.listed) == []
    assert notice_at(app, path_of(visitor, text=text, answer="remove_personal")).words.text == "Dix ans."
    visitor.forget()
    assert notice_at(app, path_of(visitor, text=text, answer="keep_personal")).words.text == text


def test_an_address_is_shown_with_a_yes_of_its_own(app: App, visitor: Visitor):
    """It needs its tick; the yes is on record, changes with the address and ends with the notice."""
    refused = visitor.send(answer_to="Moussa@Example.org")
    assert "Cochez la case pour que nous puissions montrer cette adresse" in Read(refused.text).text
    assert Read(refused.text).values["answer_to"] == "Moussa@Example.org"
    path = path_of(visitor, answer_to="Moussa@Example.org", show_answer_to="1")
    notice = notice_at(app, path)
    assert notice.answer_to == "moussa@example.org"
    assert "moussa@example.org" in Read(visitor.get(path).text).text

    def yes() -> list[tuple[str, bool]]:
        found = app.store.run_read(journal.consents, f"notice:{notice.id}")
        return [(c["act"], c["withdrawn_at"] is None) for c in found if c["purpose"] == "show_address"]

    assert yes() == [("send_notice", True)]
    form = Read(visitor.get(f"{path}/change").text).values
    visitor.post(f"{path}/change", form)
    assert yes() == [("send_notice", True)]
    visitor.post(f"{path}/change", {**form, "answer_to": "moussa.example/cv"})
    assert notice_at(app, path).answer_to == "https://moussa.example/cv"
    assert yes() == [("send_notice", False), ("change_notice", True)]
    visitor.post(f"{path}/withdraw")
    assert notice_at(app, path).answer_to == ""
    assert yes() == [("send_notice", False), ("change_notice", False)]


def test_an_address_is_not_shown_beside_a_post(app: App, visitor: Visitor):
    """People answer under the post; what was typed before choosing it goes nowhere."""
    post = {"has_post": "yes", "link": "https://x.com/moussa/status/1234567890"}
    path = path_of(visitor, answer_to="moussa@example.org", show_answer_to="1", **post)
    assert notice_at(app, path).answer_to == ""


def test_a_slip_in_an_address_is_asked_about(app: App, visitor: Visitor):
    """A mistyped domain may be corrected or kept; an earlier answer is not asked again."""
    values = {"email": "mo@gmial.com", "text": "Dix ans. 0612345678"}
    first = Read(visitor.send(answer="keep_personal", **values).text)
    assert "Vouliez-vous dire mo@gmail.com" in first.text
    assert first.values["keep"] == "personal"
    path = path_of(visitor, answer="take_email", keep="personal", **values)
    assert app.store.run_read(seekers.email_of, notice_at(app, path).seeker_id) == "mo@gmail.com"


def test_a_second_notice_gets_a_page_that_explains(app: App, visitor: Visitor):
    """The same browser gets a page that links to the notice; another is answered like anybody else."""
    path = path_of(visitor, email="mo@example.fr")
    again = visitor.send(email="mo@example.fr", title="Autre chose")
    assert again.status_code == 409
    assert path in Read(again.text).links()
    assert "Autre chose" in Read(again.text).text
    visitor.forget()
    assert visitor.send(email="mo@example.fr").status_code == 303
    assert len(app.store.run_read(notices.listed)) == 2


def test_a_shared_computer_serves_two_people(app: App, visitor: Visitor):
    """The page for a second notice lets somebody else send theirs, with all it holds."""
    path_of(visitor)
    page = Read(
        visitor.send(title="Plombier", name="Lise", text="Dix ans. 0612345678", answer="keep_personal").text
    )
    sent = visitor.post("/fr/", {**page.values, "somebody_else": "1"})
    assert sent.status_code == 303
    assert [n.words.name for n in app.store.run_read(notices.listed)] == ["Moussa", "Lise"]


def test_the_form_greets_a_browser_that_has_a_notice(visitor: Visitor):
    """The first page links to the open notice of this browser."""
    path = path_of(visitor)
    assert path in Read(visitor.get("/fr/").text).links()


def seen_by(visitor: Visitor, path: str) -> list[bool]:
    """Give whether the first page and the page to find a notice lead to it, for whoever sits there next."""
    return [path in Read(visitor.get(page).text).links() for page in ("/fr/", "/fr/find")]


ENDS = ["withdraw", "found", "erase", "forget"]


@pytest.mark.parametrize("act", ENDS)
def test_the_next_at_a_shared_computer_is_led_to_nobody(visitor: Visitor, act: str):
    """After an end by its seeker, or by one button, the browser holds no link to the notice."""
    path = path_of(visitor)
    assert seen_by(visitor, path) == [True, True]
    visitor.post(f"{path}/{act}")
    assert visitor.cookies.get("notice") is None
    assert seen_by(visitor, path) == [False, False]


@pytest.mark.parametrize("act", ENDS)
def test_a_browser_that_keeps_another_notice_goes_on_keeping_it(visitor: Visitor, act: str):
    """Whoever ends theirs by its link, at somebody else's computer, takes nothing from them."""
    path = path_of(visitor)
    visitor.forget()
    theirs = path_of(visitor, name="Lise")
    assert f"{path}/forget" not in Read(visitor.get(path).text).links()
    assert visitor.post(f"{path}/{act}").status_code in {200, 303}
    assert seen_by(visitor, theirs) == [True, True]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_one_button_lets_a_browser_forget(visitor: Visitor, lang: str):
    """It stands where the browser keeps the link, changes nothing of the notice, and looking does nothing."""
    path = path_of(visitor).replace("/fr/", f"/{lang}/")
    assert f"{path}/forget" in Read(visitor.get(path).text).links()
    assert visitor.get(f"{path}/forget").status_code == 303
    assert visitor.cookies.get("notice")
    answer = visitor.post(f"{path}/forget")
    assert answer.status_code == 200
    assert path not in answer.text.replace(f"{path}/forget", "")
    assert visitor.cookies.get("notice") is None
    assert f"{path}/forget" not in Read(visitor.get(path).text).links()
    assert "Moussa" in visitor.get(path).text


def test_what_has_ended_is_offered_to_nobody(app: App, visitor: Visitor):
    """Ended from another device, or refused: the cookie is still here, but no page leads there."""
    for end in ("withdraw", "refuse"):
        path = path_of(visitor)
        if end == "refuse":
            judge(app, path, Verdict.REFUSE, reason=Reason.SCAM, note="")
        else:
            Visitor(app).post(f"{path}/withdraw")
        assert visitor.cookies.get("notice") == path.rpartition("/")[2]
        assert seen_by(visitor, path) == [False, False]


def test_a_former_user_learns_nothing_of_the_next(app: App, visitor: Visitor):
    """An old token of a shared computer keeps nobody out, whoever sent there since; moderators see it."""
    home, theirs = Visitor(app), path_of(visitor)
    token = theirs.rpartition("/")[2]
    Visitor(app).post(f"{theirs}/withdraw")
    assert visitor.send(name="Nour").status_code == 303
    home.cookies.set("notice", token)
    assert home.send(name="Moussa").status_code == 303
    alike = app.store.run_read(twins.of, [3])
    assert set(alike[3]) == {1, 2}


def test_a_fresh_decision_is_not_shown(app: App, clock: StillClock, visitor: Visitor):
    """Until it can no longer be undone a refusal looks like waiting."""
    path = path_of(visitor)
    judge(app, path, Verdict.REFUSE, reason=Reason.SCAM, note="Non.")
    assert "Merci, Moussa" in Read(visitor.get(path).text).text
    clock.advance(timedelta(seconds=31))
    page = Read(visitor.get(path).text)
    assert "Votre annonce n’a pas été acceptée" in page.text
    assert "Non." in page.text


def test_a_fix_is_told(app: App, clock: StillClock, visitor: Visitor):
    """When a moderator took personal data out, the seeker reads that and sees the words that go round."""
    path = path_of(visitor, text="Dix ans. Tél. 06 12 34 56 78.", answer="keep_personal")
    judge(app, path, Verdict.ACCEPT_FIXED)
    clock.advance(MINUTE)
    page = Read(visitor.get(path).text)
    assert "a enlevé des informations personnelles" in page.text
    assert "06 12 34" not in page.text


def test_a_refusal_can_be_contested_once(app: App, clock: StillClock, visitor: Visitor):
    """Two taps bring a refused notice back to the moderators."""
    path = path_of(visitor)
    judge(app, path, Verdict.REFUSE, reason=Reason.NOT_A_SEARCH)
    clock.advance(MINUTE)
    assert f"{path}/contest" in Read(visitor.get(path).text).links()
    assert visitor.post(f"{path}/contest").headers["location"] == f"{path}?did=contest"
    assert notice_at(app, path).state is NoticeState.PENDING


def test_what_a_moderator_asks_is_shown_and_answered(app: App, clock: StillClock, visitor: Visitor):
    """The moderator's sentence stands on the page with one button to change the notice."""
    path = path_of(visitor)
    judge(app, path, Verdict.ASK, note="Pouvez-vous préciser <la ville> ?")
    clock.advance(MINUTE)
    page = Read(visitor.get(path).text)
    assert "Pouvez-vous préciser <la ville> ?" in page.text
    form = Read(visitor.get(f"{path}/change").text)
    answer = visitor.post(f"{path}/change", {**form.values, "place": "Roubaix"})
    assert answer.headers["location"] == f"{path}?did=change"
    changed = notice_at(app, path)
    assert (changed.state, changed.words.place, changed.revision) == (NoticeState.PENDING, "Roubaix", 2)
    assert "Vos changements sont arrivés" in Read(visitor.get(answer.headers["location"]).text).text


def test_changes_are_checked_like_a_new_notice(visitor: Visitor, running: str):
    """Errors and the question about personal data keep what was typed; nothing changes before."""
    form = Read(visitor.get(f"{running}/change").text)
    assert "email" not in form.values
    wrong = visitor.post(f"{running}/change", {**form.values, "title": "", "text": "x" * 500})
    assert wrong.status_code == 422
    assert Read(wrong.text).values["text"] == "x" * 500
    asked = visitor.post(f"{running}/change", {**form.values, "text": "Appelez le 06 12 34 56 78"})
    assert asked.status_code == 422
    assert "Votre annonce circule" in Read(visitor.get(running).text).text


def test_a_change_keeps_the_language_of_the_notice(app: App, visitor: Visitor, running: str):
    """Changing a French notice through the English page leaves it French."""
    path = running.replace("/fr/", "/en/")
    form = Read(visitor.get(f"{path}/change").text)
    assert visitor.post(f"{path}/change", form.values).status_code == 303
    assert notice_at(app, running).lang == "fr"


def test_running_shows_boosts_queue_and_next(
    app: App, visitor: Visitor, running: str, make_volunteer: Callable[..., Volunteer]
):
    """Boosts done by network, the position with its reason, the next boost with its time; no names."""
    notice = notice_at(app, running)
    for index, due in enumerate((NOW, NOW + timedelta(hours=8))):
        volunteer = make_volunteer(name=f"Secret{index}", accounts=[("mastodon", f"hidden{index}@p.fr")])
        boost = app.store.run_write(plan_boost, notice, volunteer, due_at=due)
        if index == 0:
            app.store.run_write(boosts.move, boost, BoostState.ASKED, asked_at=due)
            app.store.run_write(boosts.move, boost, BoostState.DECLARED, ended_at=due)
    page = Read(visitor.get(running).text)
    words = page.text.replace("\u00a0", " ")
    assert "1 relais sur 12. Prochain relais : aujourd’hui, vers 18 h." in words
    assert "votre annonce est 1re sur 1 dans la file ; les annonces les moins relayées" in words
    assert "1 languette partie, encore 11." in words
    assert sum("torn" in (a.get("class") or "") for _, a in page.tags) == 1
    assert "Secret" not in page.text
    assert "hidden" not in page.text


@pytest.mark.parametrize("act", ["found", "withdraw", "pause"])
def test_looking_at_a_confirmation_changes_nothing(app: App, visitor: Visitor, running: str, act: str):
    """GET shows one button that POSTs; the notice goes round as before, however often it is looked at."""
    before = notice_at(app, running)
    for _ in range(2):
        answer = visitor.get(f"{running}/{act}")
        assert answer.status_code == 200
        forms = [a for tag, a in Read(answer.text).tags if tag == "form"]
        assert [(a["method"], a["action"]) for a in forms] == [("post", f"{running}/{act}")]
    assert notice_at(app, running) == before


def test_found_a_job_in_two_taps_and_back(app: App, visitor: Visitor, running: str):
    """The link, the button, closed; the name is shown only with the tick; a day to take it back."""
    assert f"{running}/found" in Read(visitor.get(running).text).links()
    visitor.post(f"{running}/found", {"show_name": "1"})
    found = notice_at(app, running)
    assert (found.close_reason, found.show_name) == (CloseReason.FOUND_JOB, True)
    assert f"{running}/undo" in Read(visitor.get(running).text).links()
    visitor.post(f"{running}/found")
    assert notice_at(app, running) == found
    visitor.post(f"{running}/undo")
    assert notice_at(app, running).state is NoticeState.ACTIVE


def test_pause_and_resume(app: App, visitor: Visitor, running: str):
    """Paused keeps the turn; one button starts again."""
    visitor.post(f"{running}/pause")
    assert "En pause. On garde votre tour." in Read(visitor.get(running).text).text
    assert visitor.get(f"{running}/pause").status_code == 303
    visitor.post(f"{running}/resume")
    assert notice_at(app, running).state is NoticeState.ACTIVE


def test_withdraw_ends_at_once(app: App, visitor: Visitor, running: str):
    """After withdrawing, the page says so and offers nothing but a new notice."""
    visitor.post(f"{running}/withdraw")
    page = Read(visitor.get(running).text)
    assert "Votre annonce est retirée" in page.text
    assert [link for link in page.links() if link.startswith(f"{running}/")] == [f"{running}/data"]
    assert visitor.get(f"{running}/change").status_code == 303


def test_another_round_after_the_end(app: App, clock: StillClock, visitor: Visitor, running: str):
    """A round that is over offers another, and still takes a job found."""
    from bot.intake import life

    app.store.run_write(life.close_overdue, now=clock.advance(timedelta(days=8)))
    page = Read(visitor.get(running).text)
    assert "La tournée est finie" in page.text
    assert {f"{running}/renew", f"{running}/found"} <= set(page.links())
    visitor.post(f"{running}/renew")
    assert notice_at(app, running).state is NoticeState.ACTIVE


@pytest.mark.parametrize("path", ["/n/nothing", "/n/nothing/change", "/n/nothing/found", "/n/-_x/withdraw"])
def test_an_unknown_link_says_the_same_always(visitor: Visitor, path: str):
    """No page tells whether a link once existed."""
    for answer in (visitor.get(f"/fr{path}"), visitor.get(f"/en{path}")):
        assert answer.status_code == 404


def test_an_unknown_act_is_not_found(visitor: Visitor, running: str):
    """Only the acts there are have pages."""
    assert visitor.get(f"{running}/explode").status_code == 404
    assert visitor.post(f"{running}/explode").status_code == 404


def test_personal_pages_stay_personal(visitor: Visitor, running: str):
    """No cache, no index, no referrer to elsewhere."""
    headers = visitor.get(running).headers
    assert headers["cache-control"] == "private, no-store"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["referrer-policy"] == "same-origin"


def test_every_act_is_in_the_journal(app: App, visitor: Visitor, running: str):
    """Who did what to the notice, by ids."""
    visitor.post(f"{running}/pause")
    entry = app.store.run_read(journal.read, action="notice.paused")[0]
    assert entry.actor == f"seeker:{notice_at(app, running).seeker_id}"


def test_the_same_form_is_taken_once(app: App, visitor: Visitor):
    """Sent a second time, from a browser that kept nothing, a form makes no second notice."""
    shown = visitor.shown()
    assert visitor.send(shown=shown).status_code == 303
    visitor.forget()
    assert visitor.send(shown=shown, title="Soudeur").status_code == 409
    assert len(app.store.run_read(notices.listed)) == 1
    assert visitor.send().status_code == 303


def test_a_change_that_comes_too_late_loses_nothing(app: App, visitor: Visitor, running: str):
    """A notice that ended while its seeker was typing says so, with what was typed still in the form."""
    notice = notice_at(app, running)
    app.store.run_write(notices.close, notice.id, CloseReason.EXPIRED, app.clock.now())
    words = {**NOTICE, "title": "Soudeuse à l’arc", "keep": "personal"}
    answer = visitor.post(f"{running}/change", words)
    assert answer.status_code == 409
    assert "Soudeuse à l’arc" in Read(answer.text).values["title"]
    assert "Cette annonce est terminée" in answer.text

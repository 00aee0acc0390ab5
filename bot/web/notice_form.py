"""The seeker's form as the web shows it: filled again with whatever was typed, with its questions."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from bot.intake import form
from bot.intake.mail import likely_meant
from bot.model.keeping import SILENT_KEPT
from bot.model.notice import CONTRACTS, OPEN_STATES, TEXT_WANTED
from bot.model.policy import allows_collective
from bot.storage import notices
from bot.trust.links import hash_token
from bot.trust.texts import PUBLISH_NOTICE, SHOW_ADDRESS
from bot.web import gate
from bot.web.forms import Typed
from bot.web.pages import Page

COOKIE = "notice"
"""Holds the status token of the last notice sent from this browser."""
COOKIE_S = round(SILENT_KEPT.total_seconds())
"""As long as the words are kept without a sign of their seeker."""
TYPED_MAX = 20_000
"""Characters of a field that are shown again, so that even a whole letter pasted by mistake is not lost."""
QUESTIONS = frozenset({"personal", "email"})
"""What may be asked before sending; the answer "keep" is remembered in a hidden field."""


def known_token(page: Page) -> str:
    """Give the status token that this browser keeps, or an empty text."""
    return page.request.cookies.get(_cookie(page), "")


async def known_path(page: Page) -> str:
    """Give the path of the notice that this browser keeps, while it is open; then it is offered to nobody."""
    token = known_token(page)
    notice = await page.app.store.read(notices.by_token, hash_token(token)) if token else None
    return f"/n/{token}" if notice is not None and notice.state in OPEN_STATES else ""


def remember(page: Page, token: str, response: Response) -> Response:
    """Let this browser find the notice again."""
    https = _https(page)
    response.set_cookie(
        _cookie(page), token, max_age=COOKIE_S, path="/", httponly=True, samesite="lax", secure=https
    )
    return response


def forget(page: Page, token: str, response: Response) -> Response:
    """Let this browser forget the notice, if it is this one that it keeps."""
    if known_token(page) == token:
        https = _https(page)
        response.delete_cookie(_cookie(page), path="/", httponly=True, samesite="lax", secure=https)
    return response


def _https(page: Page) -> bool:
    return page.app.settings.address.startswith("https://")


def _cookie(page: Page) -> str:
    """Give the cookie's name: on https it is bound to this very host."""
    return f"__Host-{COOKIE}" if _https(page) else COOKIE


def submission_of(typed: Typed, lang: str) -> form.Submission:
    """Give what was typed, untouched but for the size."""
    return form.Submission(
        title=typed.text("title", most=TYPED_MAX),
        place=typed.text("place", most=TYPED_MAX),
        remote=typed.ticked("remote"),
        contract=typed.text("contract"),
        text=typed.text("text", most=TYPED_MAX),
        has_post=typed.text("has_post"),
        link=typed.text("link", most=TYPED_MAX),
        name=typed.text("name", most=TYPED_MAX),
        email=typed.text("email", most=TYPED_MAX),
        consent=typed.ticked("consent"),
        answer_to=typed.text("answer_to", most=TYPED_MAX),
        show_answer_to=typed.ticked("show_answer_to"),
        volunteers_only=typed.ticked("volunteers_only"),
        lang=lang,
    )


def show_form(page: Page, submission: form.Submission, code: int = 200, **context: Any) -> Response:
    """Show the form, filled; `change` names the path of a notice's page when one is being changed."""
    values: dict[str, Any] = {
        "errors": [],
        "hurry": "",
        "hold": None,
        "closed": None,
        "personal": [],
        "meant": "",
        "keep": "",
        "mine": "",
        "change": "",
        **context,
    }
    return page.show(
        "seeker/form.html",
        code,
        v=submission,
        words=form.words_of(submission),
        bad={error.field: error.message for error in values["errors"]},
        contracts=CONTRACTS,
        wanted=TEXT_WANTED,
        trap=gate.TRAP,
        consent_text=PUBLISH_NOTICE.paragraphs(page.lang),
        own_account=allows_collective(page.app.policies),
        show_address=SHOW_ADDRESS.paragraphs(page.lang),
        task=gate.task(page, code),
        **values,
    )


def worries(typed: Typed, submission: form.Submission) -> tuple[form.Submission, dict[str, Any]]:
    """Give the submission as the two-button questions left it, and what is still to be asked."""
    keep = set(typed.text("keep").split()) & QUESTIONS
    answer = typed.text("answer")
    if answer == "remove_personal":
        submission = form.without_personal_in(submission)
    elif answer == "take_email" and (meant := likely_meant(submission.email.strip().lower())):
        submission = replace(submission, email=meant)
    elif answer.startswith("keep_"):
        keep |= {answer.removeprefix("keep_")} & QUESTIONS
    asked: dict[str, Any] = {"keep": " ".join(sorted(keep))}
    if "personal" not in keep and (found := form.personal_in(submission)):
        asked["personal"] = found
    elif "email" not in keep and (meant := likely_meant(submission.email.strip().lower())):
        asked["meant"] = meant
    return submission, asked

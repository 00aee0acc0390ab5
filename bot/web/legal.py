"""What the law wants to be said: who runs the site, its terms, what becomes of data, how it is kept safe."""

from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from bot.locale import formats
from bot.model.legal import LEGAL
from bot.model.moderation import REASONS
from bot.model.policy import allows_collective
from bot.model.text import N_, counted
from bot.privacy.rules import PROMISES, RULES
from bot.trust.texts import MENTION
from bot.web.cookies import COOKIES
from bot.web.front import contact_link
from bot.web.pages import OnPage, Page

router = APIRouter()

VERSION = date(2026, 11, 29)
"""When the texts of these pages last changed."""
SECURITY_LIFE = timedelta(days=180)
"""How long a copy of security.txt may be trusted (RFC 9116 wants less than a year)."""
HOURS_MOST = timedelta(days=3)
"""Spans up to here are said in hours."""
ABROAD = ("x", "linkedin", "bluesky")
"""Networks whose companies are in the United States."""
FRAMES = (
    (N_("Accounts, keys or people’s data can be taken from outside"), timedelta(hours=72)),
    (N_("The same with a log-in or a person’s help; or the site can be stopped"), timedelta(days=7)),
    (N_("Anything else"), timedelta(days=30)),
)
"""How soon a weakness of ours is mended; docs/security.md says the same."""

TERMS = {
    "purpose": N_("What this site is for"),
    "free": N_("Free of charge"),
    "who": N_("Who may use it"),
    "conduct": N_("What is forbidden"),
    "moderation": N_("How notices are read"),
    "reasons": N_("If your notice is refused"),
    "recourse": N_("If you disagree"),
    "report": N_("Report a notice"),
    "suspension": N_("In case of abuse"),
    "contact": N_("Who to write to"),
    "version": N_("This text"),
}
SECURITY = {
    "weakness": N_("Found a weakness?"),
    "frames": N_("How soon it is mended"),
    "versions": N_("Which version is looked after"),
    "sealed": N_("What is encrypted"),
    "admins": N_("What the team can see"),
    "incidents": N_("Incidents"),
}
DATA = {
    "controller": N_("Who is responsible"),
    "purposes": N_("What for, and on which ground"),
    "seekers": N_("If you look for a job"),
    "volunteers": N_("If you are a volunteer"),
    "reporters": N_("If you report a notice"),
    "source": N_("Where it comes from"),
    "required": N_("What you must give"),
    "recipients": N_("Who receives it"),
    "abroad": N_("Outside the European Union"),
    "durations": N_("How long"),
    "decisions": N_("Decisions and turns"),
    "cookies": N_("Cookies"),
    "rights": N_("Your rights"),
    "exercise": N_("How to use them"),
    "complaint": N_("Complain"),
    "version": N_("This text"),
}
"""The sections of each page, by their anchors: links lead there, and a test holds that none is missing."""


@router.get("/{lang}/legal")
async def legal(page: OnPage) -> Response:
    """Say who publishes and who hosts; what the operator has not filled in is said too."""
    settings = page.app.settings
    return page.show(
        "public/legal.html", lines=[(text, getattr(settings, name)) for name, text in LEGAL.items()]
    )


@router.get("/{lang}/terms")
async def terms(page: OnPage) -> Response:
    """Say what the site is for, what is forbidden, how notices are read, and how to disagree."""
    return page.show("public/terms.html", sections=TERMS, reasons=REASONS, **_signed(page))


@router.get("/{lang}/data")
async def your_data(page: OnPage) -> Response:
    """Say what is kept, why, how long, who sees it, and how to take it back."""
    settings, networks = page.app.settings, page.app.networks
    return page.show(
        "public/data.html",
        sections=DATA,
        own_account=allows_collective(page.app.policies),
        mention=" ".join(MENTION.paragraphs(page.lang)),
        rules=RULES,
        promises=PROMISES,
        spans={rule.code: _long(page, rule.kept) for rule in RULES},
        cookies=[(one, _long(page, one.kept) if one.kept else "") for one in COOKIES],
        abroad=[networks[name].label for name in ABROAD if name in networks],
        **_signed(page) | {"contact": contact_link(settings.privacy_contact or settings.contact)},
    )


@router.get("/{lang}/security")
async def security(page: OnPage) -> Response:
    """Say how to report a weakness, how soon it is mended, what is encrypted and who sees what."""
    frames = [(text, _long(page, span)) for text, span in FRAMES]
    return page.show("public/security.html", sections=SECURITY, frames=frames, **_signed(page))


@router.get("/{lang}/.well-known/security.txt")
async def security_txt(page: OnPage) -> Response:
    """Say where to report a weakness (RFC 9116); 404 while the operator gave no address."""
    settings = page.app.settings
    address = settings.publisher_mail or settings.contact
    if not address:
        return PlainTextResponse("No contact is set.\n", 404)
    contact = address if "://" in address else f"mailto:{address}"
    expires = page.now + SECURITY_LIFE
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
        *(f"Policy: {settings.address}/{lang}/security" for lang in ("fr", "en")),
    ]
    return PlainTextResponse("\n".join(lines) + "\n")


def _signed(page: Page) -> dict[str, Any]:
    """Give what each of these texts ends with: the address to write to, and its date."""
    settings = page.app.settings
    return {
        "contact": contact_link(settings.publisher_mail or settings.contact),
        "version": formats.year_date(VERSION, page.lang),
    }


def _long(page: Page, span: timedelta) -> str:
    """Write how long: `60 days`, `24 hours`, `10 minutes`."""
    if span < timedelta(hours=1):
        words = counted("%(n)s minute", "%(n)s minutes", round(span / timedelta(minutes=1)))
    elif span <= HOURS_MOST:
        words = counted("%(n)s hour", "%(n)s hours", round(span / timedelta(hours=1)))
    else:
        words = counted("%(n)s day", "%(n)s days", span.days)
    return page.speech().say(words)

"""Pages for everybody: find a notice again, who goes first, contact; robots and the icon."""

import re
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import FileResponse, PlainTextResponse, Response

from bot.model.text import LANGUAGES, N_, Message
from bot.reporting.share import open_door
from bot.web.forms import read_form
from bot.web.notice_form import known_path
from bot.web.pages import FOUND_PATHS, STATIC, OnPage

router = APIRouter()

READ = ["GET", "HEAD"]
OPEN_PATHS = (*(f"{path[1:]}$" for path in FOUND_PATHS), "s/")
"""What programs may read under each language; share pages, so that networks can make their previews."""
USUAL, OURS = (6, 3, 2, 1, 0, 0), (2,) * 6
"""Twelve shares among six people, without the rule and with it; the pictures say the same in words."""
UNKNOWN_LINK = Message(N_("This link opens nothing here. Paste it whole, with all its letters."))


@router.get("/{lang}/find")
async def find(page: OnPage) -> Response:
    """Say how to get back to a notice; on the device that sent it, with a link while it is open."""
    return page.show("public/find.html", known=await known_path(page), typed="", error=None)


@router.post("/{lang}/find")
async def find_pasted(page: OnPage) -> Response:
    """Open the page whose link or token was pasted."""
    typed = (await read_form(page.request)).text("link")
    path = await page.app.store.read(open_door, typed)
    if path is not None:
        return page.redirect(path)
    return page.show("public/find.html", 422, known="", typed=typed, error=UNKNOWN_LINK)


@router.get("/{lang}/accessibility")
async def accessibility(page: OnPage) -> Response:
    """Say what was done and checked so that everybody can use the pages, and what was not."""
    return page.show("public/accessibility.html", contact=contact_link(page.app.settings.contact))


@router.get("/{lang}/fairness")
async def fairness(page: OnPage) -> Response:
    """Say in plain words who goes first, with a picture of twelve shares."""
    return page.show("public/fairness.html", usual=USUAL, ours=OURS)


@router.get("/{lang}/contact")
async def contact(page: OnPage) -> Response:
    """Say how to write to the collective."""
    return page.show("public/contact.html", contact=contact_link(page.app.settings.contact))


@router.api_route("/robots.txt", methods=READ)
async def robots() -> Response:
    """Let programs read the first page, what it does, how, and what previews need; nothing else."""
    allowed = [f"Allow: /{lang}/{path}" for lang in LANGUAGES for path in OPEN_PATHS]
    lines = ["User-agent: *", *allowed, "Allow: /$", "Allow: /static/", "Allow: /picture/", "Disallow: /"]
    return PlainTextResponse("\n".join(lines) + "\n", headers={"Cache-Control": "public, max-age=3600"})


@router.api_route("/favicon.ico", methods=READ)
async def favicon() -> Response:
    """Give the icon to browsers that look for it here."""
    return FileResponse(
        Path(STATIC) / "icon.svg",
        media_type="image/svg+xml",
        headers={"Cache-Control": "public, max-age=86400"},
    )


def contact_link(text: str) -> tuple[str, str] | None:
    """Give the address and the words of the link to the collective; None where none can be made.

    A web address is linked as it is, an email address by `mailto:`; other text is shown without a link
    (an empty address).
    """
    text = text.strip()
    if not text:
        return None
    if re.fullmatch(r"https?://\S+", text):
        return text, text.partition("://")[2].rstrip("/")
    if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", text):
        return f"mailto:{quote(text, safe='@+.-_')}", text
    return "", text

"""The share page of a notice, public but unlisted, and its picture for previews."""

import asyncio
from functools import lru_cache

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from bot.model import memory
from bot.model.notice import CONTRACTS, Notice, NoticeText
from bot.model.text import N_
from bot.reporting.share import Stand, shared
from bot.sets import paper_colour
from bot.web.front import contact_link
from bot.web.pages import OnPage, Page

router = APIRouter()

READ = ["GET", "HEAD"]
PICTURES_KEPT = 64
GONE = 410
ENDS: dict[Stand, tuple[int, str, str]] = {
    Stand.NOT_HERE: (
        404,
        N_("There is no notice here."),
        N_("It may not be public yet, or the link is not complete."),
    ),
    Stand.PAUSED: (
        404,
        N_("This notice is on pause."),
        N_("The person who wrote it asked for a break. It may come back."),
    ),
    Stand.FOUND: (
        GONE,
        N_("Found a job!"),
        N_("The person who wrote this notice has found a job. Thank you."),
    ),
    Stand.TAKEN_BACK: (
        GONE,
        N_("This notice has been taken back."),
        N_("The person who wrote it does not want it shared any more."),
    ),
    Stand.OVER: (
        GONE,
        N_("This notice has gone its round."),
        N_("It is not shared any more. Its author can send it round again."),
    ),
}
"""What stands in place of the notice: status, heading, sentence."""


@lru_cache(PICTURES_KEPT)
def _drawn(words: NoticeText, lang: str, paper: str, hashtag: str, site_name: str) -> bytes:
    from bot.reporting import picture  # noqa: PLC0415  whoever never shows a picture never loads the drawing

    return picture.draw(words, lang=lang, paper=paper, hashtag=hashtag, site_name=site_name)


memory.empties(_drawn.cache_clear)


def _picture_path(notice: Notice) -> str:
    return f"/picture/{notice.share_slug}-{notice.revision}.png"


def summary(words: NoticeText) -> str:
    """Give the description of a link's preview: place, then the sentence."""
    return f"{words.place} · {words.text}"


def ended(page: Page, stand: Stand) -> Response:
    """Say in a sentence why there is no notice."""
    status, heading, sentence = ENDS[stand]
    return page.show(
        "public/ended.html", status, heading=heading, sentence=sentence, found=stand is Stand.FOUND
    )


@router.api_route("/{lang}/s/{slug}", methods=READ)
async def share_page(page: OnPage, slug: str) -> Response:
    """Show the notice, or say in a sentence why there is none."""
    stand, notice = await page.app.store.read(shared, slug, now=page.now)
    if notice is None:
        return ended(page, stand)
    address = page.app.settings.address
    return page.show(
        "public/share.html",
        notice=notice,
        contract=CONTRACTS[notice.words.contract],
        paper=paper_colour(notice.sector),
        summary=summary(notice.words),
        page_url=address + page.url(f"/s/{slug}"),
        picture_url=address + _picture_path(notice),
        posts=[
            (page.app.networks[p.network].label, p.url)
            for p in notice.posts
            if p.network in page.app.networks
        ],
        answer=contact_link(notice.answer_to),
    )


@router.api_route("/picture/{name}.png", methods=READ)
async def share_picture(request: Request, name: str) -> Response:
    """Give the picture of a notice that goes round; an older revision leads to the present one."""
    app = request.app.state.app
    slug, _, revision = name.rpartition("-")
    _, notice = await app.store.read(shared, slug, now=app.clock.now())
    if notice is None:
        raise HTTPException(404)
    if revision != str(notice.revision):
        return RedirectResponse(_picture_path(notice), 307)
    settings = app.settings
    body = await asyncio.to_thread(
        _drawn,
        notice.words,
        notice.lang,
        paper_colour(notice.sector),
        settings.hashtag,
        settings.site_name,
    )
    # Networks show the picture on their own pages.
    headers = {"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(body, media_type="image/png", headers=headers)

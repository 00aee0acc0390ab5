"""A person's own data: a page to read, a file to keep, what they agreed to, and the way to be erased."""

from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from bot.errors import ConflictError
from bot.model.journal import Actor
from bot.model.moderation import Verdict
from bot.model.text import N_
from bot.moderation.decide import ACTIONS
from bot.privacy import consents
from bot.storage import portrait
from bot.trust.texts import PUBLISH_NOTICE, SHOW_FIRST_NAME
from bot.web import labels
from bot.web.erase import erase_seeker
from bot.web.mine import OnMine
from bot.web.notice_form import forget
from bot.web.pages import Page, Speech
from bot.web.status import OnOwn

router = APIRouter()

SECTIONS = {
    "seeker": N_("You"),
    "volunteer": N_("You"),
    "notices": N_("Your notices"),
    "accounts": N_("Your accounts"),
    "shares": N_("Shares"),
    "posts": N_("Your posts"),
    "decisions": N_("What moderators decided"),
    "reports": N_("Reports"),
}
"""Parts of a copy that the page shows, by their key; the file has the others too."""
FIELDS = {
    "created_at": N_("Since"),
    "joined_at": N_("Since"),
    "email": N_("Email address"),
    "name": N_("Name"),
    "title": N_("Job"),
    "place": N_("Place"),
    "text": N_("Text"),
    "state": N_("State"),
    "closed_at": N_("Ended"),
    "url": N_("Link"),
    "author": N_("Account"),
    "network": N_("Network"),
    "handle": N_("Account"),
    "notice": N_("Notice"),
    "asked_at": N_("Asked"),
    "ended_at": N_("Answered"),
    "verdict": N_("Decision"),
    "note": N_("Sentence"),
    "at": N_("When"),
    "why": N_("Why"),
    "cap_day": N_("Shares a day"),
    "spacing_min": N_("Minutes between two"),
    "sectors": N_("Sectors"),
    "regions": N_("Regions"),
    "languages": N_("Languages"),
    "time_zone": N_("Time zone"),
}
"""Fields that the page shows, by their column."""
STATES = {
    "notices": labels.NOTICE_STATES,
    "shares": labels.BOOST_STATES,
    "volunteer": labels.VOLUNTEER_STATES,
}
"""Words of the states, by the part they stand in."""
Values = list[tuple[str, str]]
Shown = list[tuple[str, Values]]


def readable(copy: dict[str, Any], page: Page, speech: Speech) -> Shown:
    """Give a copy as headings with named values, the parts of a part after it."""
    found: Shown = []
    for key, part in copy.items():
        if key in SECTIONS:
            for one in part if isinstance(part, list) else [part]:
                said = {**one, **_words(one, key, page)}
                values = [(FIELDS[name], _text(said[name], speech)) for name in FIELDS if said.get(name)]
                found.append((SECTIONS[key], values))
                inside = {name: value for name, value in one.items() if name in SECTIONS}
                found += readable(inside, page, speech)
    return [(heading, values) for heading, values in found if values]


def _parts(copy: dict[str, Any], page: Page, speech: Speech) -> list[tuple[str, list[Values]]]:
    """Give a copy for the page: what stands together under one heading."""
    runs = groupby(readable(copy, page, speech), key=itemgetter(0))
    return [(heading, [values for _, values in run]) for heading, run in runs]


def _words(one: dict[str, Any], key: str, page: Page) -> dict[str, str]:
    """Give what stands for codes: states, networks, decisions."""
    say, words = page.speech().say, {}
    if (state := one.get("state")) in STATES.get(key, {}):
        words["state"] = say(STATES[key][state])
    if (network := page.app.networks.get(one.get("network", ""))) is not None:
        words["network"] = network.label
    if "verdict" in one:
        words["verdict"] = say(labels.ACTIONS[ACTIONS[Verdict(one["verdict"])]])
    return words


def _text(value: Any, speech: Speech) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    try:
        return speech.date_time(datetime.fromisoformat(value)) if isinstance(value, str) else str(value)
    except ValueError:
        return str(value)


def _moments(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give consents with their moments as moments."""
    read = {"at", "withdrawn_at", "ended_at"}
    return [
        {name: datetime.fromisoformat(v) if v and name in read else v for name, v in one.items()}
        for one in given
    ]


def _file(page: Page, copy: dict[str, Any]) -> Response:
    name = f"languette-{page.now:%Y-%m-%d}.json"
    return JSONResponse(copy, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/{lang}/n/{token}/data")
async def seekers_data(own: OnOwn) -> Response:
    """Show everything that is kept of the seeker."""
    copy = await own.copy()
    return own.page.show(
        "seeker/data.html",
        own=own,
        parts=_parts(copy, own.page, own.page.speech()),
        consents=_moments(copy["consents"]),
        publish=PUBLISH_NOTICE.purpose,
        shown_name=SHOW_FIRST_NAME.purpose,
    )


@router.get("/{lang}/n/{token}/data.json")
async def seekers_file(own: OnOwn) -> Response:
    """Give the same as a file, with every field."""
    return _file(own.page, await own.copy())


@router.get("/{lang}/n/{token}/hide-name")
async def ask_hide(own: OnOwn) -> Response:
    """Lead to the page of data, where the button is; nothing happens."""
    return own.page.redirect(own.path("/data"))


@router.post("/{lang}/n/{token}/hide-name")
async def hide_name(own: OnOwn) -> Response:
    """Take the name off the impact page; a second tap finds nothing to do."""
    page = own.page
    try:
        gone = await page.app.store.write(
            consents.hide_name, own.notice.id, now=page.now, actor=Actor("seeker")
        )
    except ConflictError:
        gone = False
    return page.show("seeker/erased.html") if gone else page.redirect(own.path("/data"))


@router.get("/{lang}/n/{token}/erase")
async def ask_erase(own: OnOwn) -> Response:
    """Say what is erased and what stays."""
    return own.page.show("seeker/erase.html", own=own)


@router.post("/{lang}/n/{token}/erase")
async def erase(own: OnOwn) -> Response:
    """Erase the seeker with all their notices; this page is gone with them."""
    await erase_seeker(own.page, own.notice.seeker_id, Actor("seeker", own.notice.seeker_id))
    return forget(own.page, own.token, own.page.show("seeker/erased.html"))


@router.get("/{lang}/n/{token}/forget")
async def ask_forget(own: OnOwn) -> Response:
    """Lead to the notice's page, where the button is; nothing happens."""
    return own.page.redirect(own.path())


@router.post("/{lang}/n/{token}/forget")
async def forget_here(own: OnOwn) -> Response:
    """Let this browser forget the notice, which stays as it is; so does its link."""
    return forget(own.page, own.token, own.page.show("seeker/forgotten.html"))


@router.get("/{lang}/inbox/{token}/data")
async def volunteers_data(mine: OnMine) -> Response:
    """Show everything that is kept of the volunteer."""
    copy = await mine.page.app.store.read(portrait.volunteer, mine.volunteer.id)
    speech = mine.page.speech(mine.volunteer.limits.time_zone)
    parts = _parts(copy, mine.page, speech)
    return mine.show("volunteer/data.html", parts=parts, consents=_moments(copy["consents"]))


@router.get("/{lang}/inbox/{token}/data.json")
async def volunteers_file(mine: OnMine) -> Response:
    """Give the same as a file, with every field."""
    return _file(mine.page, await mine.page.app.store.read(portrait.volunteer, mine.volunteer.id))

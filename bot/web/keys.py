"""An admin's security keys: made, asked for an answer, taken off; and the app taken off.

What a key signs is made by a POST, since it is kept with the session; the browser's script fetches it, lets
the key answer, and sends the page's own form. Without the script a code does the same.
"""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from bot.errors import NotFoundError, UsageError
from bot.model.text import N_, Message
from bot.moderation import admins
from bot.moderation import security_keys as stage
from bot.storage import factors, security_keys
from bot.trust.security_key import Site
from bot.web.answers import TurnedAwayError
from bot.web.forms import read_form
from bot.web.login import Filled, proved, wrong
from bot.web.pages import Id
from bot.web.session import (
    AdminPage,
    OnAdmin,
    OnHalf,
    OnWhole,
    factor_needed,
    key_given,
    key_site,
    session_token,
)

router = APIRouter()

ME = "/admin/me"
NO_ANSWER = Message(N_("Press the button and touch your key. It needs JavaScript: without it, use an app."))
NOT_TAKEN = Message(N_("This security key was not added. It may be there already, or it answered too late."))
NO_SITE = N_("Security keys need an address with a name and https: open the site by that address.")


def _needed_site(page: AdminPage) -> Site:
    site = key_site(page)
    if site is None:
        raise NotFoundError(Message(NO_SITE))
    return site


@router.post("/{lang}/admin/keys/ask")
async def ask(page: OnHalf) -> Response:
    """Give the browser what one of the admin's keys should sign, to log in or before a dangerous act."""
    site, token = _needed_site(page), session_token(page)
    return JSONResponse(await page.app.store.write(stage.ask, token, page.admin, site=site, now=page.now))


# ---------- a new key ----------


@router.get("/{lang}/admin/keys/add")
async def ask_add(page: OnWhole) -> Response:
    """Ask for the name of a new key; nothing is stored until it has answered."""
    if page.visit.has_factor:
        page.need_proof()
    return _add_page(page, Filled())


@router.post("/{lang}/admin/keys/add/ask")
async def ask_new(page: OnWhole) -> Response:
    """Give the browser what it needs to make a key."""
    if page.visit.has_factor:
        page.need_proof()
    site, token, keys, now = _needed_site(page), session_token(page), page.app.keys, page.now
    asked = await page.app.store.write(stage.ask_new, token, page.admin, site=site, keys=keys, now=now)
    return JSONResponse(asked)


@router.post("/{lang}/admin/keys/add")
async def add(page: OnWhole) -> Response:
    """Store the key that answered; show the recovery codes once where it is the first second factor."""
    if page.visit.has_factor:
        page.need_proof()
    typed = await read_form(page.request)
    name, given = typed.text("name"), key_given(page, typed)
    try:
        name = admins.clean_name(name)
    except UsageError as error:
        return _add_page(page, wrong("name", error.args[0], name), 422)
    if given is None:
        return _add_page(page, wrong("answer", NO_ANSWER, name), 422)
    keys, now, admin = page.app.keys, page.now, page.admin
    try:
        codes = await proved(
            page,
            lambda: page.app.store.write(stage.add, admin, name, given, keys=keys, now=now),
            NOT_TAKEN,
            factor="new key",
        )
    except TurnedAwayError as away:
        return away.on(_add_page(page, wrong("answer", away.message, name), away.status))
    if not codes:
        return page.redirect(ME)
    return await page.show_admin("admin/codes.html", codes=codes)


def _add_page(page: AdminPage, filled: Filled, status: int = 200) -> Response:
    site, app = key_site(page), page.url("/admin/factor")
    return page.show("admin/key.html", status, filled=filled, site=site, app=app, why=NO_SITE)


# ---------- taking off ----------


@router.get("/{lang}/admin/keys/{key_id}/remove")
async def ask_remove(page: OnAdmin, key_id: Id) -> Response:
    """Ask before a key is taken off."""
    page.need_proof()
    key = await page.app.store.read(security_keys.get, page.admin.id, key_id)
    return await page.show_admin("admin/remove_factor.html", name=key.name)


@router.post("/{lang}/admin/keys/{key_id}/remove")
async def remove(page: OnAdmin, key_id: Id) -> Response:
    """Take a key off."""
    page.need_proof()
    needed, now = factor_needed(page), page.now
    await page.app.store.write(stage.remove, page.admin, key_id, needed=needed, now=now)
    return page.redirect(ME)


@router.get("/{lang}/admin/factor/remove")
async def ask_remove_app(page: OnAdmin) -> Response:
    """Ask before the authenticator app is taken off."""
    page.need_proof()
    if await page.app.store.read(factors.get, page.admin.id) is None:
        return page.redirect(ME)
    return await page.show_admin("admin/remove_factor.html", name="")


@router.post("/{lang}/admin/factor/remove")
async def remove_app(page: OnAdmin) -> Response:
    """Take the authenticator app off."""
    page.need_proof()
    if await page.app.store.read(factors.get, page.admin.id) is not None:
        await page.app.store.write(stage.remove_app, page.admin, needed=factor_needed(page), now=page.now)
    return page.redirect(ME)

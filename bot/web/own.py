"""An admin's own log-in: second factor, recovery codes, proof before dangerous acts, log-out everywhere."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from bot.model.access import ROLES
from bot.model.forms import FieldError
from bot.model.text import N_, Message
from bot.moderation import factors, log_in
from bot.storage import factors as stored
from bot.storage import sessions
from bot.trust import passwords, totp
from bot.trust.links import new_token
from bot.web import qr
from bot.web.forms import read_form
from bot.web.login import (
    PASSWORD_MOST,
    WRONG_CODE,
    Filled,
    closed_for,
    code_door,
    logged_out,
    refuse,
)
from bot.web.session import AdminPage, OnAdmin, OnWhole, factor_due, safe_next, session_token

router = APIRouter()

NONCE_MOST = 60
WRONG_PASSWORD = Message(N_("This is not your password."))


@router.get("/{lang}/admin/me")
async def me(page: OnAdmin) -> Response:
    """Show the admin's own log-in."""
    read, admin = page.app.store.read, page.admin
    return await page.show_admin(
        "admin/me.html",
        role=ROLES[admin.role],
        factor=await read(stored.get, admin.id),
        left=await read(stored.codes_left, admin.id),
        sessions=await read(sessions.listed, admin.id),
    )


@router.post("/{lang}/admin/me/logout")
async def log_out_everywhere(page: OnAdmin) -> Response:
    """End all the admin's sessions."""
    await page.app.store.write(log_in.log_out_everywhere, admin_id=page.admin.id, now=page.now)
    return logged_out(page)


# ---------- second factor ----------


@router.get("/{lang}/admin/factor")
async def ask_factor(page: OnWhole) -> Response:
    """Show the secret of a new second factor; nothing is stored until a code proves that the app has it."""
    if page.visit.has_factor:
        page.need_proof()
    return _factor_page(page, new_token(), Filled())


@router.post("/{lang}/admin/factor")
async def set_factor(page: OnWhole) -> Response:
    """Store the second factor and show the recovery codes once; or show the same secret again."""
    if page.visit.has_factor:
        page.need_proof()
    typed = await read_form(page.request)
    nonce, now = typed.text("nonce", most=NONCE_MOST), page.now
    door = code_door(page, page.admin)
    if late := closed_for(door.wait(now), page):
        answer = _factor_page(page, nonce, Filled(errors=(FieldError("code", late),)), 429)
        return refuse(answer, door.wait(now))
    door.failed(now)
    codes = await page.app.store.write(
        factors.enrol, page.admin, nonce, typed.text("code"), keys=page.app.keys, now=now
    )
    if codes is None:
        return _factor_page(page, nonce, Filled(errors=(FieldError("code", WRONG_CODE),)), 422)
    door.passed()
    return await page.show_admin("admin/codes.html", codes=codes)


def _factor_page(page: AdminPage, nonce: str, filled: Filled, status: int = 200) -> Response:
    secret = totp.secret_of(page.app.keys, page.admin.id, nonce)
    return page.show(
        "admin/factor.html",
        status,
        filled=filled,
        nonce=nonce,
        picture=qr.svg(totp.uri(secret, page.admin.name, page.app.settings.site_name)),
        secret=totp.plain_secret(secret),
        may_skip=not factor_due(page, page.visit),
        first="first" in page.request.query_params,
    )


@router.get("/{lang}/admin/factor/codes")
async def ask_codes(page: OnAdmin) -> Response:
    """Ask before the recovery codes are made anew."""
    page.need_proof()
    return await page.show_admin("admin/new_codes.html")


@router.post("/{lang}/admin/factor/codes")
async def make_codes(page: OnAdmin) -> Response:
    """Make new recovery codes and show them once."""
    page.need_proof()
    if not page.visit.has_factor:
        return page.redirect("/admin/me")
    codes = await page.app.store.write(factors.new_codes, page.admin, keys=page.app.keys, now=page.now)
    return await page.show_admin("admin/codes.html", codes=codes)


# ---------- proof ----------


@router.get("/{lang}/admin/prove")
async def ask_proof(page: OnAdmin) -> Response:
    """Ask for the code once more, or for the password where there is no second factor."""
    return _proof_page(page, Filled(), safe_next(page.lang, page.request.query_params.get("next")))


@router.post("/{lang}/admin/prove")
async def do_proof(page: OnAdmin) -> Response:
    """Note the proof and lead back to the act; the act itself is asked about once more."""
    typed = await read_form(page.request)
    wanted, now, admin = safe_next(page.lang, typed.text("next")), page.now, page.admin
    door = code_door(page, admin)
    if late := closed_for(door.wait(now), page):
        answer = _proof_page(page, Filled(errors=(FieldError("code", late),)), wanted, 429)
        return refuse(answer, door.wait(now))
    door.failed(now)
    typed_code = typed.text("code", most=PASSWORD_MOST)
    if page.visit.has_factor:
        wrong = WRONG_CODE
        passed = await page.app.store.write(factors.passes, admin, typed_code, keys=page.app.keys, now=now)
    else:
        wrong = WRONG_PASSWORD
        passed = await passwords.fits(typed_code, await page.app.store.read(log_in.hash_of, admin))
    if not passed:
        return _proof_page(page, Filled(errors=(FieldError("code", wrong),)), wanted, 422)
    door.passed()
    await page.app.store.write(log_in.prove, session_token(page), admin=admin, now=now)
    return RedirectResponse(wanted, 303)


def _proof_page(page: AdminPage, filled: Filled, wanted: str, status: int = 200) -> Response:
    again = "code" if page.visit.has_factor else "password"
    return page.show("admin/code.html", status, filled=filled, wanted=wanted, again=again)

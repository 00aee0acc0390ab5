"""An admin's own log-in: second factor, recovery codes, proof before dangerous acts, log-out everywhere."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from bot.model.access import ROLES
from bot.model.text import N_, Message
from bot.moderation import factors, log_in
from bot.moderation.security_keys import Given
from bot.storage import factors as stored
from bot.storage import identities, security_keys, sessions
from bot.trust import passwords, totp
from bot.trust.links import new_token
from bot.web import qr
from bot.web.answers import TurnedAwayError
from bot.web.forms import read_form
from bot.web.login import (
    PASSWORD_MOST,
    WRONG_CODE,
    WRONG_KEY,
    Filled,
    code_page,
    logged_out,
    proved,
    wrong,
)
from bot.web.session import (
    AdminPage,
    OnAdmin,
    OnWhole,
    factor_due,
    key_given,
    key_site,
    safe_next,
    session_token,
)

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
        app=await read(stored.get, admin.id),
        keys=await read(security_keys.listed, admin.id),
        provider=page.request.app.state.open_id,
        identity=await read(identities.get, admin.id),
        site=key_site(page),
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
    nonce, code, admin = typed.text("nonce", most=NONCE_MOST), typed.text("code"), page.admin
    keys, now = page.app.keys, page.now
    try:
        codes = await proved(
            page,
            lambda: page.app.store.write(factors.enrol, admin, nonce, code, keys=keys, now=now),
            WRONG_CODE,
            factor="new code",
        )
    except TurnedAwayError as away:
        return away.on(_factor_page(page, nonce, wrong("code", away.message), away.status))
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
        site=key_site(page),
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
    """Ask for a code or a key once more, or for the password where there is no second factor."""
    return await _proof_page(page, Filled(), safe_next(page.lang, page.request.query_params.get("next")))


@router.post("/{lang}/admin/prove")
async def do_proof(page: OnAdmin) -> Response:
    """Note the proof and lead back to the act; the act itself is asked about once more."""
    typed = await read_form(page.request)
    wanted, admin = safe_next(page.lang, typed.text("next")), page.admin
    key = key_given(page, typed)
    refusal = WRONG_KEY if key else WRONG_CODE if page.visit.has_factor else WRONG_PASSWORD
    proof = key or typed.text("code", most=PASSWORD_MOST)
    try:
        await proved(
            page,
            lambda: _proves(page, proof),
            refusal,
            factor="proof",
        )
    except TurnedAwayError as away:
        filled = wrong("answer" if key else "code", away.message)
        return away.on(await _proof_page(page, filled, wanted, away.status))
    await page.app.store.write(log_in.prove, session_token(page), admin=admin, now=page.now)
    return RedirectResponse(wanted, 303)


async def _proves(page: AdminPage, proof: str | Given) -> bool | None:
    """Whether a code, a key's answer, or without a second factor the password, is right; None when not."""
    store, admin = page.app.store, page.admin
    if isinstance(proof, str) and not page.visit.has_factor:
        passed = await passwords.fits(proof, await store.read(log_in.hash_of, admin))
    else:
        passed = await store.write(log_in.passes, admin, proof, keys=page.app.keys, now=page.now)
    return passed or None


async def _proof_page(page: AdminPage, filled: Filled, wanted: str, status: int = 200) -> Response:
    return await code_page(page, filled, wanted, "code" if page.visit.has_factor else "password", status)

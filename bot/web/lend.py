"""A volunteer lends an account, changes how it shares, takes it back: GET shows, POST acts.

A form's answer cannot lead to another site (the content security policy forbids it), so that the page of
consent is reached by a link; and what the network brings back is kept by one more tap on our own page.
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from bot.delivery import lending
from bot.errors import ConflictError, NotFoundError
from bot.lenders import Lenders, back_to
from bot.model.boost import Mode
from bot.model.lending import LASTS, LENT_MODES, Connection, Way
from bot.model.secret import Secret
from bot.model.text import N_, Message
from bot.model.volunteer import Account
from bot.networks.connect.base import Begun
from bot.networks.errors import NetworkError, RefusedError
from bot.networks.http import NoAnswerError, NotSentError
from bot.reporting import lending as reporting
from bot.roster import change
from bot.storage import Session, connections
from bot.trust import keyfile
from bot.trust.lending_texts import lending_text
from bot.trust.texts import CHARTER
from bot.trust.vault import Sealer
from bot.web import gate, labels
from bot.web.forms import Typed, read_form
from bot.web.mine import Mine, OnMine
from bot.web.pages import Id, OnPage, Page
from bot.web.session import drop_cookie, read_cookie, set_cookie

router = APIRouter()

COOKIE = "lending"
"""Holds the volunteer's own link while they are at the network, so that only this browser can finish."""
BACK_KEYS = ("state", "code", "iss", "error")
"""What is taken from a network's answer."""
BACK_MOST = 2_000
"""Characters of each that are taken."""
LOOK_S = 0.2
"""How often an answer that waits for the daemon looks."""
UNAVAILABLE = 503

BAD_PAGE = "the network's page of consent is no web address"

TICK = Message(N_("Tick the box if you agree, or keep sharing by hand"))
TICK_CHARTER = Message(N_("Tick the box if you accept the charter of today"))
NO_PASSWORD = Message(N_("Paste the app password, or choose the network’s own page"))
SILENT = Message(N_("The network does not answer just now. Nothing was changed; try again in some minutes."))
SAYS_NO = Message(
    N_("The network does not know this account, or lets no program ask for it. Is the handle right?")
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was ticked and typed on the page of a mode, and what is wrong with it."""

    way: Way = Way.PAGE
    agreed: bool = False
    charter: bool = False
    wrong: dict[str, Message] | None = None
    hold: Message | None = None


def lenders(page: Page) -> Lenders:
    """Give how accounts are lent on this site."""
    found: Lenders = page.request.app.state.lenders
    return found


def can_seal(page: Page) -> bool:
    """Whether there is a public key; else lending is not set up here."""
    return keyfile.read_public(page.app.settings.data_dir) is not None


def _seal(page: Page) -> Sealer:
    """Give what seals to the key of the moment.

    Raises:
        ConflictError: it was taken away meanwhile.
    """
    if not can_seal(page):
        raise ConflictError(lending.NOT_ALLOWED)
    return keyfile.Published(page.app.settings.data_dir)


def choices(page: Page, account: Account) -> tuple[Mode, ...]:
    """Give the modes beyond by hand that can be chosen here: policy, settings and the vault allow them."""
    if not can_seal(page) or account.network not in lenders(page).networks:
        return ()
    return lending.allowed(page.app.policies, account)


@router.get("/{lang}/inbox/{token}/accounts/{account_id:int}")
async def account(mine: OnMine, account_id: Id) -> Response:
    """Show how an account shares, and what else may be chosen."""
    page = mine.page
    one = await page.app.store.read(lending.own, account_id, mine.volunteer.id)
    return mine.show(
        "volunteer/account.html",
        one=await page.app.store.read(reporting.standing, one),
        choices=(Mode.BY_HAND, *choices(page, one)),
        set_up=can_seal(page) and one.network in lenders(page).networks,
        troubles=labels.TROUBLES,
        done=page.request.query_params.get("done", ""),
    )


@router.get("/{lang}/inbox/{token}/accounts/{account_id:int}/by_hand")
async def ask_by_hand(mine: OnMine, account_id: Id) -> Response:
    """Say what taking an account back means."""
    one = await mine.page.app.store.read(lending.own, account_id, mine.volunteer.id)
    return mine.show("volunteer/take_back.html", one=one)


@router.post("/{lang}/inbox/{token}/accounts/{account_id:int}/by_hand")
async def by_hand(mine: OnMine, account_id: Id) -> Response:
    """Take an account back; a second tap changes nothing."""
    one = await mine.page.app.store.read(lending.own, account_id, mine.volunteer.id)
    then = f"/accounts/{account_id}?done=by_hand"
    return await mine.act(then, lending.take_back, one, now=mine.page.now, actor=mine.actor)


@router.get("/{lang}/inbox/{token}/accounts/{account_id:int}/{mode}")
async def ask_mode(mine: OnMine, account_id: Id, mode: str) -> Response:
    """Say in whole what a mode means and what the network's key allows."""
    one, wanted = await _chosen(mine, account_id, mode)
    return await _mode_page(mine, one, wanted, Wish())


@router.post("/{lang}/inbox/{token}/accounts/{account_id:int}/{mode}")
async def choose_mode(mine: OnMine, account_id: Id, mode: str) -> Response:
    """Use a key that is there in this mode, or go and get one."""
    one, wanted = await _chosen(mine, account_id, mode)
    page, typed = mine.page, await read_form(mine.page.request)
    password = Secret(typed.text("password").strip())
    wish = _wish(mine, one, typed, password)
    if wish.wrong:
        return await _mode_page(mine, one, wanted, wish, 422)
    write = page.app.store.write
    if wish.charter:
        await write(lending.accept_charter, mine.volunteer.id, lang=page.lang, now=page.now)
    standing = await page.app.store.read(reporting.standing, one)
    if standing.access and not standing.lost_at:
        await write(
            lending.set_mode,
            one,
            wanted,
            policies=page.app.policies,
            lang=page.lang,
            now=page.now,
            actor=mine.actor,
        )
        return mine.redirect(f"/accounts/{account_id}?done={wanted}")
    if hold := gate.pass_lending(page, mine.volunteer.id):
        held = Wish(wish.way, wish.agreed, wish.charter, hold=hold.message)
        return hold.on(await _mode_page(mine, one, wanted, held, hold.status))
    if wish.way is Way.PASSWORD:
        await write(_begin, mine, one, wanted, wish.way, Begun("", "", password))
        return await _settled(mine, account_id)
    return await _leave_for(mine, one, wanted, wish)


@router.get("/{lang}/connected/{network}")
async def connected(page: OnPage, network: str) -> Response:
    """Show that the network has answered; nothing is done with it before the button is pressed."""
    if network not in page.app.networks:
        raise HTTPException(404)
    given = page.request.query_params
    back = {key: given[key][:BACK_MOST] for key in BACK_KEYS if key in given}
    return page.show("volunteer/connected.html", network=page.app.networks[network], back=back)


@router.post("/{lang}/connected/{network}")
async def finish(page: OnPage, network: str) -> Response:
    """Take the network's answer in the volunteer's own browser; the daemon redeems it."""
    typed, token = await read_form(page.request), read_cookie(page, COOKIE)
    back = {key: typed.text(key, most=BACK_MOST) for key in BACK_KEYS if typed.text(key)}
    try:
        mine = Mine(page, token, await page.app.store.read(change.owner, token))
        one = await page.app.store.write(
            lending.come_back,
            _seal(page),
            back.get("state", ""),
            back,
            network=network,
            volunteer_id=mine.volunteer.id,
            now=page.now,
        )
    except (NotFoundError, ConflictError) as error:
        said = error.args[0] if isinstance(error, ConflictError) else lending.NOT_BEGUN
        return page.show("volunteer/not_connected.html", 409, message=said)
    answer = await _settled(mine, one.id)
    drop_cookie(page, answer, COOKIE)
    return answer


async def _chosen(mine: Mine, account_id: int, mode: str) -> tuple[Account, Mode]:
    """Give the account and the mode of an address.

    Raises:
        NotFoundError: it is not this volunteer's account.
        HTTPException: 404, the mode cannot be chosen for it.
    """
    one = await mine.page.app.store.read(lending.own, account_id, mine.volunteer.id)
    if mode not in LENT_MODES or Mode(mode) not in choices(mine.page, one):
        raise HTTPException(404)
    return one, Mode(mode)


def _wish(mine: Mine, one: Account, typed: Typed, password: Secret) -> Wish:
    """Read what was ticked; `wrong` by field, in the order of the page."""
    by_password = typed.text("way") == Way.PASSWORD and one.network in lenders(mine.page).passwords
    way = Way.PASSWORD if by_password else Way.PAGE
    agreed, charter = typed.ticked("agree"), typed.ticked("charter")
    wrong = {}
    if mine.volunteer.charter_version != CHARTER.version and not charter:
        wrong["charter"] = TICK_CHARTER
    if not agreed:
        wrong["agree"] = TICK
    if way is Way.PASSWORD and not password.reveal():
        wrong["password"] = NO_PASSWORD
    return Wish(way, agreed, charter, wrong)


async def _leave_for(mine: Mine, one: Account, mode: Mode, wish: Wish) -> Response:
    """Prepare the network's page of consent, and show the link that leads there."""
    page = mine.page
    try:
        async with lenders(page).open() as connects:
            begun = await connects[one.network].begin(one, back_to(page.app, one.network))
        where = urlsplit(begun.url)
        if where.scheme not in {"https", "http"}:  # a server that a volunteer named wrote this address
            raise RefusedError(BAD_PAGE)
    except (NetworkError, NotSentError, NoAnswerError) as error:
        said = SAYS_NO if isinstance(error, RefusedError) else SILENT
        held = Wish(wish.way, wish.agreed, wish.charter, hold=said)
        return await _mode_page(mine, one, mode, held, UNAVAILABLE)
    await page.app.store.write(_begin, mine, one, mode, Way.PAGE, begun)
    minutes = LASTS.seconds // 60
    answer = mine.show(
        "volunteer/go.html", one=one, mode=mode, begun=begun, minutes=minutes, host=where.netloc
    )
    set_cookie(page, answer, COOKIE, mine.token, LASTS.seconds)
    return answer


def _begin(session: Session, mine: Mine, one: Account, mode: Mode, way: Way, begun: Begun) -> None:
    page = mine.page
    lending.begin(
        session,
        _seal(page),
        one,
        begun.kept,
        mode=mode,
        way=way,
        state=begun.state,
        policies=page.app.policies,
        lang=page.lang,
        now=page.now,
    )


async def _settled(mine: Mine, account_id: Id) -> Response:
    """Wait a moment for the daemon, then show how it ended, or that it goes on."""
    store = mine.page.app.store
    ends = time.monotonic() + lenders(mine.page).patience_s
    found: Connection | None = await store.read(connections.of, account_id)
    while found is not None and found.trouble is None and time.monotonic() < ends:
        await asyncio.sleep(LOOK_S)
        found = await store.read(connections.of, account_id)
    done = "?done=lent" if found is None else ""
    return mine.redirect(f"/accounts/{account_id}{done}")


async def _mode_page(mine: Mine, one: Account, mode: Mode, wish: Wish, status: int = 200) -> Response:
    page = mine.page
    standing = await page.app.store.read(reporting.standing, one)
    values: dict[str, Any] = {
        "text": lending_text(one.network, mode).paragraphs(page.lang),
        "charter": CHARTER.paragraphs(page.lang) if mine.volunteer.charter_version != CHARTER.version else [],
        "kept": standing.access is not None and not standing.lost_at,
        "password": one.network in lenders(page).passwords,
        "wrong": wish.wrong or {},
    }
    return mine.show("volunteer/lend.html", status, one=one, mode=mode, wish=wish, **values)

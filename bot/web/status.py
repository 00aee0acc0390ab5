"""A notice's personal page: where it stands, and every act on it, each confirmed by a POST."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from bot.errors import ConflictError, NotFoundError
from bot.intake import form, life
from bot.model.clock import human
from bot.model.forms import FieldError
from bot.model.journal import Actor
from bot.model.moderation import MEANINGS, REASONS
from bot.model.notice import CONTRACTS, Consent, Notice
from bot.model.text import N_, Message
from bot.moderation import decide
from bot.reporting import seeker as reporting
from bot.reporting.seeker import Phase, Status
from bot.storage import Session, halts, notices, portrait
from bot.trust.links import hash_token
from bot.trust.texts import PUBLISH_NOTICE, SHOW_FIRST_NAME
from bot.web import gate
from bot.web.failures import GONE
from bot.web.forms import Typed, read_form
from bot.web.notice_form import forget, known_token, show_form, submission_of, worries
from bot.web.pages import OnPage, Page

router = APIRouter()

OPEN = frozenset({Phase.RECEIVED, Phase.ASKED, Phase.RUNNING, Phase.PAUSED})
ENDS = frozenset({"found", "withdraw"})
"""Acts after which the browser keeps the link no longer: others may use it too."""
SEEKER = Actor("seeker")


@dataclass(frozen=True, slots=True)
class Own:
    """One request for one notice's own pages."""

    page: Page
    token: str
    notice: Notice

    def path(self, rest: str = "") -> str:
        """Give a path below the notice's page, without the language: `path("/pause")`."""
        return f"/n/{self.token}{rest}"

    def url(self, rest: str = "") -> str:
        """Give an address below the notice's page."""
        return self.page.url(self.path(rest))

    @property
    def is_kept(self) -> bool:
        """Whether this browser finds the notice again by itself."""
        return known_token(self.page) == self.token

    @property
    def undo(self) -> timedelta:
        """How long a moderator may take a decision back; until then its seeker reads nothing of it."""
        app = self.page.app
        return human(app.clock, timedelta(seconds=app.settings.undo_s))

    async def status(self) -> Status:
        """Read where the notice stands."""
        app = self.page.app
        return await app.store.read(
            reporting.status, self.notice.id, networks=app.networks, now=self.page.now, undo=self.undo
        )

    async def copy(self) -> dict[str, Any]:
        """Read all that is kept of the seeker, but for what the page does not tell yet."""
        until = self.page.now - self.undo
        return await self.page.app.store.read(portrait.seeker, self.notice.seeker_id, until=until)


async def _own(page: OnPage, token: str) -> Own:
    notice = await page.app.store.read(notices.by_token, hash_token(token))
    if notice is None:
        raise NotFoundError(Message(GONE))
    return Own(page, token, notice)


OnOwn = Annotated[Own, Depends(_own)]
"""The notice whose token the address carries; 404 for any other."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a notice: what its page asks and says afterwards, when it is offered, what it does."""

    question: str
    explanation: str
    button: str
    told: str
    offered: Callable[[Status], bool]
    do: Callable[[Session, Notice, Page, Typed], object]
    danger: bool = False


ACTS = {
    "confirm": Act(
        N_("Is this your post?"),
        N_(
            "We found it by its hashtag. If you agree, volunteers share it for you; you can stop it any time."
        ),
        N_("Yes, share it"),
        N_("Thank you. Your notice is yours now: change it or stop it from this page."),
        lambda status: status.notice.consent is Consent.FOUND and status.phase in OPEN,
        lambda session, notice, page, _: life.confirm(session, notice.id, now=page.now, actor=SEEKER),
    ),
    "found": Act(
        N_("You found a job?"),
        N_("We close your notice at once. You can take this back for 24 hours."),
        N_("Yes, I found one"),
        N_("Noted. Thank you for telling us."),
        lambda status: status.phase in OPEN | {Phase.OVER},
        lambda session, notice, page, typed: life.found_job(
            session, notice.id, show_name=typed.ticked("show_name"), now=page.now, actor=SEEKER
        ),
    ),
    "undo": Act(
        N_("Still looking?"),
        N_("Your notice goes back to where it was."),
        N_("Yes, go on"),
        N_("Your notice is back where it was."),
        lambda status: status.undo_until is not None,
        lambda session, notice, page, _: life.undo_found_job(session, notice.id, now=page.now, actor=SEEKER),
    ),
    "withdraw": Act(
        N_("Withdraw your notice?"),
        N_(
            "Sharing stops at once, and we erase your email address, if you gave one. "
            "What people already shared is theirs."
        ),
        N_("Withdraw my notice"),
        N_("Your notice is withdrawn."),
        lambda status: status.phase in OPEN | {Phase.OVER},
        lambda session, notice, page, _: life.withdraw(session, notice.id, now=page.now, actor=SEEKER),
        danger=True,
    ),
    "alone": Act(
        N_("Leave the collective’s account out?"),
        N_("It takes back what it shared of your notice and shares nothing more. Volunteers go on."),
        N_("Leave it out"),
        N_("The collective’s account leaves your notice alone."),
        lambda status: status.own_account and status.notice.by_collective and status.phase in OPEN,
        lambda session, notice, page, _: life.leave_out(
            session, notice.id, wanted=False, now=page.now, actor=SEEKER
        ),
    ),
    "together": Act(
        N_("Let the collective’s account share it?"),
        N_("It shares your post, or posts your notice itself if you have no post."),
        N_("Let it"),
        N_("The collective’s account may share your notice."),
        lambda status: not status.notice.by_collective and status.phase in OPEN,
        lambda session, notice, page, _: life.leave_out(
            session, notice.id, wanted=True, now=page.now, actor=SEEKER
        ),
    ),
    "pause": Act(
        N_("Pause your notice?"),
        N_("Nothing is shared until you come back. We keep your turn for 30 days."),
        N_("Pause"),
        N_("Your notice is paused."),
        lambda status: status.phase is Phase.RUNNING,
        lambda session, notice, page, _: life.pause(session, notice.id, now=page.now, actor=SEEKER),
    ),
    "resume": Act(
        N_("Start again?"),
        N_("Your notice goes round again from where it stopped."),
        N_("Start again"),
        N_("Your notice is going round again."),
        lambda status: status.phase is Phase.PAUSED,
        lambda session, notice, page, _: life.resume(session, notice.id, now=page.now, actor=SEEKER),
    ),
    "renew": Act(
        N_("Another round?"),
        N_("Your notice goes round again as it is, to volunteers who have not shared it yet."),
        N_("Yes, another round"),
        N_("Another round begins."),
        lambda status: status.may_renew,
        lambda session, notice, page, _: life.renew(
            session, notice.id, settings=page.app.settings, now=page.now, actor=SEEKER
        ),
    ),
    "keep": Act(
        N_("Keep your notice longer?"),
        N_("We keep it for 60 days from today, or until you erase it."),
        N_("Keep it"),
        N_("Your notice is kept."),
        lambda status: status.may_keep,
        lambda session, notice, page, _: life.keep(session, notice.id, now=page.now, actor=SEEKER),
    ),
    "contest": Act(
        N_("Ask for a second look?"),
        N_("Somebody reads your notice again. This can be asked once."),
        N_("Ask for a second look"),
        N_("Somebody will read your notice again."),
        lambda status: status.may_contest,
        lambda session, notice, page, _: decide.contest(session, notice.id, now=page.now),
    ),
}


@router.get("/{lang}/n/{token}")
async def show(own: OnOwn, sent: str = "", did: str = "") -> Response:
    """Show where the notice stands; after sending or an act, what was done."""
    told = N_("Your changes are in.") if did == "change" else ACTS[did].told if did in ACTS else ""
    return own.page.show(
        "seeker/status.html",
        own=own,
        s=await own.status(),
        halted=await own.page.app.store.read(halts.current),
        sent=bool(sent),
        told=told,
        contracts=CONTRACTS,
        reasons=REASONS,
        meanings=MEANINGS,
        ordinal=reporting.ordinal,
        renewal_from=reporting.renewal_from(own.notice),
        link=own.page.app.settings.address + own.url(),
    )


@router.get("/{lang}/n/{token}/change")
async def change_page(own: OnOwn) -> Response:
    """Show the form filled with the notice."""
    if (await own.status()).phase not in OPEN:
        return own.page.redirect(own.path())
    return show_form(own.page, form.filled(own.notice, None), change=own.path())


@router.post("/{lang}/n/{token}/change")
async def change(own: OnOwn) -> Response:
    """Take the changes in; a moderator reads them before they go round."""
    page = own.page
    typed = await read_form(page.request)
    # The language of a notice stays, whichever language its seeker reads the page in.
    submission, asked = worries(typed, submission_of(typed, own.notice.lang))

    def again(code: int, **more: Any) -> Response:
        return show_form(page, submission, code, change=own.path(), **asked, **more)

    if hold := gate.knock(page):
        return hold.on(again(hold.status, hold=hold.message))
    draft, errors = form.read(submission, page.app.networks, consent_given=True)
    if draft is None or len(asked) > 1:
        return again(422, errors=errors)
    if hold := gate.pass_change(page, own.notice.id):
        return hold.on(again(hold.status, hold=hold.message))
    try:
        await page.app.store.write(
            life.edit, own.notice.id, draft, keys=page.app.keys, now=page.now, actor=SEEKER
        )
    except ConflictError as ended:  # what was typed stays on the page, to be copied into a new notice
        errors = [FieldError("title", ended.args[0])]
        return again(409, errors=errors)
    return page.redirect(own.path("?did=change"))


@router.get("/{lang}/n/{token}/{act}")
async def confirm(own: OnOwn, act: str) -> Response:
    """Ask before an act; where it is not offered, the notice's page says how things stand."""
    if act not in ACTS:
        raise NotFoundError(Message(GONE))
    status = await own.status()
    if not ACTS[act].offered(status):
        return own.page.redirect(own.path())
    return own.page.show(
        "seeker/act.html",
        own=own,
        name=act,
        act=ACTS[act],
        s=status,
        show_name=SHOW_FIRST_NAME,
        publish=PUBLISH_NOTICE,
    )


@router.post("/{lang}/n/{token}/{act}")
async def do(own: OnOwn, act: str) -> Response:
    """Do it. A second tap, or one too late, changes nothing and shows how things stand."""
    if act not in ACTS:
        raise NotFoundError(Message(GONE))
    typed = await read_form(own.page.request)
    if not ACTS[act].offered(await own.status()):
        return own.page.redirect(own.path())
    try:
        await own.page.app.store.write(ACTS[act].do, own.notice, own.page, typed)
    except ConflictError:
        return own.page.redirect(own.path())
    answer = own.page.redirect(own.path(f"?did={act}"))
    return forget(own.page, own.token, answer) if act in ENDS else answer

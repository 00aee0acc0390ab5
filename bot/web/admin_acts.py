"""What admins do with a notice or a volunteer: GET asks, POST acts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from bot.delivery import recall
from bot.intake import life
from bot.model.access import Role
from bot.model.journal import Actor
from bot.model.notice import NoticeState
from bot.model.text import N_, Message
from bot.model.volunteer import VolunteerState
from bot.moderation.reset import reset
from bot.roster import change
from bot.storage import notices, volunteers
from bot.web.erase import erase_volunteer
from bot.web.forms import Typed, read_form
from bot.web.pages import Id
from bot.web.session import AdminPage, OnReader

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do: its question (`%(id)s`), what it means, its button; `choices` are radio buttons."""

    name: str
    link: str
    question: str
    meaning: str
    button: str
    done: str
    states: frozenset[str]
    role: Role = Role.MODERATOR
    guarded: bool = False
    """Wants a fresh proof of who sits there, as what is dangerous does: it makes a key, say."""
    danger: bool = False
    """It cannot be undone."""
    choices: tuple[tuple[str, str], ...] = ()
    choose: str = ""


NOTICE_ACTS = (
    Act(
        "pause",
        N_("Pause this notice"),
        N_("Pause notice %(id)s?"),
        N_("No volunteer is asked until it is resumed. Shares asked for and not made are taken back."),
        N_("Pause"),
        N_("This notice is paused."),
        frozenset({NoticeState.ACTIVE}),
    ),
    Act(
        "resume",
        N_("Resume this notice"),
        N_("Resume notice %(id)s?"),
        N_("It goes round again, for as long as was left of its round."),
        N_("Resume"),
        N_("This notice goes round again."),
        frozenset({NoticeState.PAUSED}),
    ),
    Act(
        "recall",
        N_("Take all its shares back"),
        N_("Take back all shares of notice %(id)s?"),
        N_(
            "Shares not made yet are cancelled, and those who made theirs are asked to undo it. "
            "The notice comes back to the moderators."
        ),
        N_("Take them back"),
        N_("All shares of this notice are taken back."),
        frozenset(set(NoticeState) - {NoticeState.PENDING, NoticeState.ASKED}),
        danger=True,
    ),
    Act(
        "reset",
        N_("Let its seeker begin anew"),
        N_("Let the seeker of notice %(id)s begin anew?"),
        N_(
            "What their earlier notices had counts no more, and those volunteers may be asked again. Their "
            "next notice has a whole round. Do this when what they had before was not their doing."
        ),
        N_("Begin anew"),
        N_("What this seeker’s earlier notices had counts no more."),
        frozenset(NoticeState),
        role=Role.OPERATOR,
        guarded=True,
    ),
    Act(
        "close",
        N_("End this notice"),
        N_("End notice %(id)s?"),
        N_("Shares not made yet are taken back. Do this when its seeker asks you to."),
        N_("End it"),
        N_("This notice has ended."),
        frozenset(set(NoticeState) - {NoticeState.CLOSED}),
        danger=True,
        choices=(("withdrawn", N_("Its seeker takes it back")), ("found_job", N_("Its seeker found a job"))),
        choose=N_("Choose why it ends"),
    ),
    Act(
        "link",
        N_("Make a new link to its page"),
        N_("Make a new link to the page of notice %(id)s?"),
        N_("Its seeker’s present link will stop working. The new one is shown once; give it to its seeker."),
        N_("Make the link"),
        "",
        frozenset(NoticeState),
        role=Role.OPERATOR,
        guarded=True,
    ),
)
VOLUNTEER_ACTS = (
    Act(
        "pause",
        N_("Give them a break"),
        N_("Give volunteer %(id)s a break?"),
        N_("They are not asked until the break ends. What they were asked and did not do is taken back."),
        N_("Pause"),
        N_("This volunteer is on a break."),
        frozenset({VolunteerState.ACTIVE}),
        choices=(("1", N_("One day")), ("7", N_("One week")), ("", N_("Until resumed"))),
        choose=N_("Choose how long"),
    ),
    Act(
        "resume",
        N_("End their break"),
        N_("End the break of volunteer %(id)s?"),
        N_("They may be asked again from the next round."),
        N_("Resume"),
        N_("This volunteer is back."),
        frozenset({VolunteerState.PAUSED}),
    ),
    Act(
        "remove",
        N_("Take off the roster"),
        N_("Take volunteer %(id)s off the roster?"),
        N_("Their name, accounts and settings are erased, as if they had left. This cannot be undone."),
        N_("Remove"),
        N_("This volunteer has left."),
        frozenset({VolunteerState.ACTIVE, VolunteerState.PAUSED}),
        role=Role.OPERATOR,
        danger=True,
    ),
    Act(
        "link",
        N_("Make a new inbox link"),
        N_("Make a new inbox link for volunteer %(id)s?"),
        N_(
            "Their present link will stop working. The new one is shown once; give it to this volunteer only."
        ),
        N_("Make the link"),
        "",
        frozenset({VolunteerState.ACTIVE, VolunteerState.PAUSED}),
        role=Role.OPERATOR,
        guarded=True,
    ),
)


def of_notice(state: NoticeState, role: Role) -> list[Act]:
    """Give what an admin of this role can do with a notice in this state."""
    return [act for act in NOTICE_ACTS if state in act.states and role.covers(act.role)]


def of_volunteer(state: VolunteerState, role: Role) -> list[Act]:
    """Give what an admin of this role can do with a volunteer in this state."""
    return [act for act in VOLUNTEER_ACTS if state in act.states and role.covers(act.role)]


def done(name: str | None) -> str:
    """Give the sentence of an act just done (`notice.pause`), or nothing."""
    kind, _, act = (name or "").partition(".")
    acts = {"notice": NOTICE_ACTS, "volunteer": VOLUNTEER_ACTS}.get(kind, ())
    return next((one.done for one in acts if one.name == act), "")


def named(acts: tuple[Act, ...], name: str, page: AdminPage) -> Act:
    """Give the act of this name, if the admin may do it.

    Raises:
        HTTPException: 404, there is none.
        ForbiddenError: the admin's role does not cover it.
        MoreNeededError: it wants a fresh proof first.
    """
    for act in acts:
        if act.name == name:
            page.need(act.role)
            if act.guarded or act.danger:
                page.need_proof()
            return act
    raise HTTPException(404)


async def ask(
    page: AdminPage, act: Act, name: str, *, back: str, wrong: bool = False, ticked: str = ""
) -> Response:
    """Ask before an act on `name` (a number, or an admin's name); `ticked` is the choice already made."""
    return await page.show_admin(
        "admin/confirm.html",
        422 if wrong else 200,
        act=act,
        question=Message(act.question, {"id": name}),
        back=back,
        wrong=wrong,
        ticked=ticked,
    )


def chosen(act: Act, form: Typed) -> str | None:
    """Give the radio button that was chosen; None when none of those offered was."""
    value = form.text("choice", "-")
    return value if value in {code for code, _ in act.choices} else None


@router.get("/{lang}/admin/notice/{notice_id}/{name}")
async def ask_notice(page: OnReader, notice_id: Id, name: str) -> Response:
    """Ask before an act on a notice."""
    await page.app.store.read(notices.get, notice_id)
    return await ask(page, named(NOTICE_ACTS, name, page), str(notice_id), back=f"/admin/notice/{notice_id}")


@router.post("/{lang}/admin/notice/{notice_id}/{name}")
async def act_on_notice(page: OnReader, notice_id: Id, name: str) -> Response:
    """Act on a notice."""
    act, back = named(NOTICE_ACTS, name, page), f"/admin/notice/{notice_id}"
    return await _act(page, act, "notice", notice_id, _do_to_notice, back=back)


@router.get("/{lang}/admin/volunteers/{volunteer_id}/{name}")
async def ask_volunteer(page: OnReader, volunteer_id: Id, name: str) -> Response:
    """Ask before an act on a volunteer."""
    await page.app.store.read(volunteers.get, volunteer_id)
    act = named(VOLUNTEER_ACTS, name, page)
    return await ask(page, act, str(volunteer_id), back=f"/admin/volunteers/{volunteer_id}")


@router.post("/{lang}/admin/volunteers/{volunteer_id}/{name}")
async def act_on_volunteer(page: OnReader, volunteer_id: Id, name: str) -> Response:
    """Act on a volunteer."""
    act, back = named(VOLUNTEER_ACTS, name, page), f"/admin/volunteers/{volunteer_id}"
    return await _act(page, act, "volunteer", volunteer_id, _do_to_volunteer, back=back)


Do = Callable[[AdminPage, int, str, str], Awaitable[str]]
"""Does the act of a name, with a choice, to a number; gives the path of a new personal link, if any."""


async def _act(page: AdminPage, act: Act, kind: str, number: int, do: Do, *, back: str) -> Response:
    """Do an act; ask again when none of its choices was made."""
    choice = chosen(act, await read_form(page.request)) if act.choices else ""
    if choice is None:
        return await ask(page, act, str(number), back=back, wrong=True)
    if path := await do(page, number, act.name, choice):
        return await show_link(page, path, back)
    return page.redirect(f"{back}?done={kind}.{act.name}")


async def _do_to_notice(page: AdminPage, notice_id: int, name: str, choice: str) -> str:
    write, now, actor = page.app.store.write, page.now, Actor("admin", page.admin.id)
    if name == "link":
        token = await write(life.issue_link, notice_id, now=now, actor=actor)
        return f"/{(await page.app.store.read(notices.get, notice_id)).lang}/n/{token}"
    if choice == "found_job":
        await write(life.found_job, notice_id, show_name=False, now=now, actor=actor)
    else:
        does = {
            "pause": life.pause,
            "resume": life.resume,
            "recall": recall.take_back,
            "reset": reset,
            "close": life.withdraw,
        }
        await write(does[name], notice_id, now=now, actor=actor)
    return ""


async def _do_to_volunteer(page: AdminPage, volunteer_id: int, name: str, choice: str) -> str:
    now, actor, write = page.now, Actor("admin", page.admin.id), page.app.store.write
    if name == "link":
        lang = (await page.app.store.read(volunteers.get, volunteer_id)).lang
        return f"/{lang}/inbox/{await write(change.new_link, volunteer_id, now=now, actor=actor)}"
    if name == "pause":
        until = now + timedelta(days=int(choice)) if choice else None
        await write(change.pause, volunteer_id, until=until, now=now, actor=actor)
    elif name == "resume":
        await write(change.resume, volunteer_id, now=now, actor=actor)
    else:
        await erase_volunteer(page, volunteer_id, actor)
    return ""


async def show_link(page: AdminPage, path: str, back: str) -> Response:
    """Show a new personal link; it is kept nowhere, so this is the only time."""
    return await page.show_admin("admin/link.html", link=f"{page.app.settings.address}{path}", back=back)

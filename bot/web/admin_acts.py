"""What admins do with a notice or a volunteer: GET asks, POST acts."""

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
    """Wants a fresh proof of who sits there: it makes a key, or cannot be undone."""
    danger: bool = False
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
        guarded=True,
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
            if act.guarded:
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


async def _ask(page: AdminPage, act: Act, number: int, *, wrong: bool = False) -> Response:
    return await ask(page, act, str(number), back=_page_of(act, number), wrong=wrong)


def _page_of(act: Act, number: int) -> str:
    """Give the page an act comes from and leads back to, without the language."""
    return f"/admin/{'notice' if act in NOTICE_ACTS else 'volunteers'}/{number}"


def chosen(act: Act, form: Typed) -> str | None:
    """Give the radio button that was chosen; None when none of those offered was."""
    value = form.text("choice", "-")
    return value if value in {code for code, _ in act.choices} else None


@router.get("/{lang}/admin/notice/{notice_id}/{name}")
async def ask_notice(page: OnReader, notice_id: Id, name: str) -> Response:
    """Ask before an act on a notice."""
    await page.app.store.read(notices.get, notice_id)
    return await _ask(page, named(NOTICE_ACTS, name, page), notice_id)


@router.post("/{lang}/admin/notice/{notice_id}/{name}")
async def act_on_notice(page: OnReader, notice_id: Id, name: str) -> Response:
    """Act on a notice."""
    act = named(NOTICE_ACTS, name, page)
    now, actor = page.now, Actor("admin", page.admin.id)
    write = page.app.store.write
    if name == "link":
        token = await write(life.issue_link, notice_id, now=now, actor=actor)
        lang = (await page.app.store.read(notices.get, notice_id)).lang
        return await show_link(page, f"/{lang}/n/{token}", _page_of(act, notice_id))
    if name == "close":
        choice = chosen(act, await read_form(page.request))
        if choice is None:
            return await _ask(page, act, notice_id, wrong=True)
        if choice == "found_job":
            await write(life.found_job, notice_id, show_name=False, now=now, actor=actor)
        else:
            await write(life.withdraw, notice_id, now=now, actor=actor)
    else:
        do = {"pause": life.pause, "resume": life.resume, "recall": recall.take_back, "reset": reset}[name]
        await write(do, notice_id, now=now, actor=actor)
    return page.redirect(f"{_page_of(act, notice_id)}?done=notice.{name}")


@router.get("/{lang}/admin/volunteers/{volunteer_id}/{name}")
async def ask_volunteer(page: OnReader, volunteer_id: Id, name: str) -> Response:
    """Ask before an act on a volunteer."""
    await page.app.store.read(volunteers.get, volunteer_id)
    return await _ask(page, named(VOLUNTEER_ACTS, name, page), volunteer_id)


@router.post("/{lang}/admin/volunteers/{volunteer_id}/{name}")
async def act_on_volunteer(page: OnReader, volunteer_id: Id, name: str) -> Response:
    """Act on a volunteer."""
    act = named(VOLUNTEER_ACTS, name, page)
    now, actor = page.now, Actor("admin", page.admin.id)
    write = page.app.store.write
    if name == "link":
        lang = (await page.app.store.read(volunteers.get, volunteer_id)).lang
        token = await write(change.new_link, volunteer_id, now=now, actor=actor)
        return await show_link(page, f"/{lang}/inbox/{token}", _page_of(act, volunteer_id))
    if name == "pause":
        days = chosen(act, await read_form(page.request))
        if days is None:
            return await _ask(page, act, volunteer_id, wrong=True)
        until = now + timedelta(days=int(days)) if days else None
        await write(change.pause, volunteer_id, until=until, now=now, actor=actor)
    elif name == "resume":
        await write(change.resume, volunteer_id, now=now, actor=actor)
    else:
        await erase_volunteer(page, volunteer_id, actor)
    return page.redirect(f"{_page_of(act, volunteer_id)}?done=volunteer.{name}")


async def show_link(page: AdminPage, path: str, back: str) -> Response:
    """Show a new personal link; it is kept nowhere, so this is the only time."""
    return await page.show_admin("admin/link.html", link=f"{page.app.settings.address}{path}", back=back)

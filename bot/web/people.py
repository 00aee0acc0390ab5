"""The admins' own roster: operators let people in, give roles, take log-ins away."""

from fastapi import APIRouter
from starlette.responses import Response

from bot.model.access import ROLES, Role
from bot.model.journal import Actor
from bot.model.text import N_
from bot.moderation import admins
from bot.storage import admins as stored
from bot.storage import factors
from bot.web.admin_acts import Act, ask, chosen, named, show_link
from bot.web.forms import read_form
from bot.web.pages import Id
from bot.web.session import OnOperator

router = APIRouter()

HERE = "/admin/admins"
CHOICES = tuple((role.value, text) for role, text in ROLES.items())

ADD = Act(
    "add",
    N_("Let somebody in"),
    N_("Let somebody in?"),
    N_("You get a link that works once, for 24 hours. Its owner chooses a name and a password with it."),
    N_("Make the link"),
    "",
    frozenset(),
    role=Role.OPERATOR,
    guarded=True,
    choices=CHOICES,
    choose=N_("Choose what they may do"),
)
ACTS = (
    Act(
        "role",
        N_("Change the role"),
        N_("Which role for %(id)s?"),
        N_("It holds from their next click."),
        N_("Give this role"),
        N_("The role is changed."),
        frozenset(),
        role=Role.OPERATOR,
        guarded=True,
        choices=CHOICES,
        choose=N_("Choose what they may do"),
    ),
    Act(
        "reset",
        N_("Reset the log-in"),
        N_("Make a link by which %(id)s sets a new password?"),
        N_(
            "It works once, for 24 hours, and asks for a new second factor too; until it is used the old "
            "ones work. Make sure who asks you for it."
        ),
        N_("Make the link"),
        "",
        frozenset(),
        role=Role.OPERATOR,
        guarded=True,
    ),
    Act(
        "remove",
        N_("Take the log-in away"),
        N_("Take the log-in of %(id)s away?"),
        N_("They are logged out at once. What they decided stays, without their name."),
        N_("Take it away"),
        N_("This admin is gone."),
        frozenset(),
        role=Role.OPERATOR,
        danger=True,
    ),
)


@router.get("/{lang}/admin/admins")
async def people(page: OnOperator) -> Response:
    """Show who may log in, with which role."""
    found = await page.app.store.read(stored.listed)
    armed = await page.app.store.read(factors.owners)
    done = page.request.query_params.get("done")
    return await page.show_admin(
        "admin/admins.html",
        found=found,
        armed=armed,
        roles=ROLES,
        acts=ACTS,
        done=next((act.done for act in ACTS if act.name == done), ""),
    )


@router.get("/{lang}/admin/admins/add")
async def ask_add(page: OnOperator) -> Response:
    """Ask with which role."""
    page.need_proof()
    return await ask(page, ADD, "", back=HERE)


@router.post("/{lang}/admin/admins/add")
async def add(page: OnOperator) -> Response:
    """Make a link that lets one new admin in, and show it once."""
    page.need_proof()
    role = chosen(ADD, await read_form(page.request))
    if role is None:
        return await ask(page, ADD, "", back=HERE, wrong=True)
    actor = Actor("admin", page.admin.id)
    token = await page.app.store.write(admins.new_setup_link, page.now, role=Role(role), actor=actor)
    return await show_link(page, page.url(f"/admin/setup/{token}"), HERE)


@router.get("/{lang}/admin/admins/{admin_id}/{name}")
async def ask_admin(page: OnOperator, admin_id: Id, name: str) -> Response:
    """Ask before an act on an admin."""
    act = named(ACTS, name, page)
    admin = await page.app.store.read(stored.get, admin_id)
    return await ask(page, act, admin.name, back=HERE, ticked=admin.role.value)


@router.post("/{lang}/admin/admins/{admin_id}/{name}")
async def act_on_admin(page: OnOperator, admin_id: Id, name: str) -> Response:
    """Act on an admin."""
    act = named(ACTS, name, page)
    write, now, actor = page.app.store.write, page.now, Actor("admin", page.admin.id)
    if name == "reset":
        token = await write(admins.new_reset_link, admin_id, now=now, actor=actor)
        return await show_link(page, page.url(f"/admin/setup/{token}"), HERE)
    if name == "role":
        role = chosen(act, await read_form(page.request))
        if role is None:
            admin = await page.app.store.read(stored.get, admin_id)
            return await ask(page, act, admin.name, back=HERE, wrong=True)
        await write(admins.give_role, admin_id, Role(role), now=now, actor=actor)
    else:
        await write(admins.remove, admin_id, now=now, actor=actor)
    return page.redirect(f"{HERE}?done={name}")

"""`bot volunteers …`: the roster."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import shapes, show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.cli.submit import refuse
from bot.errors import UsageError
from bot.model.journal import CLI
from bot.model.volunteer import CAP_DAY_MAX, PACES, VolunteerState

if TYPE_CHECKING:
    from bot.app import App
    from bot.roster.form import Application

volunteers = group("Read the roster and act for volunteers.")

VolunteerId = Annotated[
    int, typer.Argument(metavar="ID", help="The volunteer's number, see `bot volunteers list`.")
]

Handles = Annotated[
    list[str], typer.Option("--network", metavar="NETWORK=HANDLE", help="An account; may be repeated.")
]
Accepted = Annotated[
    bool, typer.Option("--accept-charter", help="The volunteer has read and accepted the charter.")
]
PaceName = Annotated[str, typer.Option(metavar="|".join(PACES), help="Boosts a day, as a preset.")]
Cap = Annotated[int | None, typer.Option(min=1, max=CAP_DAY_MAX, help="Boosts a day, as a number.")]
Spacing = Annotated[int, typer.Option(metavar="MINUTES", help="Least minutes between two.")]
Codes = Annotated[list[str] | None, typer.Option(metavar="CODE", help="Repeatable; none: all.")]
Languages = Annotated[
    list[str] | None, typer.Option(metavar="fr|en", help="Languages of the notices; repeatable.")
]


def inbox_link(app: "App", token: str, lang: str) -> str:
    """Give the address of a volunteer's own page."""
    return f"{app.settings.address}/{lang}/inbox/{token}"


@volunteers.command("list", epilog=example("bot volunteers list --state active --network mastodon"))
def list_volunteers(
    *,
    state: Annotated[VolunteerState | None, typer.Option(help="Only volunteers in this state.")] = None,
    network: Annotated[str, typer.Option(help="Only volunteers with an account there.")] = "",
    search: Annotated[str, typer.Option(metavar="WORDS", help="Only names and handles with this.")] = "",
    page: Annotated[int, typer.Option(min=1, help="Which page, from 1.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000, help="Volunteers on a page.")] = 50,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List volunteers, newest first: accounts, cap and load of today, last answer."""
    from bot.reporting import roster

    wanted = roster.RosterFilter(state, network, search)
    with opened(data_dir) as app:
        found, total = app.store.run_read(roster.members, wanted, now=app.clock.now(), page=page, size=size)
        zone = app.settings.time_zone
    if as_json:
        show.document([shapes.volunteer(member) for member in found])
        return
    rows = [
        (
            member.volunteer.id,
            member.state.value,
            member.volunteer.name,
            [f"{a.network}={a.handle}" for a in member.volunteer.accounts],
            f"{member.load}/{member.volunteer.limits.cap_day}",
            member.answered_at,
        )
        for member in found
    ]
    show.table(("id", "state", "name", "accounts", "today", "answered"), rows, zone)
    if total > page * size:
        show.say(f"{total} volunteers; --page {page + 1} shows the next ones.")


@volunteers.command("show", epilog=example("bot volunteers show 3 --json"))
def show_volunteer(volunteer_id: VolunteerId, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show everything about one volunteer: limits, interests, boosts, journal."""
    from bot.reporting import roster

    with opened(data_dir) as app:
        found = app.store.run_read(roster.dossier, volunteer_id, now=app.clock.now())
        zone = app.settings.time_zone
    data = shapes.volunteer_dossier(found)
    if as_json:
        show.document(data)
        return
    accounts, lent, given, journal = (data.pop(n) for n in ("accounts", "lent", "boosts", "journal"))
    ways = [f"{a['network']}={a['handle']} {b['mode']}" for a, b in zip(accounts, lent, strict=True)]
    show.pairs({**data, "accounts": ways}, zone)
    for one in given:
        show.pairs({f"boost {one['id']}": f"{one['state']} {one['network']} {one['title']}"}, zone)
    for line in journal:
        show.pairs(
            {f"journal {line['id']}": f"{line['at']:%Y-%m-%d %H:%M}Z {line['action']} by {line['actor']}"}
        )


def _handles(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        network, equals, handle = pair.partition("=")
        if not equals or not network or not handle:
            message = f"--network wants NETWORK=HANDLE, e.g. x=samir, not {pair!r}."
            raise UsageError(message)
        found[network.strip().lower()] = handle
    return found


def _quiet(text: str) -> dict[str, Any]:
    if text == "none":
        return {"quiet": "no"}
    start, dash, end = text.partition("-")
    if not dash:
        message = f"--quiet wants two times, e.g. 21:00-08:00, or none; not {text!r}."
        raise UsageError(message)
    return {"quiet": "yes", "quiet_from": start, "quiet_to": end}


def _interests(sectors: list[str], regions: list[str]) -> dict[str, Any]:
    """Say all or some, and refuse codes that are on no list (the form leaves them out in silence)."""
    from bot.sets import regions as all_regions
    from bot.sets import sectors as all_sectors

    for flag, wanted, known in (("sector", sectors, all_sectors()), ("region", regions, all_regions())):
        if unknown := sorted(set(wanted) - known.keys()):
            message = f"--{flag}: unknown {', '.join(unknown)}; there are {', '.join(known)}."
            raise UsageError(message)
    return {
        "sectors_wanted": "some" if sectors else "all",
        "sectors": tuple(sectors),
        "regions_wanted": "some" if regions else "all",
        "regions": tuple(regions),
    }


@volunteers.command(
    epilog=example(
        "bot volunteers add --name Samir --network x=samir_dev --network mastodon=samir@piaille.fr \\",
        "    --pace normal --sector M --quiet 21:00-08:00 --accept-charter",
    )
)
def add(
    *,
    name: Annotated[str, typer.Option(help="First name or nickname.")],
    network: Handles,
    accept_charter: Accepted = False,
    pace: PaceName = "normal",
    cap: Cap = None,
    spacing: Spacing = 60,
    sector: Codes = None,
    region: Codes = None,
    lang: Languages = None,
    quiet: Annotated[str, typer.Option(metavar="FROM-TO|none", help="Quiet hours.")] = "21:00-08:00",
    time_zone: Annotated[str, typer.Option(help="Their IANA time zone.")] = "Europe/Paris",
    data_dir: DataDir = None,
) -> None:
    """Add a volunteer who asked for it, and print their inbox link."""
    from bot.roster.form import CUSTOM, Application

    if not accept_charter:
        raise UsageError(
            "Nobody boosts without accepting the charter. Show it to them, then add --accept-charter."
        )
    handles = _handles(network)
    application = Application(
        name=name,
        networks=tuple(handles),
        handles=handles,
        pace=CUSTOM if cap else pace,
        cap=str(cap or ""),
        spacing=str(spacing),
        languages=tuple(lang or ["fr"]),
        time_zone=time_zone,
        charter=True,
        consent=True,
        **_interests(sector or [], region or []),
        **_quiet(quiet),
    )
    with opened(data_dir, make=True) as app:
        _join(app, application)


def _join(app: "App", application: "Application") -> None:
    """Put them on the roster as the form would, and say where their page is."""
    from bot.roster import form
    from bot.roster.join import join
    from bot.sets import regions, sectors

    if unknown := sorted(application.handles.keys() - app.networks.keys()):
        message = f"Unknown network {', '.join(unknown)}; there are {', '.join(app.networks)}."
        raise UsageError(message)
    profile, problems = form.read(application, networks=app.networks, sectors=sectors(), regions=regions())
    refuse(problems)
    assert profile is not None
    now, lang = app.clock.now(), application.languages[0]
    joined = app.store.run_write(join, profile, now=now, actor=CLI, lang=lang, consent_act="cli")
    typer.echo(inbox_link(app, joined.token, joined.volunteer.lang))
    show.say(f"Volunteer {joined.volunteer.id} is on the roster.")


@volunteers.command(epilog=example("bot volunteers pause 3 --days 7"))
def pause(
    volunteer_id: VolunteerId,
    days: Annotated[
        int | None, typer.Option(min=1, max=365, help="For so many days; without it, until resumed.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Stop asking a volunteer for boosts."""
    from bot.roster import change

    with opened(data_dir) as app:
        now = app.clock.now()
        until = now + timedelta(days=days) if days else None
        app.store.run_write(change.pause, volunteer_id, until=until, now=now, actor=CLI)
        span = "" if not days else " for a day" if days == 1 else f" for {days} days"
        show.say(f"Volunteer {volunteer_id} is paused{span}.")


@volunteers.command(epilog=example("bot volunteers resume 3"))
def resume(volunteer_id: VolunteerId, data_dir: DataDir = None) -> None:
    """End a volunteer's pause."""
    from bot.roster import change

    with opened(data_dir) as app:
        app.store.run_write(change.resume, volunteer_id, now=app.clock.now(), actor=CLI)
        show.say(f"Volunteer {volunteer_id} is back.")


@volunteers.command(epilog=example("bot volunteers remove 3 --yes"))
def remove(volunteer_id: VolunteerId, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Take a volunteer off the roster, as if they had left."""
    from bot.privacy import erasure

    with opened(data_dir) as app:
        sure(f"Take volunteer {volunteer_id} off the roster for good?", yes=yes)
        now = app.clock.now()
        erasure.erase_volunteer(app.store, app.ledger(), volunteer_id, now=now, actor=CLI)
        show.say(f"Volunteer {volunteer_id} has left the roster.")


@volunteers.command(epilog=example("bot volunteers link 3"))
def link(volunteer_id: VolunteerId, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Make a new inbox link; the old one stops working."""
    from bot.roster import change
    from bot.storage import volunteers as stored

    with opened(data_dir) as app:
        lang = app.store.run_read(stored.get, volunteer_id).lang
        sure("The link that the volunteer has now will stop working. Go on?", yes=yes)
        token = app.store.run_write(change.new_link, volunteer_id, now=app.clock.now(), actor=CLI)
        typer.echo(inbox_link(app, token, lang))

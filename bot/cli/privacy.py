"""`bot privacy …`: what is kept how long. `bot export …` and `bot erase …`: one person's data."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.model.journal import CLI

if TYPE_CHECKING:
    from bot.privacy.erasure import Erased

privacy = group("Show what is kept how long, and end what is past its date.")
export = group("Give one person a copy of everything that is kept about them.")
erase = group("Erase one person for good, also in backups that are restored later.")

SeekerId = Annotated[
    int, typer.Argument(metavar="ID", help="The seeker's number; `bot notices show` says whose a notice is.")
]
VolunteerId = Annotated[
    int, typer.Argument(metavar="ID", help="The volunteer's number, see `bot volunteers list`.")
]
BELOW_ZERO = {"ignore_unknown_options": True}
"""Seekers who shared a number before migration 0022 have one that looks like an option: `-12`."""


@privacy.command(epilog=example("bot privacy rules", "bot privacy rules --json"))
def rules(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List what is kept, how long, what is done then, and how much is late."""
    from bot.privacy import retention
    from bot.privacy.rules import PROMISES, RULES

    with opened(data_dir) as app:
        late = app.store.run_read(retention.overdue, now=app.clock.now())
    lines: list[dict[str, Any]] = [
        {
            "code": rule.code,
            "what": rule.what,
            "kept": rule.kept,
            "since": rule.since,
            "then": rule.then,
            "late": late.get(rule.code, 0),
        }
        for rule in RULES
    ]
    lines += [{"code": one.code, "what": one.what, "then": one.until} for one in PROMISES]
    if as_json:
        show.document(lines)
        return
    heads = ("code", "what", "kept", "since", "then", "late")
    show.table(heads, [[line.get(head) for head in heads] for line in lines])


@privacy.command(epilog=example("bot privacy sweep"))
def sweep(as_json: Json = False, data_dir: DataDir = None) -> None:
    """End what is past its date now; the daemon does it every hour."""
    from bot.privacy import retention

    with opened(data_dir) as app:
        done = retention.sweep(app.store, app.ledger(), now=app.clock.now())
    if as_json:
        show.document(dict(done))
    else:
        show.table(("code", "ended"), sorted(done.items()))


@export.command("seeker", context_settings=BELOW_ZERO, epilog=example("bot export seeker 12 > copy.json"))
def export_seeker(seeker_id: SeekerId, data_dir: DataDir = None) -> None:
    """Print everything that is kept of a seeker, as JSON."""
    from bot.storage import portrait

    with opened(data_dir) as app:
        show.document(app.store.run_read(portrait.seeker, seeker_id))


@export.command("volunteer", epilog=example("bot export volunteer 3 > copy.json"))
def export_volunteer(volunteer_id: VolunteerId, data_dir: DataDir = None) -> None:
    """Print everything that is kept of a volunteer, as JSON."""
    from bot.storage import portrait

    with opened(data_dir) as app:
        show.document(app.store.run_read(portrait.volunteer, volunteer_id))


@erase.command(context_settings=BELOW_ZERO, epilog=example("bot erase seeker 12"))
def seeker(seeker_id: SeekerId, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Erase a seeker: notices end; words, name, address, links and fingerprints go."""
    from bot.privacy import erasure

    with opened(data_dir) as app:
        sure(f"Erase seeker {seeker_id} and all their notices? There is no way back.", yes=yes)
        now = app.clock.now()
        done = erasure.erase_seeker(app.store, app.ledger(), seeker_id, now=now, actor=CLI)
        _told(f"Seeker {seeker_id} is erased, with {done.notices} notices.", done)


@erase.command(epilog=example("bot erase volunteer 3"))
def volunteer(volunteer_id: VolunteerId, yes: Yes = False, data_dir: DataDir = None) -> None:
    """Erase a volunteer: they leave; name, accounts, settings, reasons and words of reports go."""
    from bot.privacy import erasure

    with opened(data_dir) as app:
        sure(f"Erase volunteer {volunteer_id}? There is no way back.", yes=yes)
        now = app.clock.now()
        done = erasure.erase_volunteer(app.store, app.ledger(), volunteer_id, now=now, actor=CLI)
        _told(f"Volunteer {volunteer_id} is erased.", done)


def _told(text: str, done: "Erased") -> None:
    show.say(text)
    if not done.whole:
        show.say("The write-ahead log is in use; `bot privacy sweep` empties it, the daemon within an hour.")

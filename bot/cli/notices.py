"""`bot notices …`: the queue, one notice, and what a moderator or the seeker may do with it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import life, shapes, show
from bot.cli.base import DataDir, Json, Yes, example, group, opened, sure
from bot.cli.life import NoticeId
from bot.errors import ConflictError, UsageError
from bot.model.clock import human
from bot.model.moderation import REASONS, Reason, Verdict
from bot.model.notice import NoticeState

if TYPE_CHECKING:
    from bot.app import App
    from bot.model.moderation import Decision

ANY = "any"
notices = group("Read the queue and decide on notices.")

Why = Annotated[
    Reason | None,
    typer.Option(
        "--reason", help="What the seeker reads: " + "; ".join(f"{r}: {t}" for r, t in REASONS.items())
    ),
]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Your own sentence to the seeker.")]
Sector = Annotated[
    str | None, typer.Option("--sector", metavar="CODE", help="Correct the sector (A to N, any).")
]
Region = Annotated[str | None, typer.Option("--region", metavar="CODE", help="Correct the region, or any.")]


@notices.command("list", epilog=example("bot notices list --state active --without-boost"))
def list_notices(
    *,
    state: Annotated[NoticeState | None, typer.Option(help="Only notices in this state.")] = None,
    network: Annotated[str, typer.Option(help="Only notices that can go round there.")] = "",
    sector: Annotated[str, typer.Option(metavar="CODE", help="Only this sector (A to N).")] = "",
    region: Annotated[str, typer.Option(metavar="CODE", help="Only this region.")] = "",
    search: Annotated[str, typer.Option(metavar="WORDS", help="Only titles with these words.")] = "",
    without_boost: Annotated[bool, typer.Option("--without-boost", help="Only those without any.")] = False,
    page: Annotated[int, typer.Option(min=1, help="Which page, from 1.")] = 1,
    size: Annotated[int, typer.Option(min=1, max=1000, help="Notices on a page.")] = 50,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """List notices, newest first: boosts, wait, what comes next and why."""
    from bot.reporting import queue

    wanted = queue.NoticeFilter(state, network, sector, region, search, without_boost)
    with opened(data_dir) as app:
        lines, total = app.store.run_read(queue.lines, wanted, now=app.clock.now(), page=page, size=size)
        zone = app.settings.time_zone
    if as_json:
        show.document([shapes.notice(line) for line in lines])
        return
    heads = ("id", "state", "title", "boosts", "waited", "next", "network", "why")
    show.table(heads, [_row(line) for line in lines], zone)
    if total > page * size:
        show.say(f"{total} notices; --page {page + 1} shows the next ones.")


def _row(line: Any) -> tuple[Any, ...]:
    return (
        line.notice.id,
        line.notice.state.value,
        line.notice.words.title,
        f"{line.tally.done}/{line.notice.demand}",
        line.waited,
        line.next.due_at if line.next else None,
        line.next.network if line.next else None,
        line.why,
    )


@notices.command("show", epilog=example("bot notices show 12", "bot notices show 12 --json"))
def show_notice(notice_id: NoticeId, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show everything about one notice: words, posts, boosts, journal."""
    from bot.reporting import queue

    with opened(data_dir) as app:
        found = app.store.run_read(queue.dossier, notice_id, now=app.clock.now())
        zone = app.settings.time_zone
    data = shapes.dossier(found)
    if as_json:
        show.document(data)
        return
    tally = data.pop("boosts")
    asked, journal, posts, following, reports = (
        data.pop(name) for name in ("asked", "journal", "posts", "next", "reports")
    )
    show.pairs(
        {
            **data,
            "posts": [post["url"] for post in posts],
            "boosts": f"{tally['done']} done, {tally['waiting']} asked, {tally['planned']} planned",
            "next": following and following["due_at"],
        },
        zone,
    )
    for one in reports:
        show.pairs({f"reported {one['at']:%Y-%m-%d %H:%M}Z": one["why"]})
    for one in asked:
        show.pairs({f"boost {one['id']}": f"{one['state']} {one['network']} {one['volunteer_name']}"}, zone)
    for line in journal:
        show.pairs(
            {f"journal {line['id']}": f"{line['at']:%Y-%m-%d %H:%M}Z {line['action']} by {line['actor']}"}
        )


def _decide(
    app: "App", notice_id: int, verdict: Verdict, reason: Reason | None = None, note: str = "", **more: Any
) -> "Decision":
    from bot.moderation.decide import decide

    return app.store.run_write(
        decide,
        notice_id,
        verdict,
        reason=reason,
        note=note,
        settings=app.settings,
        policies=app.policies,
        admin_id=None,
        now=app.clock.now(),
        undo=_undo_span(app),
        **more,
    )


def _code(name: str, code: str | None, known: Iterable[str]) -> dict[str, str | None]:
    """Give the correction that an option asks for: none, any (None), or a known code."""
    if code is None:
        return {}
    if code != ANY and code not in known:
        message = f"--{name}: unknown {code}; there are {', '.join(known)}, {ANY}."
        raise UsageError(message)
    return {name: None if code == ANY else code}


def _undo_span(app: "App") -> timedelta:
    return human(app.clock, timedelta(seconds=app.settings.undo_s))


@notices.command(epilog=example("bot notices approve 12", "bot notices approve 12 --fix --sector C"))
def approve(
    notice_id: NoticeId,
    fix: Annotated[
        bool, typer.Option("--fix", help="Take phone numbers and the like out of the text.")
    ] = False,
    note: Note = "",
    sector: Sector = None,
    region: Region = None,
    whose: Annotated[
        int | None,
        typer.Option(
            help="Whose turns it has: those of another notice’s person (`bot notices show`), or its own."
        ),
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Accept a notice; its boosts start after the undo window."""
    from bot.sets import regions, sectors

    with opened(data_dir) as app:
        verdict = Verdict.ACCEPT_FIXED if fix else Verdict.ACCEPT
        match = {**_code("sector", sector, sectors()), **_code("region", region, regions())}
        _decide(app, notice_id, verdict, note=note, match=match, whose=whose)
        show.say(f"Notice {notice_id} is accepted. {_undo_hint(app, notice_id)}")


def _undo_hint(app: "App", notice_id: int) -> str:
    return f"`bot notices undo {notice_id}` takes it back within {app.settings.undo_s} s."


@notices.command(epilog=example('bot notices refuse 12 --reason scam --note "This asks for money."'))
def refuse(
    notice_id: NoticeId, reason: Why = None, note: Note = "", yes: Yes = False, data_dir: DataDir = None
) -> None:
    """Refuse a notice, with a reason that the seeker reads."""
    if reason is None:
        message = f"Say why with --reason: {', '.join(Reason)}."
        raise UsageError(message)
    with opened(data_dir) as app:
        sure(f"Refuse notice {notice_id} ({REASONS[reason]})?", yes=yes)
        _decide(app, notice_id, Verdict.REFUSE, reason, note)
        show.say(f"Notice {notice_id} is refused. {_undo_hint(app, notice_id)}")


@notices.command(epilog=example('bot notices ask 12 --reason personal_data --note "Which town?"'))
def ask(notice_id: NoticeId, reason: Why = None, note: Note = "", data_dir: DataDir = None) -> None:
    """Ask the seeker to change the notice."""
    if reason is None and not note:
        raise UsageError("Say what to change, with --reason or --note.")
    with opened(data_dir) as app:
        _decide(app, notice_id, Verdict.ASK, reason, note)
        show.say(f"The seeker of notice {notice_id} reads it on their page. {_undo_hint(app, notice_id)}")


@notices.command(epilog=example("bot notices later 12"))
def later(notice_id: NoticeId, data_dir: DataDir = None) -> None:
    """Put a notice aside for two hours."""
    with opened(data_dir) as app:
        _decide(app, notice_id, Verdict.LATER)
        show.say(f"Notice {notice_id} comes back in two hours.")


@notices.command(epilog=example("bot notices undo 12"))
def undo(notice_id: NoticeId, data_dir: DataDir = None) -> None:
    """Take back the last decision on a notice, within its window."""
    from bot.moderation import decide
    from bot.storage import cases

    with opened(data_dir) as app:
        last = app.store.run_read(cases.last_decision, notice_id)
        if last is None:
            message = f"There is no decision on notice {notice_id} to take back."
            raise ConflictError(message)
        app.store.run_write(decide.undo, last.id, admin_id=None, now=app.clock.now(), undo=_undo_span(app))
        show.say(f"The decision on notice {notice_id} is taken back.")


for _function, _lines in life.COMMANDS:
    notices.command(epilog=example(*_lines))(_function)

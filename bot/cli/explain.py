"""`bot explain …`: why a notice stands where it stands, why a boost went to its volunteer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli import shapes, show
from bot.cli.base import DataDir, Json, example, group, opened
from bot.errors import UsageError
from bot.model.text import LANGUAGES, Message

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.reporting.inquiry import BoostStory, NoticeStory

explain = group("Say why a notice or a boost stands where it does.")

Lang = Annotated[str, typer.Option(metavar="fr|en", help="Language of the sentences.")]


@explain.command("notice", epilog=example("bot explain notice 12", "bot explain notice 12 --lang fr --json"))
def explain_notice(
    notice_id: Annotated[
        int, typer.Argument(metavar="ID", help="The notice's number, see `bot notices list`.")
    ],
    lang: Lang = "en",
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Say where a notice stands, what comes next and why it gets no more."""
    from bot.reporting import inquiry

    _check(lang)
    with opened(data_dir) as app:
        story = app.store.run_read(inquiry.notice, notice_id, now=app.clock.now())
        zone = app.settings.time_zone
    data = _notice(story, lang, zone)
    if as_json:
        show.document(data)
        return
    boosts = data["boosts"]
    show.pairs(
        {
            "notice": notice_id,
            "state": data["state"],
            "boosts": f"{boosts['done']} done, {boosts['waiting']} asked, {boosts['planned']} planned",
            "demand": data["demand"],
            "deadline": data["deadline"],
        },
        zone,
    )
    for sentence in data["why"]:
        typer.echo(sentence)
    rows = [(d["boost"], d["asked_at"], d["volunteer"], d["state"], d["why"]) for d in data["decisions"]]
    if rows:
        show.table(("boost", "asked", "volunteer", "state", "why"), rows, zone)


@explain.command("boost", epilog=example("bot explain boost 7", "bot explain boost 7 --lang fr"))
def explain_boost(
    boost_id: Annotated[int, typer.Argument(metavar="ID", help="The boost's number, see `bot boosts list`.")],
    lang: Lang = "en",
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Say why a boost went to its volunteer, and which notice came next."""
    from bot.reporting import inquiry

    _check(lang)
    with opened(data_dir) as app:
        story = app.store.run_read(inquiry.boost, boost_id)
        zone = app.settings.time_zone
    data = _boost(story, lang, zone)
    if as_json:
        show.document(data)
        return
    shown = (
        "boost",
        "notice",
        "volunteer",
        "network",
        "state",
        "due_at",
        "asked_at",
        "opened_at",
        "ended_at",
    )
    show.pairs({name: data[name] for name in shown if data[name] is not None}, zone)
    for sentence in data["why"]:
        typer.echo(sentence)


def _check(lang: str) -> None:
    if lang not in LANGUAGES:
        message = f"--lang: unknown {lang}; there are {', '.join(LANGUAGES)}."
        raise UsageError(message)


def _said(messages: "Iterable[Message]", lang: str, zone: str) -> list[str]:
    from bot.locale import say

    return [say(message, lang, zone) for message in messages]


def _boost(story: "BoostStory", lang: str, zone: str) -> dict[str, Any]:
    data = shapes.boost(story.boost)
    return {"boost": data.pop("id"), **data, "why": _said(story.why, lang, zone)}


def _notice(story: "NoticeStory", lang: str, zone: str) -> dict[str, Any]:
    data = shapes.notice(story.line)
    kept = ("state", "boosts", "demand", "opened_at", "deadline", "next", "close_reason")
    return {
        "notice": data["id"],
        **{name: data[name] for name in kept},
        "place": story.place,
        "waiting": story.waiting,
        "certificate": story.certificate,
        "why": _said(story.why, lang, zone),
        "decisions": [
            {
                "boost": boost.id,
                "volunteer": boost.volunteer_id,
                "network": boost.network,
                "state": boost.state,
                "asked_at": boost.asked_at,
                "ended_at": boost.ended_at,
                "reason": boost.reason,
                "why": _said([why], lang, zone)[0],
            }
            for boost, why in story.decisions
        ],
    }

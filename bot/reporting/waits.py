"""Why an active notice has no next boost yet, in words."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.model.plan import Wait
from bot.model.text import N_, Message, counted
from bot.reporting.names import label, labels
from bot.sets import regions, sectors

STOPPED = Message(N_("Nothing goes out while the collective checks something."))
READ_AGAIN = Message(N_("Our team reads it once more; nobody is asked to share it until then."))


def why_waiting(waiting: Mapping[str, Any] | None) -> Message:
    """Say to its seeker or an admin why an active notice has no next boost yet.

    Args:
        waiting: what the last round stored; None: no round has looked at it, or it has just got a boost.
    """
    if waiting is None:
        return Message(N_("The next planning round, in a few minutes, looks for its turn."))
    return _WAITS[Wait(waiting["code"])](waiting)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _complete(waiting: Mapping[str, Any]) -> Message:
    if not waiting["asked"]:
        return Message(N_("All the shares of this round are done."))
    return counted(
        "All the turns of this round are given; %(n)s volunteer has it before them.",
        "All the turns of this round are given; %(n)s volunteers have it before them.",
        waiting["asked"],
    )


def _over(_: Mapping[str, Any]) -> Message:
    return Message(N_("Its round is over."))


def _no_volunteers(_: Mapping[str, Any]) -> Message:
    return Message(N_("There is no volunteer yet."))


def _no_network(waiting: Mapping[str, Any]) -> Message:
    return counted(
        "The only volunteer there is has no account on %(networks)s.",
        "None of the %(n)s volunteers has an account on %(networks)s.",
        waiting["volunteers"],
        networks=", ".join(labels(waiting["value"])),
    )


def _no_language(waiting: Mapping[str, Any]) -> Message:
    languages = {"fr": Message(N_("French")), "en": Message(N_("English"))}
    return counted(
        "The only volunteer on its networks does not take notices in this language: %(language)s.",
        "None of the %(n)s volunteers on its networks takes notices in this language: %(language)s.",
        waiting["volunteers"],
        language=languages.get(waiting["value"], waiting["value"]),
    )


def _no_sector(waiting: Mapping[str, Any]) -> Message:
    return counted(
        "The only volunteer who could take it does not follow its sector: %(sector)s.",
        "None of the %(n)s volunteers who could take it follows its sector: %(sector)s.",
        waiting["volunteers"],
        sector=label(sectors, waiting["value"]),
    )


def _no_region(waiting: Mapping[str, Any]) -> Message:
    return counted(
        "The only volunteer who could take it does not follow its region: %(region)s.",
        "None of the %(n)s volunteers who could take it follows its region: %(region)s.",
        waiting["volunteers"],
        region=label(regions, waiting["value"]),
    )


def _all_asked(waiting: Mapping[str, Any]) -> Message:
    return counted(
        "The only volunteer whom it fits has been asked already.",
        "All %(n)s volunteers whom it fits have been asked already.",
        waiting["volunteers"],
    )


def _all_paused(waiting: Mapping[str, Any]) -> Message:
    pause = counted(
        "The only volunteer whom it fits is taking a break.",
        "The %(n)s volunteers whom it fits are taking a break.",
        waiting["volunteers"],
    )
    if waiting["next"] is None:
        return pause
    back = Message(N_("The first comes back on %(moment)s."), {"moment": _moment(waiting["next"])})
    return _two(pause, back)


def _turns_taken(waiting: Mapping[str, Any]) -> Message:
    busy = counted(
        "The only volunteer whom it fits has no free turn before %(moment)s.",
        "The %(n)s volunteers whom it fits have no free turn before %(moment)s.",
        waiting["volunteers"],
        moment=_moment(waiting["until"]),
    )
    if waiting["most"] == 0:
        return _two(busy, Message(N_("Those turns go to notices that have no share yet.")))
    fewer = counted(
        "Those turns go to notices with at most %(n)s share.",
        "Those turns go to notices with at most %(n)s shares.",
        waiting["most"],
    )
    return _two(busy, fewer)


def _network_full(waiting: Mapping[str, Any]) -> Message:
    networks = ", ".join(labels(waiting["networks"]))
    if waiting["next"] is None:
        return Message(
            N_("The collective has asked for all it may on %(networks)s until its round ends."),
            {"networks": networks},
        )
    return Message(
        N_("The collective has asked for all it may on %(networks)s; it may go on from %(moment)s."),
        {"networks": networks, "moment": _moment(waiting["next"])},
    )


def _reported(_waiting: Mapping[str, Any]) -> Message:
    return READ_AGAIN


def _undo(waiting: Mapping[str, Any]) -> Message:
    return Message(
        N_("It has just been accepted; the first share may come from %(moment)s."),
        {"moment": _moment(waiting["next"])},
    )


def _spaced(waiting: Mapping[str, Any]) -> Message:
    return Message(
        N_("Its shares are spread over time: the next may come from %(moment)s."),
        {"moment": _moment(waiting["next"])},
    )


def _no_turn(waiting: Mapping[str, Any]) -> Message:
    if waiting["next"] is None:
        return counted(
            "The only volunteer whom it fits has no turn before the end of its round.",
            "The %(n)s volunteers whom it fits have no turn before the end of its round.",
            waiting["volunteers"],
        )
    return counted(
        "The only volunteer whom it fits has no turn before %(moment)s.",
        "The %(n)s volunteers whom it fits have no turn before %(moment)s.",
        waiting["volunteers"],
        moment=_moment(waiting["next"]),
    )


def _two(first: Message, second: Message) -> Message:
    return Message(N_("%(first)s %(second)s"), {"first": first, "second": second})


_WAITS: dict[Wait, Callable[[Mapping[str, Any]], Message]] = {
    Wait.COMPLETE: _complete,
    Wait.OVER: _over,
    Wait.NO_VOLUNTEERS: _no_volunteers,
    Wait.NO_NETWORK: _no_network,
    Wait.NO_LANGUAGE: _no_language,
    Wait.NO_SECTOR: _no_sector,
    Wait.NO_REGION: _no_region,
    Wait.ALL_ASKED: _all_asked,
    Wait.ALL_PAUSED: _all_paused,
    Wait.NETWORK_FULL: _network_full,
    Wait.TURNS_TAKEN: _turns_taken,
    Wait.REPORTED: _reported,
    Wait.UNDO: _undo,
    Wait.SPACED: _spaced,
    Wait.NO_TURN: _no_turn,
}

"""The planner's reasons in words: why this volunteer is asked, why this notice still waits."""

from collections.abc import Callable, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from bot.model.plan import Wait
from bot.model.text import N_, Message, Named, counted
from bot.networks import every
from bot.sets import Label, regions, sectors


def why_asked(reason: Mapping[str, Any]) -> Message:
    """Say to a volunteer, who may read it hours later, why they were asked. `reason` is `Boost.reason`."""
    if matched := what_matched(reason):
        return matched
    candidates = reason.get("candidates", 0)
    if candidates <= 1:
        return Message(N_("The one notice that matches you now"))
    if "rank" not in reason:  # decided by the first rule: fewest boosts
        return Message(N_("Has had the fewest shares of the %(n)s notices that match you"), {"n": candidates})
    if not reason["rank"][0]:
        return counted(
            "Nobody had shared it when your turn came; it went before the other one that matches you",
            "Nobody had shared it when your turn came; it went before the %(n)s others that match you",
            candidates - 1,
        )
    return counted(
        "It had few shares or its round ends soon; it went before the other one that matches you",
        "It had few shares or its round ends soon; it went before the %(n)s others that match you",
        candidates - 1,
    )


def what_matched(reason: Mapping[str, Any]) -> Message | None:
    """Say which of a volunteer's sectors and regions a notice has; None: they chose none, or it has none."""
    sector, region = reason.get("sector"), reason.get("region")
    if sector and region:
        return Message(
            N_("Your sector and your region: %(sector)s, %(region)s"),
            {"sector": _label(sectors, sector), "region": _label(regions, region)},
        )
    if sector:
        return Message(N_("Your sector: %(sector)s"), {"sector": _label(sectors, sector)})
    if region:
        return Message(N_("Your region: %(region)s"), {"region": _label(regions, region)})
    return None


def why_planned(reason: Mapping[str, Any]) -> Message:
    """Say to an admin why a turn goes to a notice. `reason` is `Boost.reason`."""
    candidates = reason.get("candidates", 0)
    if reason.get("kept"):
        return Message(N_("planned before; another may go first when the turn comes"))
    if candidates <= 1:
        return Message(N_("the only one that fits the turn"))
    if "rank" not in reason:
        return Message(N_("fewest shares of the %(n)s that fit the turn"), {"n": candidates})
    if not reason["rank"][0]:
        return Message(N_("no share yet: first of the %(n)s that fit the turn"), {"n": candidates})
    return Message(
        N_("few shares or a round that ends soon: first of the %(n)s that fit the turn"), {"n": candidates}
    )


def why_waiting(waiting: Mapping[str, Any] | None) -> Message:
    """Say to its seeker or an admin why an active notice has no next boost yet.

    Args:
        waiting: what the last round stored; None: no round has looked at it, or it has just got a boost.
    """
    if waiting is None:
        return Message(N_("The next planning round, in a few minutes, looks for its turn."))
    return _WAITS[Wait(waiting["code"])](waiting)


def why_not_more(certificate: Mapping[str, Any]) -> Message:
    """Say why nobody could give a notice more in the next day.

    Args:
        certificate: `volunteers` who could give, their `slots` of the next 24 hours, the `people` these go to
            and the `most` boosts one of them has in the end (None: weights differ, and `level` is boosts over
            weight). Without any such volunteer, `best` tells how many give it one already.
    """
    volunteers, slots, people = (certificate[name] for name in ("volunteers", "slots", "people"))
    if not volunteers:
        if not certificate.get("best"):
            return Message(N_("Nobody whom it fits is left to be asked in the next 24 hours."))
        return counted(
            "In the next 24 hours it can have %(n)s share: everybody whom it fits shares it only once.",
            "In the next 24 hours it can have %(n)s shares: everybody whom it fits shares it only once.",
            certificate["best"],
        )
    if not slots or not people:
        return counted(
            "The only volunteer whom it fits has no turn left in the next 24 hours.",
            "The %(n)s volunteers whom it fits have no turn left in the next 24 hours.",
            volunteers,
        )
    have = counted(
        "The only volunteer whom it fits has %(turns)s in the next 24 hours",
        "The %(n)s volunteers whom it fits have %(turns)s in the next 24 hours",
        volunteers,
        turns=counted("%(n)s turn", "%(n)s turns", slots),
    )
    return Message(N_("%(have)s; %(go)s."), {"have": have, "go": _go_to(certificate)})


def _go_to(certificate: Mapping[str, Any]) -> Message:
    people, most = certificate["people"], certificate["most"]
    if most is None:
        return counted(
            "all go to %(n)s person with at most %(level)s by weight, earlier ones included",
            "all go to %(n)s people with at most %(level)s each by weight, earlier ones included",
            people,
            level=_shares(ceil(certificate["level"])),
        )
    if certificate["slots"] == 1:
        return Message(
            N_("it goes to one person with at most %(shares)s, earlier ones included"),
            {"shares": _shares(most)},
        )
    return counted(
        "all go to %(n)s person with at most %(shares)s, earlier ones included",
        "all go to %(n)s people with at most %(shares)s each, earlier ones included",
        people,
        shares=_shares(most),
    )


def _shares(n: int) -> Message:
    return counted("%(n)s share", "%(n)s shares", n)


def _label(labels: Callable[[], Mapping[str, Label]], code: str) -> str | Named:
    label = labels().get(code)
    return Named(label.names) if label else code


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
    known = every()
    labels = [known[name].label if name in known else name for name in waiting["value"]]
    return counted(
        "The only volunteer there is has no account on %(networks)s.",
        "None of the %(n)s volunteers has an account on %(networks)s.",
        waiting["volunteers"],
        networks=", ".join(labels),
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
        sector=_label(sectors, waiting["value"]),
    )


def _no_region(waiting: Mapping[str, Any]) -> Message:
    return counted(
        "The only volunteer who could take it does not follow its region: %(region)s.",
        "None of the %(n)s volunteers who could take it follows its region: %(region)s.",
        waiting["volunteers"],
        region=_label(regions, waiting["value"]),
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
    Wait.TURNS_TAKEN: _turns_taken,
    Wait.UNDO: _undo,
    Wait.SPACED: _spaced,
    Wait.NO_TURN: _no_turn,
}

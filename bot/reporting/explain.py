"""The planner's reasons in words: why this volunteer is asked, why a notice gets no more."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from bot.model.text import N_, Message, counted
from bot.reporting.names import label, labels
from bot.sets import regions, sectors


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
            {"sector": label(sectors, sector), "region": label(regions, region)},
        )
    if sector:
        return Message(N_("Your sector: %(sector)s"), {"sector": label(sectors, sector)})
    if region:
        return Message(N_("Your region: %(region)s"), {"region": label(regions, region)})
    return None


def by_collective(reason: Mapping[str, Any]) -> Message | None:
    """Say why the collective's own account shares a notice; None: a volunteer does."""
    if "collective" not in reason:
        return None
    if reason["collective"] == "publish":
        return Message(N_("the collective’s own account publishes every notice that has no post, once"))
    return Message(N_("the collective’s own account shares every notice that asked for it, once"))


def why_planned(reason: Mapping[str, Any]) -> Message:
    """Say to an admin why a turn goes to a notice. `reason` is `Boost.reason`."""
    if said := by_collective(reason):
        return said
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


def why_not_more(certificate: Mapping[str, Any]) -> Message:
    """Say why nobody could give a notice more in the next day.

    Args:
        certificate: `volunteers` who could give, directly (`left`, who take what it `takes`) or by exchange,
            their `slots` of the next 24 hours, the `people` these go to and the `most` boosts one of them has
            in the end (None: weights differ, and `level` is boosts over weight). Without any such volunteer,
            `best` tells how many give it one already.
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
    if limits := certificate.get("limits"):
        known = ", ".join(
            f"{name} {most}" for name, most in zip(labels(limits), limits.values(), strict=True)
        )
        return Message(
            N_("In the next 24 hours the collective asks for at most so many shares: %(limits)s."),
            {"limits": known},
        )
    who = _who(certificate)
    if not slots or not people:
        return counted(
            "%(who)s has no turn in the next 24 hours.",
            "%(who)s have no turn in the next 24 hours.",
            volunteers,
            who=who,
        )
    return counted(
        "%(who)s has %(turns)s in the next 24 hours; %(go)s.",
        "%(who)s have %(turns)s in the next 24 hours; %(go)s.",
        volunteers,
        who=who,
        turns=counted("%(n)s turn", "%(n)s turns", slots),
        go=_go_to(certificate),
    )


def _who(certificate: Mapping[str, Any]) -> Message:
    """Name the volunteers of a certificate by what they take; those who could only swap are counted apart."""
    # Certificates of earlier programs tell neither; whoever fits takes the language.
    left = certificate.get("left", certificate["volunteers"])
    who = counted(
        "The only volunteer left who takes %(what)s",
        "The %(n)s volunteers left who take %(what)s",
        left,
        what=_together([Message(_TAKES[code]) for code in certificate.get("takes", ("language",))]),
    )
    others = certificate["volunteers"] - left
    if not others:
        return who
    return counted(
        "%(who)s, and %(n)s other with whom a notice could be swapped,",
        "%(who)s, and %(n)s others with whom a notice could be swapped,",
        others,
        who=who,
    )


_TAKES = {
    "language": N_("its language"),
    "region": N_("its region"),
    "sector": N_("its sector"),
    "network": N_("its network"),
    "networks": N_("one of its networks"),
}
"""What a notice asks of a volunteer, by the code of `bot.planning.prove`."""


def _together(parts: Sequence[Message]) -> Message:
    """Put a list into words; it has at least one part."""
    some = parts[0]
    for part in parts[1:-1]:
        some = Message(N_("%(some)s, %(more)s"), {"some": some, "more": part})
    if len(parts) == 1:
        return some
    return Message(N_("%(some)s and %(last)s"), {"some": some, "last": parts[-1]})


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

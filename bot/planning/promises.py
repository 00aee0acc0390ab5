"""What every ask promises (FAIRNESS.md 1.2, 1.5), one function each: what was found instead, or nothing.

Written from the definitions, beside a world that the log alone has told. Only the arithmetic of slots, jitter
and local days is shared with the planner.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bot.model.day import local_day
from bot.planning.replay import NoticeView, VolunteerView, World, fits, place
from bot.planning.rule import BRIDGE, JITTER
from bot.planning.slots import day_slots

Ranked = tuple[tuple[int, int, int], datetime, int]


@dataclass(frozen=True)
class Ask:
    """One decision under the eye of the auditor, and the world as it was just before.

    `volunteer` is without the accounts on networks that were full, `whole` is with them.
    """

    at: datetime
    data: Mapping[str, Any]
    notice: NoticeView
    volunteer: VolunteerView
    world: World
    whole: VolunteerView

    @property
    def past(self) -> Sequence[datetime]:
        """When the volunteer was asked before, ascending."""
        return self.world.asks.get(self.volunteer.id, ())

    @property
    def today(self) -> int:
        """How often the volunteer was asked on this local day."""
        limits = self.volunteer.limits
        day = local_day(limits, self.at)
        near = (at for at in self.past if abs(at - self.at) < timedelta(hours=49))
        return sum(local_day(limits, at) == day for at in near)

    @cached_property
    def field(self) -> list[Ranked]:
        """Every notice that could have had the slot, in the order of the rule, found by looking at all."""
        world, volunteer = self.world, self.volunteer
        return sorted(
            (world.rank(notice), notice.opened, notice.id)
            for notice in world.notices.values()
            if volunteer.id not in notice.asked and fits(notice, volunteer) and world.is_free(notice, self.at)
        )


def eligible(ask: Ask) -> str:
    """I1."""
    if not fits(ask.notice, ask.whole):
        return f"notice {ask.notice.id} does not fit volunteer {ask.volunteer.id}"
    inside = ask.notice.opened <= ask.at < ask.notice.deadline
    return "" if inside else f"an ask outside its round, {ask.notice.opened} to {ask.notice.deadline}"


def once(ask: Ask) -> str:
    """I2."""
    pair = ask.volunteer.id in ask.world.told.get(ask.notice.id, {})
    return "an ask before this one" if pair or ask.volunteer.id in ask.notice.asked else ""


def cap(ask: Ask) -> str:
    """I3."""
    most = ask.volunteer.limits.cap_day
    return f"ask {ask.today + 1} of a local day, with a cap of {most}" if ask.today >= most else ""


def spaced(ask: Ask) -> str:
    """I4 and I5."""
    gap = timedelta(minutes=max(1, ask.volunteer.limits.spacing_min))
    if not ask.past or ask.at - ask.past[-1] >= gap:
        return ""
    return f"{ask.at - ask.past[-1]} after the last ask, with a spacing of {gap}"


def quiet(ask: Ask) -> str:
    """I6."""
    limits = ask.volunteer.limits
    wall = ask.at.astimezone(ZoneInfo(limits.time_zone))
    inside = (wall.hour * 60 + wall.minute - limits.quiet_start_min) % 1440 < limits.quiet_len_min
    return f"{wall:%H:%M} on the volunteer's clock" if inside else ""


def demand(ask: Ask) -> str:
    """I7."""
    own, wanted = ask.notice.own, ask.notice.demand
    return f"boost {own + 1} of a notice that wants {wanted}" if own >= wanted else ""


def free(ask: Ask) -> str:
    """I8."""
    least = max(timedelta(seconds=(1 - JITTER) * ask.world.rules["spacing_s"]), ask.world.apart(ask.notice))
    near = [at for at, _, _ in ask.notice.boosts if ask.at - at < least]
    if near:
        return f"{ask.at - max(near)} after a boost of the same notice, with {least} the least"
    since = ask.world.free_from(ask.notice)
    return f"an ask at {ask.at}, while the notice is free from {since}" if ask.at < since else ""


def awake(ask: Ask) -> str:
    """I9."""
    return "" if ask.volunteer.awake(ask.at) else f"volunteer {ask.volunteer.id} is {ask.volunteer.state}"


def account(ask: Ask) -> str:
    """I11."""
    full = {one[0]: ask.world.full(one[1], ask.at) for one in ask.whole.accounts}
    if full.get(ask.data["account"]):
        return full[ask.data["account"]]
    wanted = ask.notice.networks
    own = [one for one in ask.volunteer.accounts if not wanted or one[1] in wanted]
    if not own:
        return "no account that could be used"
    new = [one for one in own if place(one) not in ask.notice.reached] or own
    right = new[(ask.notice.id + ask.volunteer.id) % len(new)][0]
    return "" if ask.data["account"] == right else f"account {ask.data['account']} instead of {right}"


def slot(ask: Ask) -> str:
    """I12."""
    limits, used = ask.volunteer.limits, ask.today
    slots = day_slots(ask.world.seed, ask.volunteer.id, limits, local_day(limits, ask.at))
    if used >= len(slots):
        return f"ask {used + 1} of a day with {len(slots)} slots"
    if ask.past and ask.at < slots[used]:
        return f"an ask before slot {used + 1} of the day, {slots[used]}"
    told = datetime.fromisoformat(ask.data["slot"])
    return "" if told == min(slots[used], ask.at) else f"slot {told} instead of {slots[used]}"


def zero_first(ask: Ask) -> str:
    """P2."""
    waiting = [number for rank, _, number in ask.field if not rank[0]]
    return f"notice {waiting[0]} without any boost" if ask.notice.boosts and waiting else ""


def first(ask: Ask) -> str:
    """P1."""
    ranked = ask.field
    equals = [number for rank, _, number in ranked if rank == ranked[0][0]][:BRIDGE]
    chosen = equals[0]
    if ranked[0][0][0]:
        circles = ask.volunteer.circles()
        chosen = max(equals, key=lambda n: len(circles - ask.world.notices[n].reached))
    return "" if chosen == ask.notice.id else f"notice {chosen} goes first"


def reason(ask: Ask) -> str:
    """P7."""
    mine = next((row for row in ask.field if row[2] == ask.notice.id), None)
    told: dict[str, Any] = {"boosts": len(ask.notice.boosts), "rank": list(mine[0]) if mine else None}
    if ask.world.facts.whole:
        others = [row for row in ask.field if row[2] != ask.notice.id]
        told["candidates"] = len(ask.field)
        told["runner_up"] = {"notice": others[0][2], "rank": list(others[0][0])} if others else None
    told["sector"] = ask.notice.sector if ask.volunteer.sectors is not None else None
    wrong = [name for name, value in told.items() if ask.data[name] != value]
    return f"{wrong[0]} {ask.data[wrong[0]]} instead of {told[wrong[0]]}" if wrong else ""


PROMISES: dict[str, tuple[str, Callable[[Ask], str]]] = {
    "I9": ("nobody who pauses or has left, no notice that has ended", awake),
    "I1": ("network, language, sector and region fit, within the notice's round", eligible),
    "I2": ("a volunteer is asked once for a seeker", once),
    "I3": ("at most the cap on a local day", cap),
    "I4 and I5": ("at least the spacing after the last ask, so never too many in an hour", spaced),
    "I6": ("no ask in quiet hours", quiet),
    "I7": ("at most what the notice wants", demand),
    "I8": ("at least the notice's spacing, at most its maximum in 24 hours", free),
    "I12": ("a slot that the secret gives, the k-th ask of a day not before the k-th slot", slot),
    "I11": ("the account that the rule gives, on a network in use and not full", account),
    "P2": ("no boost for others while somebody without any could have it", zero_first),
    "P1": ("the notice that the rule puts first", first),
    "P7": ("the reason that was kept is the true one", reason),
}
"""By name: what is expected, and the function that looks for something else."""

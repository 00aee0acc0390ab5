"""What a run came to: every row of the database is held against what the network saw."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from bot.model.budget import Budget
from bot.model.calls import Action
from bot.model.day import local_day
from tests.faults.child import POST_SPACING_MIN, PRICES
from tests.faults.crash import Run
from tests.faults.found import Boost, Found
from tests.faults.net import FaultNet

ONCE, NEVER = {1}, {0}
COUNTS = {
    "verified": ONCE,
    "failed": NEVER,
    "cancelled": NEVER,
    "undone": NEVER,
    "asked": NEVER,
    "undoing": {0, 1},
    "uncertain": {0, 1},
}
"""How often the network may have a boost that is in a state in the end. In any other state it is lost."""
STUCK = frozenset({"asked", "undoing", "uncertain"})
"""Its volunteer or an admin goes on by hand, because the account's token is lost."""
REFUSALS = 3
"""So many in a row, and the account's token counts as lost."""


class End(NamedTuple):
    """What the database says in the end: states by boost, accounts whose token is lost, money by day."""

    states: dict[int, str]
    lost: set[str]
    spent: dict[str, int]


def judge(run: Run) -> Found:
    """Compare; give what was found."""
    found, net = run.found, run.net
    end = _read(run)
    _boosts(run, end)
    found.undone = sum(state == "undone" for state in end.states.values())
    found.renewed = sum(one[1] == "renew" and one[4] in {"", "lost"} for one in net.log)
    found.requests, found.faults = len(net.log), _counted(net)
    for breach in net.breaches:
        found.wrong(breach)
    for account in end.lost:
        if not _lost_rightly(net, account):
            story = [(n, one[1], one[4]) for n, one in enumerate(net.log) if one[2] == account]
            found.wrong(f"the token of {account} was lost for nothing: {story}, deaths {net.deaths}")
    _limits(run.plan, net, found)
    if run.budget is not None:
        _money(run, run.budget, end.spent)
    return found


def _boosts(run: Run, end: End) -> None:
    """Hold each boost's end against what happened to it, and against what the network has."""
    found, net, seen = run.found, run.net, run.net.boosts()
    paused = {deed.number for deed in run.done if deed.name == "pause"}
    refused = {(one[2], one[3]) for one in net.log if one[1] == "boost" and one[4] == "e403"}
    for boost in run.plan:
        pair, state = (boost.account, boost.target), end.states.get(boost.id, "gone")
        stuck, taken_back = boost.account in end.lost, _taken_back(run, boost)
        right = {
            "verified": stuck or not taken_back,
            "failed": pair in refused,
            "cancelled": taken_back or boost.volunteer_id in paused,
            "undone": taken_back,
        }.get(state, state in STUCK and stuck)
        count = seen.pop(pair, 0)
        untrue = count not in COUNTS.get(state, {count})
        found.duplicates += max(0, count - 1)
        found.lost += not right
        found.untrue += untrue
        if count > 1 or not right or untrue:
            found.why.append(f"boost {boost.id} {pair}: {state}, seen {count} times")
    found.untrue += len(seen)


def _counted(net: FaultNet) -> dict[str, int]:
    """Count the faults that were met, by kind."""
    faults = Counter(one[4] for one in net.log if one[1] == "boost" and one[4])
    faults["other"] = sum(1 for one in net.log if one[1] != "boost" and one[4])
    return dict(faults)


def _taken_back(run: Run, boost: Boost) -> bool:
    return any(
        deed.number == (boost.id if deed.name == "undo" else boost.notice_id)
        for deed in run.done
        if deed.name in {"recall", "withdraw", "undo"}
    )


def _read(run: Run) -> End:
    with closing(sqlite3.connect(run.scratch / "data" / "languette.db")) as database:
        if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            run.found.wrong("the database is damaged")
        (held,) = database.execute("SELECT count(*) FROM lane WHERE owner != ''").fetchone()
        (open_,) = database.execute("SELECT count(*) FROM call WHERE next_at IS NOT NULL").fetchone()
        if held or open_:
            run.found.wrong(f"{held} lanes held, {open_} calls open")
        lost = database.execute(
            "SELECT handle FROM access JOIN account ON account.id = account_id WHERE lost_at IS NOT NULL"
        )
        money = database.execute("SELECT day, sum(micros) FROM spending GROUP BY day")
        states = database.execute("SELECT id, state FROM boost").fetchall()
        return End(
            dict(states), {one.partition("@")[0] for (one,) in lost.fetchall()}, dict(money.fetchall())
        )


def _lost_rightly(net: FaultNet, account: str) -> bool:
    """Whether a fresh token never arrived in time, died with who had asked for it, or three times no."""
    since, no, gone = -1, 0, False
    for number, (_, action, name, _, fault) in enumerate(net.log):
        if name != account:
            continue
        no = 0 if not fault else no + (fault == "e401")
        if action == "renew" and fault in {"", "lost"}:
            since, gone = number, fault == "lost"
        elif fault == "stale":
            return gone or account in net.late or any(since < death <= number for death in net.deaths)
        elif no >= REFUSALS:
            return True
    return False


def _limits(plan: list[Boost], net: FaultNet, found: Found) -> None:
    """Hold every boost that had an effect against the caps of its day and the spacings before it."""
    limits = {boost.account: boost.limits for boost in plan}
    days = Counter(
        (account, local_day(limits[account], datetime.fromisoformat(wall)))
        for account, _, _, wall in net.asked
    )
    for (account, day), count in days.items():
        if count > limits[account].cap_day:
            found.wrong(f"{account}: {count} boosts on {day}, cap {limits[account].cap_day}")
    if found.stepped:  # a spacing is counted on the wall clock, which somebody has set
        return
    posts = timedelta(minutes=POST_SPACING_MIN)
    for key in (0, 1):
        for name in {one[key] for one in net.asked}:
            moments = sorted(one[2] for one in net.asked if one[key] == name)
            least = timedelta(minutes=limits[name].spacing_min) if key == 0 else posts
            if any(timedelta(seconds=b - a) < least for a, b in pairwise(moments)):
                found.wrong(f"{name}: closer than {least}: {moments}")


def _money(run: Run, budget: Budget, spent: Mapping[str, int]) -> None:
    """Hold what the network would bill, and what the ledger says, against the budget of days and months."""
    billed: Counter[str] = Counter()
    for what, done in ((Action.BOOST, run.net.asked), (Action.UNDO, run.net.undone)):
        for _, _, _, wall in done:
            billed[datetime.fromisoformat(wall).astimezone(UTC).date().isoformat()] += PRICES[what]
    for name, days in (("billed", billed), ("spent", spent)):
        months: Counter[str] = Counter()
        for day, micros in days.items():
            months[day[:7]] += micros
        over = [one for one in days.items() if one[1] > budget.day_micros]
        over += [one for one in months.items() if one[1] > budget.month_micros]
        for when, micros in over:
            run.found.wrong(f"{micros} {name} in {when}, budget {budget}")
    for day, micros in billed.items():
        if micros > spent.get(day, 0):
            run.found.wrong(f"{micros} billed on {day}, only {spent.get(day, 0)} in the ledger")

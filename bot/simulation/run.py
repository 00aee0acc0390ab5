"""Play a scenario under one policy: slots, arrivals and answers in the order of time."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from bot.model.notice import Notice
from bot.model.volunteer import Volunteer
from bot.planning.fairness import Rules
from bot.planning.quota import Quotas
from bot.planning.rule import circles
from bot.planning.slots import day_slots, slots_a_day
from bot.simulation import policies
from bot.simulation.collective import START, Collective, Scenario, arrivals

REPOST_EVERY = timedelta(days=1)
Progress = Callable[[float], None]


@dataclass(slots=True)
class Fate:
    """What became of one seeker."""

    notice: Notice
    reposts: bool
    boosts: list[datetime] = field(default_factory=list)
    circles: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Played:
    """One policy's run. `asks` counts, by volunteer, how often they were asked; `slots` how often at most."""

    policy: str
    fates: list[Fate]
    asks: dict[int, int]
    slots: dict[int, int]


def rules_of(scenario: Scenario) -> Rules:
    """Give the planner's rules of a scenario. The mean of boosts is what the supply leads to."""
    given = scenario.supply * scenario.demand * (1 - scenario.refusals - scenario.silence)
    return Rules(
        seed=f"simulation {scenario.seed}".encode(),
        notice_spacing=timedelta(minutes=scenario.spacing_min),
        notice_day_max=scenario.day_max,
        horizon=timedelta(days=1),
        life=scenario.life,
        mean_boosts=float(max(1, min(scenario.demand, round(given)))),
        networks=scenario.networks,
        bridge=scenario.reach,
    )


def play(
    scenario: Scenario, collective: Collective, policy: str, progress: Progress = lambda _: None
) -> Played:
    """Play the days one by one; `progress` hears the share that is done."""
    return _Play(scenario, collective, policy).run(progress)


class _Play:
    def __init__(self, scenario: Scenario, collective: Collective, policy: str) -> None:
        self._scenario, self._collective = scenario, collective
        self._rules = rules_of(scenario)
        self._policy = policies.make(policy, self._rules, scenario.seed)
        self._quotas = Quotas(scenario.networks, {})
        self._luck = random.Random(f"{scenario.seed} answers")  # noqa: S311
        self._arrivals = arrivals(scenario, collective)
        self._next = next(self._arrivals, None)
        self._fates: list[Fate] = []
        self._of_position: dict[int, Fate] = {}
        self._answers: list[tuple[datetime, int, int, datetime]] = []
        self._reposts: list[tuple[datetime, int, int]] = []
        self._played = Played(policy, self._fates, defaultdict(int), {})

    def run(self, progress: Progress) -> Played:
        """Play all days."""
        people = self._collective.volunteers
        self._played.slots = {v.id: slots_a_day(v.limits) * self._scenario.days for v in people}
        for number in range(self._scenario.days):
            day = (START + timedelta(days=number)).date()
            slots = sorted(
                (at, v.id, v) for v in people for at in day_slots(self._rules.seed, v.id, v.limits, day)
            )
            for at, _, volunteer in slots:
                self._until(at)
                self._slot(volunteer, at)
            progress((number + 1) / self._scenario.days)
        return self._played

    def _until(self, at: datetime) -> None:
        """Let everything happen that comes before a slot."""
        while self._next is not None and self._next.created_at <= at:
            self._arrive(self._next)
            self._next = next(self._arrivals, None)
        while self._answers and self._answers[0][0] <= at:
            _, _, position, asked_at = heappop(self._answers)
            self._policy.take_back(position, asked_at)
        while self._reposts and self._reposts[0][0] <= at:
            now, number, position = heappop(self._reposts)
            self._repost(now, number, position)

    def _arrive(self, notice: Notice) -> None:
        fate = Fate(notice, self._luck.random() < self._scenario.reposting)
        self._fates.append(fate)
        position = self._policy.open(notice)
        self._of_position[position] = fate
        if fate.reposts:
            heappush(self._reposts, (notice.created_at + REPOST_EVERY, notice.id, position))

    def _repost(self, now: datetime, number: int, position: int) -> None:
        fate = self._of_position[position]
        if now - fate.notice.created_at >= self._scenario.life:
            return
        self._answers = [answer for answer in self._answers if answer[2] != position]
        new = self._policy.repost(position, now)
        self._of_position[new] = fate
        heappush(self._reposts, (now + REPOST_EVERY, number, new))

    def _slot(self, volunteer: Volunteer, at: datetime) -> None:
        given = self._policy.choose(self._quotas.visible(volunteer, at), at)
        if given is None:
            return
        position = given.position
        self._quotas.take(given.network, at)
        self._played.asks[volunteer.id] += 1
        luck = self._luck.random()
        if luck < self._scenario.refusals:
            heappush(self._answers, (at + timedelta(hours=1), volunteer.id, position, at))
        elif luck < self._scenario.refusals + self._scenario.silence:
            silence = timedelta(hours=self._scenario.patience_h)
            heappush(self._answers, (at + silence, volunteer.id, position, at))
        else:
            fate = self._of_position[position]
            fate.boosts.append(at)
            fate.circles |= circles(volunteer)

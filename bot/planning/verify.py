"""Check a planned round without trusting the planner: the limits, and why nobody could be raised further.

Written from the definitions alone (`problem.fits`, the limits of a volunteer, levels as fractions), pair by
pair. An empty answer to both questions is a proof that the round is the leximin: a plan that no single
exchange improves is the best of all, because what requests can get together is a polymatroid.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from bot.planning.certificate import Certificate
from bot.planning.problem import DAY_MIN, HOUR_MIN, Boost, Id, Round, Volunteer, fits


def breaches(planned: Round, boosts: Sequence[Boost]) -> Iterator[str]:
    """Name every breach of a hard limit, in English; nothing means that all hold."""
    requests = {request.id: request for request in planned.requests}
    volunteers = {volunteer.id: volunteer for volunteer in planned.volunteers}
    times: defaultdict[Id, list[int]] = defaultdict(list)
    for (request, volunteer), count in Counter(boost[:2] for boost in boosts).items():
        if count > 1:
            yield f"{volunteer!r} boosts {request!r} {count} times"
        if not fits(requests[request], volunteers[volunteer]):
            yield f"{volunteer!r} does not fit {request!r}"
    for name, count in Counter(boost.request for boost in boosts).items():
        if count > requests[name].demand:
            yield f"{name!r} gets {count} boosts, its demand is {requests[name].demand}"
    for boost in boosts:
        times[boost.volunteer].append(boost.at)
    for name, moments in times.items():
        for breach in _breaches_of_day(volunteers[name], sorted(moments), planned.start):
            yield f"{name!r} {breach}"


def _breaches_of_day(volunteer: Volunteer, times: Sequence[int], start: int) -> Iterator[str]:
    if len(times) > volunteer.capacity:
        yield f"is asked {len(times)} times a day"
    if not all(start <= at < start + DAY_MIN for at in times):
        yield "is asked outside the horizon"
    if any((at - volunteer.quiet_start) % DAY_MIN < volunteer.quiet_len for at in times):
        yield "is asked in quiet hours"
    endless = [*times, *(at + DAY_MIN for at in times)]  # the next day is like this one
    if len(times) > 1 and any(later - at < volunteer.min_gap for at, later in pairwise(endless)):
        yield f"is asked twice within {volunteer.min_gap} minutes"
    if any(sum(at <= other < at + HOUR_MIN for other in endless) > volunteer.cap_hour for at in times):
        yield f"is asked more than {volunteer.cap_hour} times within an hour"


def doubts(planned: Round, boosts: Sequence[Boost], certificates: Iterable[Certificate]) -> Iterator[str]:
    """Name every reason not to believe the certificates; nothing means that the round is the leximin."""
    new = Counter(boost.request for boost in boosts)
    explained: Counter[Id] = Counter()
    for certificate in certificates:
        explained.update(certificate.explains)
        yield from _doubts_of_one(planned, boosts, new, certificate)
    for request in planned.requests:
        if explained[request.id] != (new[request.id] < request.demand):
            yield f"{request.id!r} is explained {explained[request.id]} times"


def _doubts_of_one(
    planned: Round, boosts: Sequence[Boost], new: Counter[Id], certificate: Certificate
) -> Iterator[str]:
    names, accounts = set(certificate.requests), set(certificate.volunteers)
    requests = [request for request in planned.requests if request.id in names]
    made = {boost[:2] for boost in boosts}
    loads = Counter(boost.volunteer for boost in boosts)
    if not names.issuperset(certificate.explains):
        yield "explains a request outside its set"
    # F can take from nobody outside N …
    for request in requests:
        for volunteer in planned.volunteers:
            met = (request.id, volunteer.id) in made
            if volunteer.id not in accounts and not met and fits(request, volunteer):
                yield f"{volunteer.id!r} could boost {request.id!r} and is not in the set"
    # … N has nothing left, and gives nothing to anybody outside F …
    for volunteer in planned.volunteers:
        if volunteer.id in accounts and loads[volunteer.id] < volunteer.capacity:
            yield f"{volunteer.id!r} has slots left"
    for boost in boosts:
        if boost.volunteer in accounts and boost.request not in names:
            yield f"{boost.volunteer!r} boosts {boost.request!r} outside the set"
    # … and who would have to give one up stands no higher without it than who would get it.
    lows = [
        ((r.received + new[r.id]) / r.weight, r.weight) for r in requests if r.id in set(certificate.explains)
    ]
    highs = [((r.received + new[r.id] - 1) / r.weight, r.weight) for r in requests if new[r.id]]
    if lows and highs and max(highs) > min(lows):
        yield "a request of the set could spare a boost for one that stands lower"

"""Prove to everybody who could have had more that nobody could give it: the exact round of the next 24 hours.

What each notice could have by this time tomorrow, first as few people as possible with 0, then as few as
possible with at most 1, and so on; and for every notice below what it wants the certificate: these volunteers
have so many slots, all of them go to so many people who stand no higher.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from bot.model.match import region_of
from bot.model.notice import Notice
from bot.model.plan import Asked
from bot.model.policy import NO_POLICIES, Policies
from bot.model.volunteer import Volunteer
from bot.planning import problem
from bot.planning.certificate import certificates, facts
from bot.planning.exact import Pairs, allocate
from bot.planning.fairness import Snapshot
from bot.planning.masks import for_requests
from bot.planning.quota import Quotas
from bot.planning.round import read
from bot.planning.slots import Turns
from bot.settings import Settings
from bot.storage import Session, rounds
from bot.trust.links import Keyring

AHEAD = timedelta(hours=24)
_ANY = "*"
"""Stands for "any" where the words of a round need a name: a notice for all networks, or for all sectors."""


def run(
    session: Session,
    *,
    settings: Settings,
    keys: Keyring,
    networks: Collection[str],
    policies: Policies = NO_POLICIES,
    now: datetime,
) -> dict[str, int]:
    """Write each active notice's certificate; give how many there are and how many changed."""
    snapshot = read(session, settings, keys, networks, now, policies)
    planned = problem_of(snapshot, now)
    pairs = allocate(planned.requests, planned.volunteers)
    found = certify(planned, pairs, now + AHEAD, tight(snapshot, now))
    before = rounds.certified(session)
    changed = {n: found.get(n) for n, data in before.items() if data != found.get(n)}
    rounds.certify(session, changed)
    return {"proved": len(found), "changed": len(changed)}


def problem_of(snapshot: Snapshot, now: datetime) -> problem.Round:
    """Put the next 24 hours into the words of an exact round."""
    boosts: dict[int, list[Asked]] = defaultdict(list)
    for boost in snapshot.asked:
        boosts[boost.notice_id].append(boost)
    times = _times(snapshot.asked)
    return problem.Round(
        0,
        tuple(_request(notice, boosts[notice.id], now) for notice in snapshot.notices),
        tuple(_volunteer(v, snapshot, times[v.id], now) for v in snapshot.volunteers),
    )


def tight(snapshot: Snapshot, now: datetime) -> dict[str, int]:
    """Give the networks whose limits could keep a turn of the next 24 hours from being used.

    With each the most that can be asked there in these hours. The exact round knows no such limits, so it
    proves nothing of the volunteers there.
    """
    quotas = Quotas(snapshot.rules.networks, snapshot.on_networks)
    times = _times(snapshot.asked)
    turns: dict[str, list[datetime]] = defaultdict(list)
    for volunteer in snapshot.volunteers if snapshot.rules.networks else ():
        own = _turns(volunteer, snapshot, times[volunteer.id], now)
        for network in {account.network for account in volunteer.accounts}:
            turns[network] += own
    return {
        name: min(most * (AHEAD // period) for period, most in limits.windows())
        for name, limits in snapshot.rules.networks.items()
        if quotas.tight(name, turns[name])
    }


def certify(
    planned: problem.Round, pairs: Pairs, until: datetime, tight: Mapping[str, int] = MappingProxyType({})
) -> dict[int, Mapping[str, Any]]:
    """Give the data of each certificate, by notice id.

    Where a volunteer of its set has an account on a `tight` network there is no proof, but that limit.
    `left` of its volunteers fit the notice itself and do not give it one yet; they take what it `takes`.
    """
    found: dict[int, Mapping[str, Any]] = {}
    requests = {request.id: request for request in planned.requests}
    fitting = dict(zip(requests, for_requests(planned.requests, planned.volunteers), strict=True))
    limited = {v.id: v.networks & tight.keys() for v in planned.volunteers if v.networks & tight.keys()}
    for certificate in certificates(planned.requests, planned.volunteers, pairs):
        told: dict[str, Any] = facts(planned, pairs, certificate)._asdict()
        names = frozenset[str]().union(*(limited.get(name, frozenset()) for name in certificate.volunteers))
        if names:
            told["limits"] = {name: tight[name] for name in sorted(names)}
        for name in certificate.explains:
            best = len(pairs[name])
            left = fitting[name].bit_count() - best
            own = {"best": best, "left": left, "takes": _takes(requests[name])}
            found[int(name)] = {**told, **own, "until": until.isoformat()}
    return found


def _takes(request: problem.Request) -> list[str]:
    """Give what a request asks of a volunteer, as codes that `bot.reporting.explain` knows."""
    wanted = {
        "language": True,
        "region": request.region is not None,
        "sector": _ANY not in request.tags,
        "network": len(request.networks) == 1 and _ANY not in request.networks,
        "networks": len(request.networks) > 1,
    }
    return [code for code, asked in wanted.items() if asked]


def _request(notice: Notice, boosts: Sequence[Asked], now: datetime) -> problem.Request:
    counted = [boost for boost in boosts if boost.counted]
    own = sum(not boost.carried for boost in counted)
    over = notice.deadline is None or notice.deadline <= now
    return problem.Request(
        id=notice.id,
        seeker=notice.person_id,
        networks=notice.networks or frozenset((_ANY,)),
        lang=notice.lang,
        tags=frozenset((notice.sector or _ANY,)),
        region=region_of(notice),
        weight=Fraction(notice.weight),
        demand=0 if over else max(0, notice.demand - own),
        received=len(counted),
        boosted_by=frozenset(boost.volunteer_id for boost in boosts),
    )


def _volunteer(
    volunteer: Volunteer, snapshot: Snapshot, asked: Sequence[datetime], now: datetime
) -> problem.Volunteer:
    limits = volunteer.limits
    own = frozenset(account.network for account in volunteer.accounts)
    return problem.Volunteer(
        id=volunteer.id,
        networks=own | {_ANY} if own else own,
        langs=volunteer.languages,
        topics=None if volunteer.sectors is None else volunteer.sectors | {_ANY},
        regions=volunteer.regions,
        cap_day=limits.cap_day,
        cap_hour=problem.HOUR_MIN,
        min_gap=limits.spacing_min,
        quiet_start=limits.quiet_start_min,
        quiet_len=limits.quiet_len_min,
        followers=0,
        slots=len(_turns(volunteer, snapshot, asked, now)),
    )


def _turns(
    volunteer: Volunteer, snapshot: Snapshot, asked: Sequence[datetime], now: datetime
) -> list[datetime]:
    """Give a volunteer's turns of the next 24 hours, each taken as soon as it comes."""
    seed, last = snapshot.rules.seed, snapshot.last_asked.get(volunteer.id)
    back = now if volunteer.may_be_asked(now) else volunteer.paused_until
    turns = Turns(seed, volunteer.id, volunteer.limits, asked, last)
    return [] if back is None else turns.take_all(back, now + AHEAD)


def _times(asked: Iterable[Asked]) -> dict[int, list[datetime]]:
    """Give when each volunteer was asked."""
    found: dict[int, list[datetime]] = defaultdict(list)
    for boost in asked:
        found[boost.volunteer_id].append(boost.at)
    return found

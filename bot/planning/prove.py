"""Prove to everybody who could have had more that nobody could give it: the exact round of the next 24 hours.

What each notice could have by this time tomorrow, first as few people as possible with 0, then as few as
possible with at most 1, and so on; and for every notice below what it wants the certificate: these volunteers
have so many slots, all of them go to so many people who stand no higher.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from bot.model.match import region_of
from bot.model.notice import Notice
from bot.model.plan import Asked
from bot.model.volunteer import Volunteer
from bot.planning import problem
from bot.planning.certificate import certificates, facts
from bot.planning.exact import Pairs, allocate
from bot.planning.fairness import Snapshot
from bot.planning.round import read
from bot.planning.slots import Turns
from bot.settings import Settings
from bot.storage import Session, rounds
from bot.trust.links import Keyring

AHEAD = timedelta(hours=24)
_ANY = "*"
"""Stands for "any" where the words of a round need a name: a notice for all networks, or for all sectors."""


def run(
    session: Session, *, settings: Settings, keys: Keyring, networks: Collection[str], now: datetime
) -> dict[str, int]:
    """Write each active notice's certificate; give how many there are and how many changed."""
    planned = problem_of(read(session, settings, keys, networks, now), now)
    found = certify(planned, allocate(planned.requests, planned.volunteers), now + AHEAD)
    before = rounds.certified(session)
    changed = {n: found.get(n) for n, data in before.items() if data != found.get(n)}
    rounds.certify(session, changed)
    return {"proved": len(found), "changed": len(changed)}


def problem_of(snapshot: Snapshot, now: datetime) -> problem.Round:
    """Put the next 24 hours into the words of an exact round."""
    boosts: dict[int, list[Asked]] = defaultdict(list)
    times: dict[int, list[datetime]] = defaultdict(list)
    for boost in snapshot.asked:
        boosts[boost.notice_id].append(boost)
        times[boost.volunteer_id].append(boost.at)
    return problem.Round(
        0,
        tuple(_request(notice, boosts[notice.id], now) for notice in snapshot.notices),
        tuple(_volunteer(v, snapshot, times[v.id], now) for v in snapshot.volunteers),
    )


def certify(planned: problem.Round, pairs: Pairs, until: datetime) -> dict[int, Mapping[str, Any]]:
    """Give the data of each certificate, by notice id."""
    found: dict[int, Mapping[str, Any]] = {}
    for certificate in certificates(planned.requests, planned.volunteers, pairs):
        told = facts(planned, pairs, certificate)._asdict()
        for name in certificate.explains:
            found[int(name)] = {**told, "best": len(pairs[name]), "until": until.isoformat()}
    return found


def _request(notice: Notice, boosts: Sequence[Asked], now: datetime) -> problem.Request:
    counted = [boost for boost in boosts if boost.counted]
    own = sum(not boost.carried for boost in counted)
    over = notice.deadline is None or notice.deadline <= now
    return problem.Request(
        id=notice.id,
        seeker=notice.seeker_id,
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
    turns = Turns(snapshot.rules.seed, volunteer.id, limits, asked, snapshot.last_asked.get(volunteer.id))
    back = now if volunteer.may_be_asked(now) else volunteer.paused_until
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
        slots=0 if back is None else turns.take_all(back, now + AHEAD),
    )

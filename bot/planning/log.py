"""What the planner sees, as entries of its log: enough to replay every decision without the other tables.

An entry is written when what it says has changed since the last one of the same subject. Kinds: `rules`;
`volunteer` and `notice`, as the rule sees them at a decision; `gone`, a notice that is no longer active;
`ask`, a decision. Opaque ids and codes only: no name, no handle, no word of a notice.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.model.match import region_of
from bot.model.notice import Notice
from bot.model.plan import Asked
from bot.model.volunteer import Volunteer
from bot.planning.fairness import Assignment, Rules
from bot.planning.rule import RULE
from bot.storage import Session, plan_log
from bot.storage.plan_log import Entry

RULES, NOTICE, GONE, VOLUNTEER, ASK = "rules", "notice", "gone", "volunteer", "ask"


def write_seen(
    session: Session,
    now: datetime,
    rules: Rules,
    notices: Sequence[Notice],
    volunteers: Sequence[Volunteer],
    asked: Iterable[Asked],
) -> None:
    """Log what has changed of everything that the decisions of `now` look at.

    Args:
        session: of a write transaction.
        now: aware UTC.
        rules: in force.
        notices: all that are active.
        volunteers: those who have a slot now.
        asked: every boost that bears on these notices.
    """
    of_notice: dict[int, list[Asked]] = defaultdict(list)
    for boost in asked:
        of_notice[boost.notice_id].append(boost)
    present = {"rules": (RULES, rules_data(rules))}
    present |= {f"notice:{n.id}": (NOTICE, notice_data(n, of_notice[n.id])) for n in notices}
    present |= {f"volunteer:{v.id}": (VOLUNTEER, volunteer_data(v)) for v in volunteers}
    seen = plan_log.seen(session)
    prints = {subject: _fingerprint(data) for subject, (_, data) in present.items()}
    changed = [subject for subject in present if prints[subject] != seen.get(subject)]
    gone = [subject for subject in seen if subject.startswith("notice:") and subject not in present]
    plan_log.append(
        session,
        [
            *(Entry(now, GONE, subject, {}) for subject in gone),
            *(Entry(now, present[subject][0], subject, present[subject][1]) for subject in changed),
        ],
    )
    plan_log.see(session, {subject: prints[subject] for subject in changed})
    plan_log.forget(session, gone)


def ask_entry(now: datetime, boost_id: int, made: Assignment) -> Entry:
    """Give the entry of one decision."""
    data = {
        "notice": made.notice_id,
        "volunteer": made.volunteer_id,
        "account": made.account_id,
        **made.reason,
    }
    return Entry(now, ASK, f"boost:{boost_id}", data)


def rules_data(rules: Rules) -> dict[str, Any]:
    """Give the rules as data; the seed is a secret and stays where it is."""
    networks = {name: [most.hour, most.day] for name, most in sorted(rules.networks.items())}
    apart = {name: least.total_seconds() for name, least in sorted(rules.apart.items())}
    return {
        "rule": RULE,
        "spacing_s": rules.notice_spacing.total_seconds(),
        "day_max": rules.notice_day_max,
        "life_s": rules.life.total_seconds(),
        "mean": rules.mean_boosts,
        "networks": networks,
        "apart_s": apart,
    }


def notice_data(notice: Notice, boosts: Sequence[Asked]) -> dict[str, Any]:
    """Give a notice as the rule sees it."""
    assert notice.opened_at is not None, "an active notice has been opened"
    assert notice.deadline is not None, "an active notice has a deadline"
    counted = sorted((b.at.isoformat(), b.volunteer_id, int(b.carried)) for b in boosts if b.counted)
    return {
        "seeker": notice.person_id,
        "networks": sorted(notice.networks),
        "lang": notice.lang,
        "sector": notice.sector,
        "region": region_of(notice),
        "weight": notice.weight,
        "demand": notice.demand,
        "opened": notice.opened_at.isoformat(),
        "deadline": notice.deadline.isoformat(),
        "scarcity": notice.scarcity,
        "reached": sorted(notice.reached),
        "boosts": [list(boost) for boost in counted],
        "asked": sorted({b.volunteer_id for b in boosts}),
    }


def volunteer_data(volunteer: Volunteer) -> dict[str, Any]:
    """Give a volunteer as the rule sees them."""
    limits = volunteer.limits
    return {
        "state": volunteer.state.value,
        "paused_until": volunteer.paused_until.isoformat() if volunteer.paused_until else None,
        "languages": sorted(volunteer.languages),
        "sectors": _codes(volunteer.sectors),
        "regions": _codes(volunteer.regions),
        "accounts": [[a.id, a.network, a.instance] for a in volunteer.accounts],
        "cap_day": limits.cap_day,
        "spacing_min": limits.spacing_min,
        "quiet_start_min": limits.quiet_start_min,
        "quiet_len_min": limits.quiet_len_min,
        "time_zone": limits.time_zone,
    }


def _codes(codes: frozenset[str] | None) -> list[str] | None:
    return None if codes is None else sorted(codes)


def _fingerprint(data: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(data, sort_keys=True).encode(), digest_size=12).hexdigest()

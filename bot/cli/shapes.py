"""The shapes of `--json`: stable names, spans as `…_s` in seconds, times in ISO 8601."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.model.boost import Boost
    from bot.model.journal import Entry
    from bot.reporting.queue import Dossier, Line
    from bot.reporting.roster import Member, VolunteerDossier


def seconds(length: timedelta | None) -> float | None:
    """Give a span in seconds."""
    return None if length is None else round(length.total_seconds(), 3)


def notice(line: "Line") -> dict[str, Any]:
    """One notice and where it stands; no email address and no token."""
    found, tally, following = line.notice, line.tally, line.next
    return {
        "id": found.id,
        "state": found.state,
        "title": found.words.title,
        "place": found.words.place,
        "remote": found.words.remote,
        "contract": found.words.contract,
        "text": found.words.text,
        "name": found.words.name,
        "lang": found.lang,
        "sector": found.sector,
        "region": found.region,
        "posts": [{"network": post.network, "url": post.url} for post in found.posts],
        "answer_to": found.answer_to,
        "boosts": {"done": tally.done, "waiting": tally.waiting, "planned": tally.planned},
        "demand": found.demand,
        "created_at": found.created_at,
        "opened_at": found.opened_at,
        "deadline": found.deadline,
        "waited_s": seconds(line.waited),
        "next": None
        if following is None
        else {"boost": following.id, "network": following.network, "due_at": following.due_at},
        "why": None if line.why is None else str(line.why),
        "reported": line.reported,
        "close_reason": found.close_reason,
        "closed_at": found.closed_at,
        "snoozed_until": found.snoozed_until,
    }


def boost(found: "Boost") -> dict[str, Any]:
    """One boost."""
    return {
        "id": found.id,
        "notice": found.notice_id,
        "volunteer": found.volunteer_id,
        "network": found.network,
        "mode": found.mode,
        "state": found.state,
        "due_at": found.due_at,
        "asked_at": found.asked_at,
        "opened_at": found.opened_at,
        "ended_at": found.ended_at,
        "expires_at": found.expires_at,
        "reason": found.reason,
    }


def entry(found: "Entry") -> dict[str, Any]:
    """One line of the journal."""
    return {
        "id": found.id,
        "at": found.at,
        "actor": found.actor,
        "action": found.action,
        "subject": found.subject,
        "details": found.details,
    }


def dossier(found: "Dossier") -> dict[str, Any]:
    """Everything about one notice."""
    return {
        **notice(found.line),
        "seeker": found.line.notice.seeker_id,
        "person": found.line.notice.person_id,
        "twins": found.twins,
        "asked": [
            {
                **boost(one.boost),
                "volunteer_name": one.volunteer.name,
                "handle": one.handle,
                "why": str(one.why),
            }
            for one in found.asked
        ],
        "reports": [{"at": one.at, "why": one.why} for one in found.reports],
        "journal": [entry(one) for one in found.timeline],
    }


def volunteer(member: "Member") -> dict[str, Any]:
    """One volunteer; no token."""
    found, limits = member.volunteer, member.volunteer.limits
    return {
        "id": found.id,
        "name": found.name,
        "state": member.state,
        "paused_until": found.paused_until,
        "accounts": [{"network": a.network, "handle": a.handle} for a in found.accounts],
        "cap_day": limits.cap_day,
        "asked_today": member.load,
        "spacing_min": limits.spacing_min,
        "quiet": quiet(limits.quiet_start_min, limits.quiet_len_min),
        "time_zone": limits.time_zone,
        "languages": found.languages,
        "sectors": found.sectors,
        "regions": found.regions,
        "joined_at": found.joined_at,
        "answered_at": member.answered_at,
    }


def quiet(start_min: int, len_min: int) -> str | None:
    """Write quiet hours as `21:00-08:00`; None when there are none."""
    if not len_min:
        return None
    end = (start_min + len_min) % 1440
    return f"{start_min // 60:02}:{start_min % 60:02}-{end // 60:02}:{end % 60:02}"


def volunteer_dossier(found: "VolunteerDossier") -> dict[str, Any]:
    """Everything about one volunteer."""
    return {
        **volunteer(found.member),
        "lent": [
            {
                "account": one.account.id,
                "network": one.account.network,
                "mode": one.mode,
                "lost_at": one.lost_at,
            }
            for one in found.standings
        ],
        "boosts": [{**boost(one.boost), "title": one.title, "why": str(one.why)} for one in found.boosts],
        "journal": [entry(one) for one in found.timeline],
    }

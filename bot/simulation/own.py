"""One's own collective as the population of a simulation: read, copied, never changed."""

from dataclasses import replace

from bot.errors import UsageError
from bot.model.volunteer import Account, Volunteer, VolunteerState
from bot.planning.fairness import Snapshot
from bot.simulation.collective import Collective

CAP_MAX = 20


def own(snapshot: Snapshot, cap_factor: float) -> Collective:
    """Make a collective of the real roster and of the kinds of the active notices.

    Args:
        snapshot: as a planning round reads it.
        cap_factor: what every volunteer's daily cap is multiplied by; at least 1 remains, at most 20.

    Raises:
        UsageError: there is no volunteer who may be asked, or no active notice.
    """
    people = [_nobody(v, cap_factor) for v in snapshot.volunteers if v.state is VolunteerState.ACTIVE]
    if not people or not snapshot.notices:
        message = "Your own data needs an active volunteer and an active notice. Leave --own-data out."
        raise UsageError(message)
    return Collective(people, snapshot.notices)


def _nobody(volunteer: Volunteer, cap_factor: float) -> Volunteer:
    """Keep what the planner needs of a volunteer and forget who it is."""
    cap = max(1, min(CAP_MAX, round(volunteer.limits.cap_day * cap_factor)))
    accounts = tuple(
        Account(a.id, a.volunteer_id, a.network, f"v@{a.instance}" if a.instance else "v")
        for a in volunteer.accounts
    )
    return replace(volunteer, name="", limits=replace(volunteer.limits, cap_day=cap), accounts=accounts)

"""What a volunteer changes later: settings, a pause, a new link, leaving."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.errors import ConflictError, NotFoundError
from bot.model.boost import COMING_STATES, BoostState
from bot.model.journal import Actor
from bot.model.lane import OWN_RESTS
from bot.model.text import N_, Message
from bot.model.volunteer import Volunteer, VolunteerState
from bot.roster.join import refuse_taken
from bot.roster.profile import Hours, Interests, Pace, Part, Presence, Profile
from bot.storage import Session, boosts, journal, lanes, volunteers
from bot.trust.links import hash_token, new_token

OURS = Message(N_("This is the collective’s own account, no volunteer: bot collective."))
PARTS = {Presence: "presence", Pace: "pace", Interests: "interests", Hours: "hours"}


def owner(session: Session, token: str) -> Volunteer:
    """Give the volunteer whose inbox link carries `token`.

    Raises:
        NotFoundError: nobody's, or of somebody who left.
    """
    volunteer = volunteers.by_token(session, hash_token(token))
    if volunteer is None:
        raise NotFoundError(Message(N_("This link leads nowhere any more, or never did.")))
    return volunteer


def update(
    session: Session, volunteer_id: int, part: Part | Profile, *, now: datetime, actor: Actor
) -> Volunteer:
    """Save one part of the settings, or all four.

    Boosts that were only planned are planned again under the new limits, and calls that the old ones held
    back are looked at anew; boosts that wait on an account that is no longer theirs are cancelled.

    Raises:
        NotFoundError: there is no such volunteer.
        ConflictError: they have left.
        AlreadyMemberError: a handle belongs to another volunteer.
    """
    _here(session, volunteer_id)
    if isinstance(part, Profile):
        parts: tuple[Part, ...] = (part.presence, part.pace, part.interests, part.hours)
    else:
        parts = (part,)
    boosts.unplan(session, volunteer_id=volunteer_id)
    for one in parts:
        if isinstance(one, Presence):
            refuse_taken(session, one, besides=volunteer_id)
            volunteers.set_accounts(session, volunteer_id, one.accounts)
            _drop_orphans(session, volunteer_id, now)
        volunteers.update(session, volunteer_id, **_columns(one))
        action = "volunteer.settings_changed"
        journal.write(session, now, actor, action, f"volunteer:{volunteer_id}", part=PARTS[type(one)])
    volunteer = volunteers.get(session, volunteer_id)
    lanes.rouse(session, now, OWN_RESTS, [account.id for account in volunteer.accounts])
    return volunteer


def pause(
    session: Session, volunteer_id: int, *, until: datetime | None, now: datetime, actor: Actor
) -> Volunteer:
    """Ask nothing until `until` (aware UTC; None: until they come back). What waits is taken back at once.

    Raises:
        NotFoundError: there is no such volunteer.
        ConflictError: they have left, or `until` is past.
    """
    _here(session, volunteer_id)
    if until is not None and until <= now:
        raise ConflictError(Message(N_("This pause would already be over.")))
    volunteer = volunteers.update(
        session, volunteer_id, state=VolunteerState.PAUSED.value, paused_until=until
    )
    gone = boosts.cancel(session, now, volunteer_id=volunteer_id)
    journal.write(
        session,
        now,
        actor,
        "volunteer.paused",
        f"volunteer:{volunteer_id}",
        until=until.isoformat() if until else None,
        boosts=gone,
    )
    return volunteer


def resume(session: Session, volunteer_id: int, *, now: datetime, actor: Actor) -> Volunteer:
    """End a pause; harmless when there is none.

    Raises:
        NotFoundError: there is no such volunteer.
        ConflictError: they have left.
    """
    before = _here(session, volunteer_id)
    if before.state is VolunteerState.ACTIVE:
        return before
    volunteer = volunteers.update(session, volunteer_id, state=VolunteerState.ACTIVE.value, paused_until=None)
    journal.write(session, now, actor, "volunteer.resumed", f"volunteer:{volunteer_id}")
    return volunteer


def leave(session: Session, volunteer_id: int, *, now: datetime, actor: Actor) -> None:
    """Forget who this was: boosts cancelled, accounts freed, name erased, consents withdrawn, link dead.

    What stays is a row without a name, so that the counts of boosts stay true. Harmless when done twice.

    Raises:
        NotFoundError: there is no such volunteer.
    """
    state = volunteers.get(session, volunteer_id).state
    if state is VolunteerState.COLLECTIVE:
        raise ConflictError(OURS)
    if state is VolunteerState.LEFT:
        return
    gone = boosts.cancel(session, now, volunteer_id=volunteer_id)
    boosts.forget_skips(session, volunteer_id)
    volunteers.set_accounts(session, volunteer_id, ())
    volunteers.update(
        session,
        volunteer_id,
        state=VolunteerState.LEFT.value,
        left_at=now,
        paused_until=None,
        name="",
        sectors=None,
        regions=None,
        languages=[],
        quiet_start_min=0,
        quiet_len_min=0,
        time_zone="UTC",
        # A hash of a token that nobody was given: the column stays unique and opens nothing.
        token_hash=hash_token(new_token()),
    )
    subject = f"volunteer:{volunteer_id}"
    journal.withdraw_consent(session, now, subject)
    journal.write(session, now, actor, "volunteer.left", subject, boosts=gone)


def new_link(session: Session, volunteer_id: int, *, now: datetime, actor: Actor) -> str:
    """Give a new inbox token; the old link stops working.

    Raises:
        NotFoundError: there is no such volunteer.
        ConflictError: they have left.
    """
    _here(session, volunteer_id)
    token = new_token()
    volunteers.update(session, volunteer_id, token_hash=hash_token(token))
    journal.write(session, now, actor, "volunteer.link_renewed", f"volunteer:{volunteer_id}")
    return token


def _here(session: Session, volunteer_id: int) -> Volunteer:
    volunteer = volunteers.get(session, volunteer_id)
    if volunteer.state is VolunteerState.LEFT:
        raise ConflictError(Message(N_("This volunteer has left the group.")))
    if volunteer.state is VolunteerState.COLLECTIVE:
        raise ConflictError(OURS)
    return volunteer


def _drop_orphans(session: Session, volunteer_id: int, now: datetime) -> None:
    """Cancel what waits on an account that is no longer there."""
    kept = {account.id for account in volunteers.get(session, volunteer_id).accounts}
    for boost in boosts.listed(session, volunteer_id=volunteer_id, states=COMING_STATES):
        if boost.account_id not in kept:
            boosts.move(session, boost.id, BoostState.CANCELLED, ended_at=now)


def _columns(part: Part) -> dict[str, Any]:
    if isinstance(part, Presence):
        return {"name": part.name}
    if isinstance(part, Interests):
        return {
            "sectors": None if part.sectors is None else sorted(part.sectors),
            "regions": None if part.regions is None else sorted(part.regions),
            "languages": sorted(part.languages),
        }
    return asdict(part)

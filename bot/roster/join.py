"""A person joins the roster: the profile is stored, the yes is recorded, one personal link comes out."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import ConflictError
from bot.model.forms import SpentFormError, Stamp
from bot.model.journal import Actor
from bot.model.text import N_, Message
from bot.model.volunteer import Volunteer
from bot.roster.profile import Presence, Profile
from bot.storage import Session, journal, stamps, volunteers
from bot.trust.links import hash_token, new_token
from bot.trust.texts import CHARTER, VOLUNTEER_CONSENT


class AlreadyMemberError(ConflictError):
    """One of the accounts belongs to a volunteer on the roster."""


@dataclass(frozen=True, slots=True)
class Joined:
    """The new volunteer and the token of the inbox, which is stored nowhere."""

    volunteer: Volunteer
    token: str


def join(
    session: Session,
    profile: Profile,
    *,
    now: datetime,
    actor: Actor,
    lang: str,
    consent_act: str,
    form: Stamp | None = None,
) -> Joined:
    """Put a person on the roster, active at once.

    `lang` is the language of their pages and of the texts they agreed to; `consent_act` names what they did,
    e.g. the button's name. An actor `volunteer` without an id gets the new one. `form` is the form it came
    by, which is taken once.

    Raises:
        SpentFormError: this very form has been taken in before.
        AlreadyMemberError: one of the accounts is on the roster.
    """
    if form and not stamps.take(session, form):
        raise SpentFormError
    refuse_taken(session, profile.presence)
    token = new_token()
    volunteer_id = volunteers.add(
        session,
        name=profile.presence.name,
        lang=lang,
        languages=profile.interests.languages,
        limits=profile.limits,
        sectors=profile.interests.sectors,
        regions=profile.interests.regions,
        token_hash=hash_token(token),
        charter_version=CHARTER.version,
        now=now,
    )
    volunteers.set_accounts(session, volunteer_id, profile.presence.accounts)
    subject = f"volunteer:{volunteer_id}"
    for text in (CHARTER, VOLUNTEER_CONSENT):
        journal.consent(
            session,
            now,
            subject=subject,
            **text.record(lang),
            act=consent_act,
        )
    if actor.kind == "volunteer" and actor.id is None:
        actor = Actor("volunteer", volunteer_id)
    networks = [network for network, _ in profile.presence.accounts]
    journal.write(session, now, actor, "volunteer.joined", subject, networks=networks)
    return Joined(volunteers.get(session, volunteer_id), token)


def refuse_taken(session: Session, presence: Presence, *, besides: int | None = None) -> None:
    """Let each account be on the roster once.

    Raises:
        AlreadyMemberError: another volunteer than `besides` has one of them.
    """
    for network, handle in presence.accounts:
        if volunteers.handle_taken(session, network, handle, besides=besides):
            raise AlreadyMemberError(
                Message(N_("This account is already on the roster. Lost your link? Write to us."))
            )

"""A volunteer lends an account, changes how it is used, takes it back. Every call is made by `bot.errands`.

Nothing is lent unless the operator's policy, for that network and instance, and a dated yes of the volunteer
both say so. The pages can seal what they are given and open none of it.
"""

from collections.abc import Mapping
from datetime import datetime
from json import dumps

from bot.delivery import tokens
from bot.errors import ConflictError, NotFoundError
from bot.model.boost import Mode
from bot.model.journal import Actor
from bot.model.lending import LASTS, LENT_MODES, Trouble, Way
from bot.model.policy import Policies
from bot.model.secret import Secret
from bot.model.text import N_, Message
from bot.model.volunteer import Account, VolunteerState
from bot.storage import Session, access, boosts, connections, journal, revocations, volunteers
from bot.trust.lending_texts import lending_text
from bot.trust.links import hash_token, new_token
from bot.trust.texts import CHARTER, ConsentText
from bot.trust.vault import Sealer, place

NOT_YOURS = Message(N_("This account is not on your page."))
NOT_ALLOWED = Message(N_("This way of sharing is not allowed here any more. By hand goes on as before."))
NOT_BEGUN = Message(
    N_("This connection was begun in another browser, or too long ago. Start again from your settings.")
)
NOT_LENT = Message(N_("This account is not lent. You share by hand."))
ACT = "lend_form"
"""Name of the act by which a volunteer says yes, in the consent."""


def allowed(policies: Policies, account: Account) -> tuple[Mode, ...]:
    """Give the modes that policy allows for an account beyond by hand, the one that allows less first."""
    policy = policies.get(account.network)
    return tuple(mode for mode in LENT_MODES if policy and mode in policy.at(account.instance).modes)


def own(session: Session, account_id: int, volunteer_id: int) -> Account:
    """Give one of a volunteer's accounts.

    Raises:
        NotFoundError: it is not theirs.
    """
    for account in volunteers.get(session, volunteer_id).accounts:
        if account.id == account_id:
            return account
    raise NotFoundError(NOT_YOURS)


def kept_in(account: Account, field: str) -> str:
    """Name the place to which what is kept of a connection is bound."""
    return place("connection", account.id, field, account.network)


def begin(
    session: Session,
    seal: Sealer,
    account: Account,
    kept: Secret,
    *,
    mode: Mode,
    way: Way,
    state: str,
    policies: Policies,
    lang: str,
    now: datetime,
) -> None:
    """Note that a volunteer has said yes here and goes to say it at the network; an earlier try is forgotten.

    `kept` is what the network's adapter needs to finish, or the app password; `state` what the network gives
    back, ignored for a password. `lang` is the language of the text that the volunteer agreed to.

    Raises:
        ConflictError: policy does not allow the mode.
    """
    if mode not in allowed(policies, account):
        raise ConflictError(NOT_ALLOWED)
    connections.begin(
        session,
        account.id,
        state_hash=hash_token(state if way is Way.PAGE else new_token()),
        mode=mode,
        way=way,
        lang=lang,
        sealed=seal.close(kept_in(account, "kept"), kept),
        now=now,
        expires_at=now + LASTS,
    )


def come_back(
    session: Session,
    seal: Sealer,
    state: str,
    answer: Mapping[str, str],
    *,
    network: str,
    volunteer_id: int,
    now: datetime,
) -> Account:
    """Take what the network gave back to the volunteer; it is redeemed outside the pages. Works once.

    Raises:
        ConflictError: no such connection of this volunteer waits for an answer.
    """
    found = connections.by_state(session, hash_token(state))
    if found is None or found.network != network or found.answered_at or not found.runs(now):
        raise ConflictError(NOT_BEGUN)
    try:
        account = own(session, found.account_id, volunteer_id)
    except NotFoundError as error:
        raise ConflictError(NOT_BEGUN) from error
    sealed = seal.close(kept_in(account, "answer"), Secret(dumps(dict(answer))))
    connections.answered(session, account.id, sealed, now)
    return account


def granted(
    session: Session,
    seal: Sealer,
    account: Account,
    token: Secret,
    *,
    handle: str,
    policies: Policies,
    now: datetime,
) -> Trouble | None:
    """Keep the token that the network granted, if it is for this account and still wanted; else say why not.

    A token that is not kept goes back to its network, and so does one that it replaces.
    """
    found = connections.of(session, account.id)
    if found is None or found.trouble or found.mode not in allowed(policies, account):
        return _refuse(session, seal, account, token, Trouble.NOT_ALLOWED)
    if handle != account.handle:
        return _refuse(session, seal, account, token, Trouble.OTHER_ACCOUNT)
    before = access.of(session, account.id)
    if before is not None and before.lost_at is None:
        access.give_back(session, account.id)
    tokens.give(session, seal, account, token, mode=found.mode, now=now)
    actor = Actor("volunteer", account.volunteer_id)
    _agree(session, account, found.mode, lang=found.lang, at=found.begun_at)
    boosts.unplan(session, volunteer_id=account.volunteer_id)
    _note(session, "given", account, now, actor, mode=found.mode)
    connections.drop(session, account.id)
    return None


def _refuse(session: Session, seal: Sealer, account: Account, token: Secret, trouble: Trouble) -> Trouble:
    """Send a token back that must not be kept."""
    revocations.add(session, account.id, seal.close(tokens.bound(account.id, account.network), token))
    connections.fail(session, account.id, trouble)
    return trouble


def set_mode(
    session: Session,
    account: Account,
    mode: Mode,
    *,
    policies: Policies,
    lang: str,
    now: datetime,
    actor: Actor,
    act: str = ACT,
) -> None:
    """Let a token that is kept be used in another mode, which the volunteer has just agreed to.

    What was only planned is planned again.

    Raises:
        ConflictError: policy does not allow it, or there is no token that works.
    """
    if mode not in allowed(policies, account):
        raise ConflictError(NOT_ALLOWED)
    before = access.of(session, account.id)
    if before is None or before.lost_at is not None or before.mode is Mode.COLLECTIVE:
        raise ConflictError(NOT_LENT)
    access.set_mode(session, account.id, mode)
    _agree(session, account, mode, lang=lang, at=now, act=act)
    boosts.unplan(session, volunteer_id=account.volunteer_id)
    _note(session, "mode_changed", account, now, actor, mode=mode)


def take_back(session: Session, account: Account, *, now: datetime, actor: Actor, why: str = "ended") -> bool:
    """End the lending of an account: by hand from now on, the token goes back to its network.

    `why` is the word of the journal. False: it was not lent, which is no error.
    """
    connections.drop(session, account.id)
    if not access.give_back(session, account.id):
        return False
    subject = f"volunteer:{account.volunteer_id}"
    journal.withdraw_consent(session, now, subject, f"lend_{account.network}")
    boosts.unplan(session, volunteer_id=account.volunteer_id)
    _note(session, why, account, now, actor)
    return True


def take_back_all(session: Session, *, network: str, now: datetime, actor: Actor) -> int:
    """End the lending of every account on a network, or on all (empty); give how many were lent."""
    lent = [account for account in volunteers.lent(session) if network in {"", account.network}]
    return sum(take_back(session, account, now=now, actor=actor) for account in lent)


def accept_charter(session: Session, volunteer_id: int, *, lang: str, now: datetime) -> None:
    """Note that a volunteer agrees to the charter of today; nothing when they had."""
    volunteer = volunteers.get(session, volunteer_id)
    if volunteer.state is VolunteerState.LEFT or volunteer.charter_version == CHARTER.version:
        return
    volunteers.update(session, volunteer_id, charter_version=CHARTER.version)
    _record(session, volunteer_id, CHARTER, lang, now)


def _agree(
    session: Session, account: Account, mode: Mode, *, lang: str, at: datetime, act: str = ACT
) -> None:
    """Record the yes to lending an account in a mode, in the place of one to another mode."""
    _record(session, account.volunteer_id, lending_text(account.network, mode), lang, at, act)


def _record(
    session: Session, volunteer_id: int, text: ConsentText, lang: str, at: datetime, act: str = ACT
) -> None:
    """Record a yes, in the place of an earlier one to the same purpose."""
    subject = f"volunteer:{volunteer_id}"
    journal.end_consents(session, at, subject, only=text.purpose)
    journal.consent(
        session,
        at,
        subject=subject,
        **text.record(lang),
        act=act,
    )


def _note(
    session: Session, verb: str, account: Account, now: datetime, actor: Actor, **details: object
) -> None:
    subject = f"volunteer:{account.volunteer_id}"
    about = {"account": account.id, "network": account.network, **details}
    journal.write(session, now, actor, f"access.{verb}", subject, **about)

"""Who may come in and with which role: one-time links, roles, taking log-ins away."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.errors import ConflictError, NotFoundError, UsageError
from bot.model.access import Admin, Role
from bot.model.journal import CLI, Actor
from bot.model.notice import NAME_MAX
from bot.model.text import N_, Message
from bot.storage import Session, admins, factors, identities, journal, sessions
from bot.storage.admins import Link
from bot.trust import guesses, leaked, passwords
from bot.trust.links import hash_token, new_token

LINK_LIFE = timedelta(hours=24)
PURPOSE = "admin_setup"
LEAKED = N_("This password is on the lists of those who guess: it leaked somewhere. Choose another.")
NEAR = N_(
    "This password leaked somewhere, in another form: turned round, or with other signs, digits or letters. "
    "Choose another; a few words in a row are good."
)
OBVIOUS = N_("Too easy to guess: your name, words of this site or signs in a row. Choose another.")


def clean_name(name: str) -> str:
    """Give a name as it is stored and compared: composed, no control characters, single spaces.

    Raises:
        UsageError: nothing is left, or more than 40 characters.
    """
    kept = "".join(c for c in unicodedata.normalize("NFC", name) if c.isprintable() or c.isspace())
    kept = " ".join(kept.split())
    if not 1 <= len(kept) <= NAME_MAX:
        raise UsageError(Message(N_("Enter a name of 1 to %(max)s characters."), {"max": NAME_MAX}))
    return kept


def check_password(password: str, *, about: Sequence[str] = ()) -> None:
    """Refuse a password that cannot be used. `about`: names of the person and of this site.

    Raises:
        UsageError: it is shorter than 12 or longer than 200 characters, or easy to guess.
    """
    low, high = passwords.MIN_LENGTH, passwords.MAX_LENGTH
    if not low <= len(password) <= high:
        text = N_("Choose a password of %(min)s to %(max)s characters; a few words in a row are good.")
        raise UsageError(Message(text, {"min": low, "max": high}))
    if leaked.known(password):
        raise UsageError(Message(LEAKED))
    if leaked.near(password):
        raise UsageError(Message(NEAR))
    if guesses.obvious(password, about):
        raise UsageError(Message(OBVIOUS))


def create(
    session: Session,
    name: str,
    password: str,
    *,
    role: Role = Role.OPERATOR,
    now: datetime,
    actor: Actor = CLI,
) -> Admin:
    """Make an admin.

    Raises:
        UsageError: the name or the password cannot be used.
        ConflictError: somebody has this name.
    """
    name = clean_name(name)
    check_password(password, about=(name,))
    if admins.with_hash(session, name) is not None:
        raise ConflictError(Message(N_("Somebody has this name already; choose another.")))
    admin = admins.add(session, name, passwords.hash_password(password), role, now)
    journal.write(session, now, actor, "admin.set_up", f"admin:{admin.id}", role=role.value)
    return admin


def new_setup_link(session: Session, now: datetime, *, role: Role = Role.OPERATOR, actor: Actor = CLI) -> str:
    """Give the token of a link that lets one new admin in, once within 24 hours.

    A newer link for an operator replaces the older ones: the first is printed at every start until used.
    """
    made = Link(role, None)
    if role is Role.OPERATOR:
        admins.drop_links(session, PURPOSE, made)
    return _new_link(session, made, now, actor)


def new_reset_link(session: Session, admin_id: int, *, now: datetime, actor: Actor = CLI) -> str:
    """Give the token of a link by which an admin sets a new password and second factor, once within 24 hours.

    Until it is used the old ones work; older such links stop working.

    Raises:
        NotFoundError: there is no such admin.
    """
    made = Link(admins.get(session, admin_id).role, admin_id)
    admins.drop_links(session, PURPOSE, made)
    return _new_link(session, made, now, actor)


def _new_link(session: Session, made: Link, now: datetime, actor: Actor) -> str:
    token = new_token()
    admins.add_link(session, hash_token(token), PURPOSE, made, now + LINK_LIFE)
    subject = f"admin:{made.admin_id}" if made.admin_id else ""
    journal.write(session, now, actor, "admin.link_made", subject, role=made.role.value)
    return token


def check_setup_link(session: Session, token: str, now: datetime) -> Admin | None:
    """Give the admin whom a link lets set a new password, None when it lets a new admin in.

    Raises:
        NotFoundError: it has been used, has run out, or never was.
    """
    found = _link(session, token, now)
    return admins.get(session, found.admin_id) if found.admin_id else None


def _link(session: Session, token: str, now: datetime) -> Link:
    found = admins.link(session, hash_token(token), PURPOSE, now)
    if found is None:
        text = N_("This link has been used or has run out. On the server, “bot admins add” prints a new one.")
        raise NotFoundError(Message(text))
    return found


def set_up(session: Session, token: str, name: str, password: str, now: datetime) -> Admin:
    """Use a link up: make the admin with its role, or give the admin it belongs to a new password.

    A new password ends the admin's sessions and takes the second factor away: it is set up anew,
    and so is a log-in at the collective's provider.

    Raises:
        NotFoundError: the link does not work any more.
        UsageError: the name or the password cannot be used; the link keeps working.
        ConflictError: somebody has this name; the link keeps working.
    """
    found = _link(session, token, now)
    if found.admin_id is None:
        admin = create(session, name, password, role=found.role, now=now, actor=Actor("admin"))
    else:
        known = admins.get(session, found.admin_id)
        check_password(password, about=(known.name,))
        admin = admins.set_password(session, known.id, passwords.hash_password(password))
        factors.forget(session, admin.id)
        identities.forget(session, admin.id)
        sessions.end_all(session, admin.id)
        journal.write(session, now, Actor("admin", admin.id), "admin.password_set", f"admin:{admin.id}")
    admins.use_link(session, hash_token(token), now)
    return admin


def change_password(session: Session, admin_id: int, password: str, *, keep: str, now: datetime) -> None:
    """Give an admin who is logged in, and has shown the present password, a new one.

    Every other session of theirs ends; `keep` is the token of the one that goes on.

    Raises:
        NotFoundError: there is no such admin.
        UsageError: the password cannot be used.
    """
    known = admins.get(session, admin_id)
    check_password(password, about=(known.name,))
    admins.set_password(session, admin_id, passwords.hash_password(password))
    sessions.end_all(session, admin_id, but=hash_token(keep))
    journal.write(session, now, Actor("admin", admin_id), "admin.password_set", f"admin:{admin_id}")


def give_role(session: Session, admin_id: int, role: Role, *, now: datetime, actor: Actor = CLI) -> Admin:
    """Give an admin another role; it holds from their next click.

    Raises:
        NotFoundError: there is no such admin.
        ConflictError: nobody would be left to look after the admins.
    """
    before = admins.get(session, admin_id)
    if before.role is role:
        return before
    _keep_an_operator(session, before)
    admin = admins.set_role(session, admin_id, role)
    journal.write(
        session,
        now,
        actor,
        "admin.role_given",
        f"admin:{admin_id}",
        before=before.role.value,
        role=role.value,
    )
    return admin


def remove(session: Session, admin_id: int, *, now: datetime, actor: Actor = CLI) -> None:
    """Take an admin's log-in away, their sessions with it.

    Raises:
        NotFoundError: there is no such admin.
        ConflictError: nobody would be left to look after the admins.
    """
    _keep_an_operator(session, admins.get(session, admin_id))
    admins.remove(session, admin_id)
    journal.write(session, now, actor, "admin.removed", f"admin:{admin_id}")


def _keep_an_operator(session: Session, admin: Admin) -> None:
    if admin.role is Role.OPERATOR and admins.count(session, Role.OPERATOR) == 1:
        text = N_("This is the only operator. Make somebody else an operator first.")
        raise ConflictError(Message(text))


def log_in(session: Session, admin_id: int, now: datetime, *, whole: bool = True) -> str:
    """Open a session for an admin whose password fits; give the token for the cookie.

    `whole` False: the code is still to come, see `bot.moderation.log_in.finish`.
    """
    token = new_token()
    sessions.add(session, admin_id, hash_token(token), now, whole=whole)
    if whole:
        journal.write(session, now, Actor("admin", admin_id), "admin.logged_in", f"admin:{admin_id}")
    return token

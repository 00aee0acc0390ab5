"""Who may do what on the admin pages: three roles, each of which may do all that the one before it may."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.text import N_


class Role(StrEnum):
    """What an admin may do. The order is the order of power."""

    READER = "reader"
    MODERATOR = "moderator"
    OPERATOR = "operator"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what `needed` may."""
        return _ORDER.index(self) >= _ORDER.index(needed)


_ORDER = tuple(Role)

ROLES: dict[Role, str] = {
    Role.READER: N_("Reader: sees the queue, the roster, the log and health; changes nothing"),
    Role.MODERATOR: N_("Moderator: also reads and decides on notices, pauses notices and volunteers"),
    Role.OPERATOR: N_("Operator: also removes volunteers, makes personal links, looks after the admins"),
}
"""What each role may do, as an admin reads it."""


@dataclass(frozen=True, slots=True)
class Admin:
    """A person who may log in to the admin pages."""

    id: int
    name: str
    created_at: datetime
    role: Role


@dataclass(frozen=True, slots=True)
class SecurityKey:
    """A security key or passkey of an admin, as its site knows it. `count` is that of its last answer."""

    id: int
    name: str
    credential_id: bytes
    public_key: bytes
    count: int
    since: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A log-in that still holds, and what it has proved so far."""

    admin: Admin
    whole: bool
    """Every factor was given; until then it opens nothing but the page that asks for the code."""
    proved_at: datetime
    """When a factor was last given."""
    has_factor: bool
    """The admin has a second factor: an app, a security key, or both."""

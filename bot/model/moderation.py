"""A notice in moderation: flags a machine raises, decisions a person takes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.text import N_, Message


class FlagKind(StrEnum):
    """What a pure rule may remark. A flag sorts the queue and marks words; it never refuses."""

    PERSONAL_DATA = "personal_data"
    DUPLICATE = "duplicate"
    TWIN = "twin"
    OFFER = "offer"
    SCAM = "scam"
    TOO_LONG = "too_long"
    REPORTED = "reported"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Flag:
    """One remark of a machine. `spans` are half-open character ranges of `field` to mark."""

    kind: FlagKind
    message: Message
    severe: bool = False
    field: str = "text"
    spans: tuple[tuple[int, int], ...] = ()
    short: str = ""
    """Two words for the moderators' queue, an English source string."""


class Verdict(StrEnum):
    """What a moderator may decide."""

    ACCEPT = "accept"
    ACCEPT_FIXED = "accept_fixed"
    ASK = "ask"
    LATER = "later"
    REFUSE = "refuse"


class Reason(StrEnum):
    """Why a notice is refused or sent back; the seeker reads the sentence of `REASONS`."""

    PERSONAL_DATA = "personal_data"
    NOT_A_SEARCH = "not_a_search"
    SCAM = "scam"
    DUPLICATE = "duplicate"
    CHARTER = "charter"


REASONS: dict[Reason, str] = {
    Reason.PERSONAL_DATA: N_("Personal data is visible"),
    Reason.NOT_A_SEARCH: N_("Not a job search"),
    Reason.SCAM: N_("Scam or advertising"),
    Reason.DUPLICATE: N_("Duplicate"),
    Reason.CHARTER: N_("Against the charter"),
}
MEANINGS: dict[Reason, str] = {
    Reason.PERSONAL_DATA: N_(
        "Strangers would read a phone number, an address or another detail of yours. Leave it out; "
        "people can answer under your post."
    ),
    Reason.NOT_A_SEARCH: N_(
        "Only people who look for a job themselves are shared here. If you do, say which job you look for."
    ),
    Reason.SCAM: N_(
        "It reads as if it promised easy money, asked for some or sold something. If that is not so, say "
        "plainly which job you look for."
    ),
    Reason.DUPLICATE: N_("This notice, or one very like it, is here already. One at a time is enough."),
    Reason.CHARTER: N_(
        "It says something that our volunteers cannot share. Say what you look for in other words."
    ),
}
"""What a reason means and what to do, for the seeker."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided. `note` is the moderator's own sentence to the seeker, may be empty."""

    id: int
    notice_id: int
    admin_id: int | None
    """None: decided from the command line."""
    verdict: Verdict
    reason: Reason | None
    note: str
    at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An admin reads this notice; nobody else decides on it until then."""

    notice_id: int
    admin_id: int
    admin_name: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A remark that a notice is not right, in the words of a volunteer or of anybody."""

    id: int
    notice_id: int
    volunteer_id: int | None
    at: datetime
    why: str
    outside: bool = False
    """By anybody, from the share page: moderators read the notice again, and it goes round meanwhile."""
    contact: str = ""
    """Where somebody from outside would like an answer."""
    settled_at: datetime | None = None

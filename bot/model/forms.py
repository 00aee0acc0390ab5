"""What is wrong with a field of a form, said beside it; what tells a form that was sent from all others."""

from dataclasses import dataclass
from datetime import datetime

from bot.errors import ConflictError
from bot.model.text import Message


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem. `field` is the id of the control on the page; `message` says what to do."""

    field: str
    message: Message


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one form that was shown from all others: a keyed hash, of use until it is too old."""

    key: str
    until: datetime


class SpentFormError(ConflictError):
    """This very form has been taken in before, and no open notice came of it."""

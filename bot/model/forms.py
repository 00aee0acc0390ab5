"""What is wrong with a field of a form, said beside that field."""

from dataclasses import dataclass

from bot.model.text import Message


@dataclass(frozen=True, slots=True)
class FieldError:
    """One problem. `field` is the id of the control on the page; `message` says what to do."""

    field: str
    message: Message

"""Calls to networks in a volunteer's name: what they do, and what bounds them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Action(StrEnum):
    """What a call does; limits and prices are per action."""

    LOCATE = "locate"
    LOOK = "look"
    BOOST = "boost"
    UNDO = "undo"
    READ_BACK = "read_back"
    RENEW = "renew"
    PUBLISH = "publish"
    """A post of the collective's own account; taking it back is an `UNDO`."""


class Scope(StrEnum):
    """What a limit counts together, the narrowest first: exactly this waits when it is used up."""

    ACCOUNT = "account"
    INSTANCE = "instance"
    """All calls to one host from this machine."""
    APP = "app"
    """All calls with this installation's credentials."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` calls of these actions in any `per`, counted per `scope`; `source`: where it stands.

    `weights`: as how many an action counts, where that is more than one; at most a tenth of `most`.
    """

    scope: Scope
    actions: frozenset[Action]
    most: int
    per: timedelta
    source: str
    weights: Mapping[Action, int] = field(default_factory=dict, hash=False)

    def weight(self, action: Action) -> int:
        """Give as how many calls an action counts."""
        return self.weights.get(action, 1)


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an answer's headers say of a window: how many calls are left, until when (aware UTC)."""

    scope: Scope
    action: Action
    left: int
    until: datetime

"""What a run is about, and what it came to."""

from dataclasses import dataclass, field
from typing import NamedTuple

from bot.model.volunteer import Limits


class Boost(NamedTuple):
    """A boost of the template: who makes it of what, within which limits."""

    id: int
    account: str
    target: str
    limits: Limits
    notice_id: int
    volunteer_id: int


@dataclass
class Found:
    """What a run came to: `duplicates`, `lost`, `untrue` and `broken` must be nothing."""

    seed: int
    weather: str = ""
    kind: str = ""
    engines: int = 1
    acts: list[str] = field(default_factory=list)
    """What people did, and at which request."""
    paid: str = ""
    """The budget of a day and month, in boosts."""
    stepped: bool = False
    """Somebody set the wall clock now and then, by an hour or a day."""
    kills: list[str] = field(default_factory=list)
    boosts: int = 0
    requests: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    """Boosts that each kind befell; `other`: requests of any other kind that a fault befell."""
    renewed: int = 0
    undone: int = 0
    duplicates: int = 0
    lost: int = 0
    untrue: int = 0
    """The database says made, the network has nothing; or the other way round."""
    broken: int = 0
    """Caps, spacings, budgets, halts and breaks passed, leases left, checks of the database failed."""
    passed_h: float = 0.0
    took_s: float = 0.0
    cpu_s: float = 0.0
    """Processor time of its engines."""
    why: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.duplicates or self.lost or self.untrue or self.broken)

    def wrong(self, why: str) -> None:
        """Note that something is broken."""
        self.broken += 1
        self.why.append(why)


class Deed(NamedTuple):
    """What somebody does at the network's n-th request: `number` names a notice, boost or person."""

    at: int
    name: str
    number: int = 0
    other: int = 0

    @classmethod
    def of(cls, name: str, boost: Boost, at: int = 0) -> "Deed":
        """Give what somebody does about a boost, its notice or its volunteer."""
        about = {"undo": (boost.id, boost.volunteer_id), "pause": (boost.volunteer_id,), "halt": ()}
        return cls(at, name, *about.get(name, (boost.notice_id,)))

"""What delivery goes by: the networks it can call, what is allowed there, and its own spans. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model.budget import Budget
from bot.model.policy import Policies
from bot.networks.api.base import Api, Publisher

LOOK_FRESH = timedelta(seconds=60)
"""A post is looked at no longer than this before it is boosted."""
LEASE_PART = 2.5
"""A lease lasts so many deadlines: whoever holds it has long stopped when it lapses."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`owner` names this process; `deadline` bounds a call, `quiet` is waited before an unknown one is read.

    `quiet` is at least two deadlines.
    """

    owner: str
    apis: Mapping[str, Api]
    policies: Policies
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    """Of networks whose calls cost money; without one nothing is spent."""
    publishers: Mapping[str, Publisher] = field(default_factory=dict)
    """Of networks on which the collective's own account can publish."""
    address: str = ""
    """Of the site, for the link in what is published. Without one nothing is."""
    deadline: timedelta = timedelta(seconds=20)
    quiet: timedelta = timedelta(seconds=120)

    def __post_init__(self) -> None:
        if self.quiet < 2 * self.deadline:
            message = "the quiet period must last two deadlines or more"
            raise ValueError(message)

    def publishes(self, network: str) -> bool:
        """Whether a notice without a post can be published there."""
        return bool(self.address) and network in self.publishers

    @property
    def lease(self) -> timedelta:
        """How long a lane is held for one call."""
        return self.deadline * LEASE_PART

    @property
    def fresh(self) -> timedelta:
        """How old a look may be when the boost is claimed, so that it is fresh when the boost is made."""
        return max(LOOK_FRESH - self.deadline, timedelta())

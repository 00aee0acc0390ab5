"""How a boost of today ended, as its volunteer's page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.boost import DONE_STATES, Boost, BoostState, Mode
from bot.model.notice import Notice
from bot.model.text import Message
from bot.networks import Network
from bot.reporting import explain


@dataclass(frozen=True, slots=True)
class Answer:
    """A boost that was made, or that the volunteer passed on; `why` is the private reason of a skip.

    `reported`: the volunteer said that the notice is not right.
    """

    boost: Boost
    notice: Notice
    network: str
    why: str = ""
    reported: bool = False

    @property
    def done(self) -> bool:
        """Whether it was made; a skip otherwise."""
        return self.boost.state in DONE_STATES

    @property
    def by_bot(self) -> bool:
        """Whether the bot made it: the network must be asked to take it back."""
        return self.boost.state is BoostState.VERIFIED

    @property
    def by_itself(self) -> bool:
        """Whether the bot made it without a tap of its own."""
        return self.by_bot and self.boost.mode is Mode.AUTOMATIC

    @property
    def reason(self) -> Message:
        """Why this volunteer."""
        return explain.why_asked(self.boost.reason)


def label_of(networks: Mapping[str, Network], name: str) -> str:
    """Give the name people know of a network, in use or not."""
    return networks[name].label if name in networks else name

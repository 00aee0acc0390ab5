"""An account on the fake X that is lent to us."""

from datetime import UTC, datetime, timedelta

from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.networks.api.base import Lent
from bot.networks.connect.x_pair import SCOPES, Pair

SAM = Account(1, 1, "x", "sam")


def lent(fake, number, life=timedelta(hours=2)):
    """An account of `number` that is lent to us."""
    access, refresh = fake.oauth.lend(number)
    ends = datetime.now(UTC) + life
    pair = Pair(Secret(access), Secret(refresh), ends, frozenset(SCOPES), number)
    return Lent(SAM, pair.text())

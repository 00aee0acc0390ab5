"""The networks under test. A real server joins when the environment names it."""

import os

from tests.contract.bluesky import bluesky_real
from tests.contract.mastodon import gotosocial_like, mastodon_like
from tests.contract.mastodon_real import NEEDED, real
from tests.contract.stage import Opening
from tests.contract.x import x_like

NETWORKS: dict[str, Opening] = {
    "mastodon": mastodon_like,
    "gotosocial": gotosocial_like,
    "x": x_like,
    "bluesky": bluesky_real,
}
if all(name in os.environ for name in NEEDED):
    NETWORKS["mastodon-real"] = real

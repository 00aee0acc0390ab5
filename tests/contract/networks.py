"""The networks under test. Servers that the environment names are tried in the place of fakes."""

from tests.contract.bluesky import bluesky_real
from tests.contract.mastodon import gotosocial_like, mastodon_like
from tests.contract.mastodon_real import NAMED, real
from tests.contract.stage import Opening
from tests.contract.x import x_like

NETWORKS: dict[str, Opening] = {
    "mastodon": mastodon_like,
    "gotosocial": gotosocial_like,
    "x": x_like,
    "bluesky": bluesky_real,
    "mastodon-real" if NAMED else "mastodon-as-real": real,
}

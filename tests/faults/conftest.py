"""The recording network and the collective that lends accounts there, as the tests of delivery have them."""

from tests.delivery.conftest import lending, net, served

__all__ = ["lending", "net", "served"]

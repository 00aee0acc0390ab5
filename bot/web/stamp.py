"""When a form was shown, signed, in a hidden field: who fills it in faster than a person sends it twice.

A stamp is one of a kind; so a form that arrives a second time is known by it.
"""

import hmac
import secrets

from bot.trust.links import Keyring

PURPOSE = "form-shown"
MIN_FILL_S = 2.0
"""Real seconds from showing to sending; a person needs a minute, a program none."""


def make(keys: Keyring, at: float) -> str:
    """Sign the moment (Unix seconds) at which a form is shown."""
    shown = f"{at:.1f}.{secrets.token_hex(8)}"
    return f"{shown}.{keys.digest(PURPOSE, shown)[:32]}"


def waited(keys: Keyring, at: float) -> str:
    """Sign a form that is shown again at `at`: a person answers a question in less than `MIN_FILL_S`."""
    return make(keys, at - MIN_FILL_S - 1)


def too_fast(keys: Keyring, stamp: str, at: float) -> bool:
    """Whether the form came back within `MIN_FILL_S`, or with no stamp of ours."""
    shown, _, signature = stamp.rpartition(".")
    expected = keys.digest(PURPOSE, shown)[:32]
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        return True
    return at - float(shown.rpartition(".")[0]) < MIN_FILL_S

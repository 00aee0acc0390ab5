"""Records of Bluesky: their keys and dates, addresses and references. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

POSTS = "app.bsky.feed.post"
REPOSTS = "app.bsky.feed.repost"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_TID_CHARS = 13
_CLOCK_BITS = 10


@dataclass(frozen=True, slots=True)
class Uri:
    """The address of a record, `at://<did>/<collection>/<key>`."""

    did: str
    collection: str
    key: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Take an address apart.

        Raises:
            ValueError: it is none.
        """
        parts = text.removeprefix("at://").split("/")
        if not text.startswith("at://") or len(parts) != len(cls.__slots__) or not all(parts):
            message = "not the address of a record"
            raise ValueError(message)
        return cls(*parts)

    def __str__(self) -> str:
        return f"at://{self.did}/{self.collection}/{self.key}"


@dataclass(frozen=True, slots=True)
class Ref:
    """One version of a record: its address, and the hash of what stands there."""

    uri: Uri
    cid: str

    @classmethod
    def read(cls, target: str) -> Self:
        """Read what `str(ref)` wrote.

        Raises:
            ValueError: it is something else.
        """
        uri, cid = target.split(" ")
        return cls(Uri.read(uri), cid)

    def __str__(self) -> str:
        return f"{self.uri} {self.cid}"


def tid(at: datetime, number: int) -> str:
    """Give the record key (TID) of what a row of ours does at that moment: always the same one.

    53 bits of microseconds and 10 bits of "clock id" (atproto.com/specs/tid); `at` has whole milliseconds,
    so `number` fills the rest: a million numbers in a row differ within one millisecond.
    """
    micros = (at - _EPOCH) // timedelta(microseconds=1) + number % 1000
    value = micros << _CLOCK_BITS | number // 1000 % (1 << _CLOCK_BITS)
    return "".join(_ALPHABET[value >> 5 * place & 31] for place in reversed(range(_TID_CHARS)))


def written(at: datetime) -> str:
    """Give a moment as records carry it: UTC, milliseconds, a Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def repost(ref: Ref, at: datetime) -> dict[str, object]:
    """Give the record of a repost, byte for byte the same for the same intent."""
    return {
        "$type": REPOSTS,
        "subject": {"uri": str(ref.uri), "cid": ref.cid},
        "createdAt": written(at),
    }


def digest(text: str, cid: str) -> str:
    """Give the hash of a post as it stands: its words, and with `cid` everything else it carries."""
    return hashlib.sha256(f"{text}\0{cid}".encode("utf-8", "surrogatepass")).hexdigest()

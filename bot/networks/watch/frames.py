"""Frames of Jetstream, the stream of all that is posted on Bluesky: versions 1 and 2, taken apart. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model.found import FoundAuthor, FoundPost
from bot.model.notice import PostRef
from bot.model.tags import tag_of, tags_in
from bot.networks.watch.base import Wanted

POSTS = "app.bsky.feed.post"
_V2 = "network.bsky.jetstream.subscribeEvents"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SAFE_LABELS = frozenset({"bot", "!no-unauthenticated"})
"""Self-labels that say nothing about the content of a post."""
_QUOTES = ("app.bsky.embed.record", "app.bsky.embed.recordWithMedia")
_FAR_US = 2**53
"""Microseconds: the year 2255, where JSON's whole numbers end."""
_RUN = re.compile(r"[a-z0-9_]{3,}")


@dataclass(frozen=True, slots=True)
class Event:
    """A frame taken apart. `kind` is `commit`, `info`, `error` or another kind of event."""

    kind: str
    seq: int = 0
    """Version 2: the place in this host's own stream."""
    time_us: int = 0
    """Microseconds since 1970."""
    did: str = ""
    commit: Mapping[str, Any] | None = None
    name: str = ""
    """Of an error or an info: `ConsumerTooSlow`, `OutdatedCursor`."""

    @property
    def at(self) -> datetime:
        """When it happened, aware UTC."""
        return _EPOCH + timedelta(microseconds=self.time_us)


class Sieve:
    """Lets through the frames that may carry a hashtag, without reading them as JSON.

    A frame is compared in ASCII lower case with the longest plain run of letters of each hashtag; with a
    hashtag that has no such run every frame with a `#` or a tag goes through. It lets too much through, never
    too little, but for letters that become ASCII only by case folding (ſ and the sign of kelvin).
    """

    def __init__(self, tags: Iterable[str]) -> None:
        runs = [max(_RUN.findall(tag), key=len, default="") for tag in tags]
        self._needles = tuple({run.encode() for run in runs} if all(runs) else {b"#", b'"tag'})
        self._only = self._needles[0] if len(self._needles) == 1 else None

    def __call__(self, frame: bytes) -> bool:
        """Whether a frame is worth reading."""
        low = frame.lower()
        if self._only is not None:
            return self._only in low
        return any(needle in low for needle in self._needles)


def read_frame(frame: bytes) -> Event:
    """Take a frame of either version apart.

    Raises:
        ValueError: it is not one.
    """
    try:
        data = json.loads(frame)
        event = _v1(data) if "time_us" in data else _v2(data)
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        message = f"not a frame: {error}"
        raise ValueError(message) from error
    if abs(event.time_us) > _FAR_US:
        message = "not a frame: there is no such moment"
        raise ValueError(message)
    return event


def _v1(data: Mapping[str, Any]) -> Event:
    return Event(str(data["kind"]), 0, int(data["time_us"]), str(data["did"]), data.get("commit"))


def _v2(data: Mapping[str, Any]) -> Event:
    if data.get("$type") == "error" or "error" in data:
        return Event("error", name=str(data.get("error", "")))
    payload = data["payload"]
    kind = str(payload["$type"]).removeprefix(_V2).removeprefix("#")
    if kind == "info":
        return Event("info", name=str(payload.get("name", "")))
    time_us = (datetime.fromisoformat(payload["time"]) - _EPOCH) // timedelta(microseconds=1)
    commit = payload if kind == "commit" else None
    return Event(kind, int(payload["seq"]), time_us, str(payload["did"]), commit)


def found_in(event: Event, wanted: Wanted) -> FoundPost | None:
    """Give the post of an event when it is new and carries a wanted hashtag; its author by DID only."""
    commit = event.commit
    if commit is None or commit.get("operation") != "create" or commit.get("collection") != POSTS:
        return None
    record = commit.get("record")
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return None
    features = list(_features(record))
    tags = {tag_of(f["tag"]) for f in features if isinstance(f.get("tag"), str)}
    tags |= {tag_of(tag) for tag in _list(record, "tags") if isinstance(tag, str)}
    if not wanted.tags & (tags | tags_in(record["text"])):
        return None
    did, key = event.did, str(commit.get("rkey"))
    labels = _labels(record)
    url = f"https://bsky.app/profile/{did}/post/{key}"
    return FoundPost(
        post=PostRef("bluesky", url, f"at://{did}/{POSTS}/{key}", did),
        author=FoundAuthor(did, bot="bot" in labels, hidden="!no-unauthenticated" in labels),
        text=record["text"],
        at=event.at,
        lang=next((lang for lang in _list(record, "langs") if isinstance(lang, str)), ""),
        mentions=bool(wanted.account) and any(f.get("did") == wanted.account for f in features),
        reply="reply" in record,
        quote=isinstance(record.get("embed"), dict) and record["embed"].get("$type") in _QUOTES,
        sensitive=bool(labels - _SAFE_LABELS),
    )


def _list(record: Mapping[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    return value if isinstance(value, list) else []


def _features(record: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    for facet in _list(record, "facets"):
        if isinstance(facet, dict):
            yield from (feature for feature in _list(facet, "features") if isinstance(feature, dict))


def _labels(record: Mapping[str, Any]) -> frozenset[str]:
    """Give the self-labels of a record: `{"labels": {"values": [{"val": "bot"}]}}`."""
    labels = record.get("labels")
    values = _list(labels, "values") if isinstance(labels, dict) else []
    return frozenset(str(row.get("val", "")) for row in values if isinstance(row, dict))

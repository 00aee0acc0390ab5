"""Synthetic rounds: documents of docs/reference/round.md drawn from a seed, for tests and benchmarks."""

import random
from typing import Any

Document = dict[str, Any]

NETWORKS = ("x", "mastodon", "bluesky", "linkedin")
LANGS = ("fr", "en")
TAGS = tuple("ABCDEFGHIJKLMN")
REGIONS = tuple(f"region-{i}" for i in range(18))


def document(seed: int, size: int, scarcity: float) -> Document:
    """Draw a round of `size` requests; `scarcity` is the volunteers' capacity over what would be wanted.

    Includes weights, histories of earlier boosts, and twins: requests that differ in nothing but their names.
    """
    rng = random.Random(seed)
    volunteers: list[Document] = []
    wanted = size * 9 * scarcity
    while wanted > 0:
        volunteers.append(_volunteer(rng, f"v{len(volunteers)}"))
        wanted -= capacity(volunteers[-1])
    names = [volunteer["id"] for volunteer in volunteers]
    requests: list[Document] = []
    for i in range(size):
        if requests and rng.random() < 0.15:
            twin = rng.choice(requests)
            requests.append({**twin, "id": f"r{i}", "seeker": f"s{i}"})
        else:
            requests.append(_request(rng, i, names))
    return {"horizon": [0, 1440], "requests": requests, "volunteers": volunteers}


def _request(rng: random.Random, i: int, names: list[str]) -> Document:
    met = rng.sample(names, min(len(names), rng.choice((0, 0, 0, 1, 2, 6))))
    return {
        "id": f"r{i}",
        "seeker": f"s{i}",
        "networks": rng.sample(NETWORKS, rng.choice((1, 1, 2, 3))),
        "lang": "fr" if rng.random() < 0.9 else "en",
        "tags": rng.sample(TAGS, rng.choice((1, 1, 2))),
        "region": rng.choice(REGIONS) if rng.random() < 0.6 else None,
        "weight": 2 if rng.random() < 0.2 else 1,
        "demand": rng.choice((3, 6, 12, 12, 12, 20, 40)),
        "received": len(met) + rng.choice((0, 0, 0, 1, 3)),
        "boosted_by": met,
    }


def _volunteer(rng: random.Random, name: str) -> Document:
    return {
        "id": name,
        "network": rng.choice(NETWORKS),
        "langs": rng.choice((["fr"], ["fr"], ["fr", "en"], ["en"])),
        "topics": None if rng.random() < 0.5 else rng.sample(TAGS, rng.randint(1, 5)),
        "regions": None if rng.random() < 0.6 else rng.sample(REGIONS, rng.randint(1, 3)),
        "cap_day": rng.choice((0, 1, 1, 2, 3, 4, 5, 8, 10)),
        "cap_hour": rng.choice((1, 1, 2, 3)),
        "min_gap": rng.choice((0, 10, 30, 60, 120)),
        "quiet_start": rng.choice((0, 1260, 1320, 1380)),
        "quiet_len": rng.choice((0, 480, 540, 600, 1200, 1439)),
        "followers": int(rng.lognormvariate(6, 1.2)),
    }


def capacity(volunteer: Document) -> int:
    """Give the slot count of a volunteer as the format defines it."""
    spacing = max(volunteer["min_gap"], -(-60 // volunteer["cap_hour"]))
    return min(volunteer["cap_day"], (1440 - volunteer["quiet_len"]) // spacing)

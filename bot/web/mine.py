"""What stands before a volunteer's own pages: the token in the address says whose they are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, ParamSpec

from fastapi import Depends
from starlette.responses import Response

from bot.errors import ConflictError
from bot.model.journal import Actor
from bot.model.volunteer import Volunteer
from bot.roster import change
from bot.storage import Session
from bot.web.pages import OnPage, Page

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Mine:
    """One request for one of a volunteer's own pages; times are in the volunteer's time zone."""

    page: Page
    token: str
    volunteer: Volunteer

    @property
    def actor(self) -> Actor:
        """Who acts, for the journal."""
        return Actor("volunteer", self.volunteer.id)

    def path(self, rest: str = "") -> str:
        """Give a path below the inbox, without the language: `path("/settings")`."""
        return f"/inbox/{self.token}{rest}"

    def url(self, rest: str = "") -> str:
        """Give an address below the inbox; `mine.url` in the templates."""
        return self.page.url(self.path(rest))

    def show(self, template: str, status: int = 200, **context: Any) -> Response:
        """Render a template, which also has `mine` and `volunteer`."""
        zone = self.volunteer.limits.time_zone
        return self.page.show(template, status, zone=zone, mine=self, volunteer=self.volunteer, **context)

    def redirect(self, rest: str = "") -> Response:
        """Answer a POST: see the page `rest` below the inbox next."""
        return self.page.redirect(self.path(rest))

    async def act(
        self,
        then: str,
        fn: Callable[Concatenate[Session, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run a stage function and go to `then`; a conflict is told in words, with the way back."""
        try:
            await self.page.app.store.write(fn, *args, **kwargs)
        except ConflictError as error:
            return self.sorry(error)
        return self.redirect(then)

    def sorry(self, error: ConflictError) -> Response:
        """Say why an act has no object any more."""
        return self.show("volunteer/sorry.html", 409, message=error.args[0])


async def _mine(page: OnPage, token: str) -> Mine:
    return Mine(page, token, await page.app.store.read(change.owner, token))


OnMine = Annotated[Mine, Depends(_mine)]
"""The volunteer whose token the address carries; 404 for any other."""

"""Who wrote a post on Bluesky: its public AppView tells without a log-in."""

from urllib.parse import urlsplit

from bot.model.found import FoundAuthor
from bot.networks.errors import UnavailableError
from bot.networks.http import Http, NoAnswerError, NotSentError
from bot.networks.watch.jetstream import Profile

_OK, _GONE = 200, 400
_HIDDEN = "!no-unauthenticated"


def profiles(http: Http, base: str) -> Profile:
    """Make the look-up of profiles at an AppView like `https://public.api.bsky.app`."""

    async def look_up(did: str) -> FoundAuthor | None:
        """Give what the profile says; None when the account is gone, deactivated or taken down.

        Raises:
            UnavailableError: nothing is known now.
        """
        try:
            answer = await http.request(
                "GET", f"{base}/xrpc/app.bsky.actor.getProfile", params={"actor": did}
            )
            if answer.status == _GONE:
                return None
            data = answer.json() if answer.status == _OK else None
        except (NotSentError, NoAnswerError) as error:
            message = f"{urlsplit(base).hostname} gave no profile: {error}"
            raise UnavailableError(message) from error
        if not isinstance(data, dict):
            message = f"{urlsplit(base).hostname} answered {answer.status} instead of a profile"
            raise UnavailableError(message)
        labels = {str(row.get("val")) for row in data.get("labels") or () if isinstance(row, dict)}
        return FoundAuthor(
            did,
            handle=str(data.get("handle", "")),
            name=str(data.get("displayName") or ""),
            bio=str(data.get("description") or ""),
            bot="bot" in labels,
            hidden=_HIDDEN in labels,
        )

    return look_up

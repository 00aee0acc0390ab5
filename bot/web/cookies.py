"""The cookies of this site, as the page about data lists them; a test compares it with what the code sets."""

from dataclasses import dataclass
from datetime import timedelta

from bot.model.lending import LASTS
from bot.model.text import N_
from bot.web import lend, login, notice_form, openid
from bot.web.pages import LANG_COOKIE


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. `kept` None: until the browser is closed."""

    name: str
    what: str
    kept: timedelta | None


COOKIES = (
    Cookie(
        notice_form.COOKIE,
        N_("After you send a notice: finds it again on this device"),
        timedelta(seconds=notice_form.COOKIE_S),
    ),
    Cookie(
        LANG_COOKIE,
        N_("When you choose another language than your browser’s: remembers it"),
        timedelta(days=365),
    ),
    Cookie(
        lend.COOKIE,
        N_("When a volunteer lends an account: leads back from the network’s page"),
        LASTS,
    ),
    Cookie("admin", N_("Moderators: their log-in"), None),
    Cookie(
        login.DEVICE,
        N_("Moderators: this browser has logged in before, so that nobody else’s guesses lock it out"),
        timedelta(seconds=login.DEVICE_S),
    ),
    Cookie(
        openid.COOKIE,
        N_("Moderators: leads back from the collective’s own log-in page"),
        openid.LIFE,
    ),
)

"""Where people may answer a seeker who has no post: an address that is shown. Pure."""

from urllib.parse import urlsplit

from bot.intake.mail import read_email
from bot.model.notice import ANSWER_TO_MAX
from bot.networks.urls import problem_of


def read_answer_to(text: str) -> str | None:
    """Give an email address in lower case, or a web address with its scheme; None for anything else.

    A web address leads to a public host with a name in plain letters, without login or port, so that what is
    shown is where it goes.
    """
    if len(text) > ANSWER_TO_MAX:
        return None
    if email := read_email(text):
        return email
    if "@" in text.partition("/")[0] or problem_of(text) is not None:
        return None
    parts = urlsplit(text if "://" in text else f"https://{text}")
    return parts._replace(netloc=parts.netloc.lower()).geturl()

"""From the raw strings of the form to a draft, or to what is wrong with them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.intake.answers import read_answer_to
from bot.intake.mail import read_email
from bot.intake.words import clean
from bot.model.forms import FieldError
from bot.model.notice import NAME_MAX, PLACE_MAX, TEXT_MAX, TITLE_MAX, Contract, Notice, NoticeText, PostRef
from bot.model.personal import Found, find_personal, without_personal
from bot.model.text import LANGUAGES, N_, Message
from bot.networks.base import LinkRefusedError, Network
from bot.networks.links import read_link

__all__ = [
    "Draft",
    "FieldError",
    "Submission",
    "filled",
    "personal_in",
    "read",
    "without_personal_in",
    "words_of",
]

WORDS = ("title", "place", "text", "name")
"""Fields of a submission that become public as they are typed."""
_LIMITS = {"title": TITLE_MAX, "place": PLACE_MAX, "text": TEXT_MAX, "name": NAME_MAX}
_MISSING = {
    "title": N_("Enter the job you are looking for"),
    "place": N_("Enter a town, a department or a region, or “anywhere”"),
    "text": N_("Write one or two sentences about yourself"),
    "name": N_("Enter a first name or a nickname"),
}


@dataclass(frozen=True, slots=True)
class Submission:
    """What was typed and ticked, untouched. Every string may be hostile, empty or far too long."""

    title: str = ""
    place: str = ""
    remote: bool = False
    contract: str = ""
    """A value of `Contract`."""
    text: str = ""
    has_post: str = ""
    """`yes` or `no`."""
    link: str = ""
    name: str = ""
    email: str = ""
    consent: bool = False
    answer_to: str = ""
    show_answer_to: bool = False
    """The yes to showing `answer_to`."""
    volunteers_only: bool = False
    """No to the collective's own account."""
    lang: str = "fr"


@dataclass(frozen=True, slots=True)
class Draft:
    """A notice that may be sent. `post` None: it gets a share page of its own."""

    words: NoticeText
    email: str | None
    post: PostRef | None
    lang: str
    answer_to: str = ""
    """Shown on the share page, with its owner's yes."""
    by_collective: bool = True
    """The collective's own account may share it; of a change it is not read."""


def read(
    submission: Submission, networks: Mapping[str, Network], *, consent_given: bool = False
) -> tuple[Draft | None, list[FieldError]]:
    """Give the draft, or None and every problem in the order of the page.

    Words are cleaned by `bot.intake.words.clean` first; limits count cleaned characters. `consent_given`:
    an edit of a notice whose consent is on record needs no second tick.
    """
    words = words_of(submission)
    wrong = {name: problem for name in WORDS if (problem := _word_problem(name, words[name]))}
    contract = next((c for c in Contract if c.value == submission.contract), None)
    if contract is None:
        wrong["contract"] = Message(N_("Choose a kind of contract; “Any” is a choice too"))
    post, wrong_link = _post(submission, networks)
    if wrong_link:
        wrong["link"] = wrong_link
    answer_to, wrong_answer_to = _answer_to(submission, post_wanted=post is not None or bool(wrong_link))
    if wrong_answer_to:
        wrong["answer_to"] = wrong_answer_to
    typed = clean(submission.email)
    email = read_email(typed) if typed else None
    if typed and email is None:
        wrong["email"] = Message(N_("Enter an email address like name@example.fr"))
    if not (submission.consent or consent_given):
        wrong["consent"] = Message(N_("Tick the box so that we may publish your notice"))
    if submission.lang not in LANGUAGES:
        wrong["lang"] = Message(N_("Choose French or English: fr or en"))
    if wrong or contract is None:
        order = (
            "title",
            "place",
            "contract",
            "text",
            "link",
            "answer_to",
            "name",
            "email",
            "consent",
            "lang",
        )
        return None, [FieldError(name, wrong[name]) for name in order if name in wrong]
    notice = NoticeText(
        words["title"], words["place"], submission.remote, contract, words["text"], words["name"]
    )
    wanted = not submission.volunteers_only
    return Draft(notice, email, post, submission.lang, answer_to, by_collective=wanted), []


def words_of(submission: Submission) -> dict[str, str]:
    """Give the cleaned words of a submission, by field."""
    return {name: clean(getattr(submission, name)) for name in WORDS}


def personal_in(submission: Submission) -> list[tuple[str, Found]]:
    """Give the personal data in the words of a submission, by field, positions in the cleaned words."""
    return [(name, found) for name, words in words_of(submission).items() for found in find_personal(words)]


def without_personal_in(submission: Submission) -> Submission:
    """Give the submission with the personal data taken out of its words."""
    return replace(
        submission,
        title=without_personal(clean(submission.title)),
        place=without_personal(clean(submission.place)),
        text=without_personal(clean(submission.text)),
        name=without_personal(clean(submission.name)),
    )


def filled(notice: Notice, email: str | None) -> Submission:
    """Give the submission that would make this notice, to fill the page of changes with."""
    words = notice.words
    link = notice.posts[0].url if notice.posts else ""
    return Submission(
        title=words.title,
        place=words.place,
        remote=words.remote,
        contract=words.contract.value,
        text=words.text,
        has_post="yes" if link else "no",
        link=link,
        name=words.name,
        email=email or "",
        consent=True,
        answer_to=notice.answer_to,
        show_answer_to=bool(notice.answer_to),
        volunteers_only=not notice.by_collective,
        lang=notice.lang,
    )


def _word_problem(name: str, value: str) -> Message | None:
    if not any(char.isalnum() for char in value):
        return Message(_MISSING[name])
    if len(value) > _LIMITS[name]:
        return Message(
            N_("Shorten this to %(most)s characters at most; it has %(now)s"),
            {"most": _LIMITS[name], "now": len(value)},
        )
    return None


def _post(submission: Submission, networks: Mapping[str, Network]) -> tuple[PostRef | None, Message | None]:
    link = clean(submission.link)
    if submission.has_post == "no" or (not link and submission.has_post != "yes"):
        return None, None
    if not link:
        return None, Message(N_("Paste the link to your post, or answer “No”"))
    try:
        return read_link(link, networks), None
    except LinkRefusedError as refused:
        return None, refused.message


def _answer_to(submission: Submission, *, post_wanted: bool) -> tuple[str, Message | None]:
    """Give the address to show; none beside a post, under which people answer."""
    typed = clean(submission.answer_to)
    if not typed or post_wanted:
        return "", None
    address = read_answer_to(typed)
    if address is None:
        return "", Message(
            N_("Enter an email address or a web address, like name@example.fr or example.fr/me")
        )
    if not submission.show_answer_to:
        return "", Message(N_("Tick the box so that we may show this address, or empty the field"))
    return address, None

"""A seeker's call for a job, the posts that carry it, and the moves its state allows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.text import N_

TITLE_MAX = 60
PLACE_MAX = 60
NAME_MAX = 40
TEXT_WANTED = 240
"""Characters the form asks for; longer texts are kept, flagged `too_long` and refused above `TEXT_MAX`."""
TEXT_MAX = 400
LINK_MAX = 500
EMAIL_MAX = 254
ANSWER_TO_MAX = 200


class Contract(StrEnum):
    """Kinds of contract a seeker may choose."""

    PERMANENT = "permanent"
    FIXED_TERM = "fixed_term"
    APPRENTICESHIP = "apprenticeship"
    INTERNSHIP = "internship"
    FREELANCE = "freelance"
    ANY = "any"


CONTRACTS: dict[Contract, str] = {
    Contract.PERMANENT: N_("Permanent"),
    Contract.FIXED_TERM: N_("Fixed term"),
    Contract.APPRENTICESHIP: N_("Apprenticeship"),
    Contract.INTERNSHIP: N_("Internship"),
    Contract.FREELANCE: N_("Freelance"),
    Contract.ANY: N_("Any"),
}
"""Names of the contracts, as a notice shows them."""


class NoticeState(StrEnum):
    """Where a notice stands. `CLOSED` carries a `CloseReason`."""

    PENDING = "pending"
    ASKED = "asked"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a notice ended."""

    FOUND_JOB = "found_job"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REFUSED = "refused"
    SOURCE_GONE = "source_gone"


class Consent(StrEnum):
    """How far the person behind a notice has said yes; a hashtag alone discovers, it does not consent."""

    FOUND = "found"
    """The post carries the hashtag, nothing more."""
    ASKED = "asked"
    """The person asked: by the form, by mentioning the collective's account, or by confirming a link."""


OPEN_STATES = frozenset(NoticeState) - {NoticeState.CLOSED}
LIVE_STATES = frozenset({NoticeState.ACTIVE, NoticeState.PAUSED})
"""Of a notice whose words a moderator has accepted."""

NOTICE_MOVES: dict[NoticeState, frozenset[NoticeState]] = {
    NoticeState.PENDING: frozenset(
        {NoticeState.PENDING, NoticeState.ASKED, NoticeState.ACTIVE, NoticeState.CLOSED}
    ),
    NoticeState.ASKED: frozenset({NoticeState.PENDING, NoticeState.CLOSED}),
    NoticeState.ACTIVE: frozenset({NoticeState.PENDING, NoticeState.PAUSED, NoticeState.CLOSED}),
    NoticeState.PAUSED: frozenset({NoticeState.PENDING, NoticeState.ACTIVE, NoticeState.CLOSED}),
    # A closed notice comes back only by undo (30 s for a refusal, 24 h for "found a job") or renewal.
    NoticeState.CLOSED: frozenset(
        {NoticeState.PENDING, NoticeState.ASKED, NoticeState.ACTIVE, NoticeState.PAUSED}
    ),
}


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post on a network, normalised: no tracking parameters, the network's own id as a string.

    `author` is the handle as the network writes it (`nadia_compta`, `marthe@piaille.fr`), or empty when the
    URL does not say (LinkedIn).
    """

    network: str
    url: str
    remote_id: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class NoticeText:
    """The words of a notice: what a moderator reads and what is boosted."""

    title: str
    place: str
    remote: bool
    contract: Contract
    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One seeker's call. Times are aware UTC.

    `sector` (ROME letter) and `region` (code of data/regions.json) are guesses that a moderator may correct;
    None means "any" and matches every volunteer. `opened_at` is when boosts may start (acceptance plus the
    undo window), `deadline` when the round of boosts ends, `demand` the most boosts wanted, `weight` 1 or 2.
    """

    id: int
    seeker_id: int
    """Whose link opens it."""
    person_id: int
    """With which seeker's it counts when turns are given: the first of those who gave the same address, post
    or author. That proves nothing, so it opens nothing; moderators see it."""
    state: NoticeState
    words: NoticeText
    lang: str
    sector: str | None
    region: str | None
    posts: tuple[PostRef, ...]
    share_slug: str
    revision: int
    created_at: datetime
    opened_at: datetime | None
    deadline: datetime | None
    demand: int
    weight: int
    close_reason: CloseReason | None = None
    closed_at: datetime | None = None
    snoozed_until: datetime | None = None
    show_name: bool = False
    """The seeker agreed that the first name is shown among those who found a job."""
    first_opened_at: datetime | None = None
    """When its first round began, whatever changes made it wait since."""
    scarcity: int = 0
    """How few slots could serve it, as the last round saw it; see `bot.planning.rule.scarcity_of`."""
    reached: frozenset[str] = frozenset()
    """The circles its boosts have reached; see `bot.planning.rule.circles`."""
    consent: Consent = Consent.ASKED
    alive_at: datetime | None = None
    """The last sign of its seeker, from which its keeping counts; see `bot.model.keeping`."""
    answer_to: str = ""
    """Email or web address that the seeker agreed to show on the share page; empty for none."""
    by_collective: bool = True
    """Whether the seeker lets the collective's own account share it, as the text they agreed to says."""

    def post_on(self, network: str) -> PostRef | None:
        """Give the post that carries it on a network."""
        return next((post for post in self.posts if post.network == network), None)

    @property
    def erased(self) -> bool:
        """Whether its words are erased: what is left is a number with counts."""
        return not self.words.title

    @property
    def networks(self) -> frozenset[str]:
        """Networks on which the notice has a post of its own; empty means its share page goes everywhere."""
        return frozenset(p.network for p in self.posts)

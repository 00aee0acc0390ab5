"""A volunteer's day: everything the inbox shows, from one snapshot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.locale import say
from bot.model.boost import DONE_STATES, WAITING_STATES, Boost, BoostState
from bot.model.day import local_day
from bot.model.notice import Notice, NoticeState
from bot.model.text import N_, Message
from bot.model.volunteer import Volunteer, VolunteerState
from bot.networks import Network
from bot.reporting import explain
from bot.reporting.answers import Answer, label_of
from bot.sets import paper_colour
from bot.settings import Settings
from bot.storage import Session, boosts, halts, notices, reports, volunteers

STRIPS = 6
"""Strips drawn beside the pull tab; they stand for the boosts a notice wants."""
_TEAR_ORDER = (1, 4, 2, 5, 0, 3)
MINUTES_EACH = 0.8
RECENT = timedelta(days=15)
"""A week, plus the longest time a boost may have waited for its answer."""
NEWS_FOR = timedelta(days=14)
NEWS_MAX = 3
WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Card:
    """One notice on the page. `url` is the network's own page, `see_url` the post or the share page."""

    boost: Boost
    notice: Notice
    network: str
    """Name people know."""
    url: str
    see_url: str
    next_tap: Message
    has_post: bool
    """Whether it has a post on this network; otherwise its share page is posted."""
    colour: str
    torn: frozenset[int]
    done: int
    why: Message
    reported: bool
    """Somebody has reported it: a moderator reads it again."""

    @property
    def opened(self) -> bool:
        """Whether the volunteer went to the network and has not said how it ended."""
        return self.boost.state is BoostState.OPENED


@dataclass(frozen=True, slots=True)
class News:
    """A person this volunteer helped has found a job. `name` is empty without their yes."""

    title: str
    place: str
    name: str
    colour: str
    shared_at: datetime
    helpers: int


@dataclass(frozen=True, slots=True)
class Week:
    """Boosts done by local day, today last, and what they came to."""

    days: tuple[tuple[date, int], ...]
    boosts: int
    people: int
    found: int
    """People who found a job among all those ever helped."""


@dataclass(frozen=True, slots=True)
class Day:
    """What the inbox shows.

    `cards` may be acted on now, fewest boosts first; `held` comes later today, soonest first; `next_at` is
    the next planned moment, today or later. `total` counts done, waiting and held: the meter.
    """

    volunteer: Volunteer
    paused: bool
    cards: tuple[Card, ...]
    held: tuple[Card, ...]
    next_at: datetime | None
    answers: tuple[Answer, ...]
    news: tuple[News, ...]
    week: Week
    halted: bool
    """The whole collective stands still: nothing is shown to be done."""
    quiet: tuple[datetime, datetime] | None
    """Start and end of the quiet hours, on today's date."""

    @property
    def done(self) -> int:
        """Boosts made today."""
        return sum(answer.done for answer in self.answers)

    @property
    def by_itself(self) -> int:
        """Of these, boosts that the bot made without a tap of their own."""
        return sum(answer.by_itself for answer in self.answers)

    @property
    def total(self) -> int:
        """Boosts of today, done or still to do."""
        return self.done + len(self.cards) + len(self.held)

    @property
    def opened(self) -> int:
        """Cards that wait for a yes."""
        return sum(card.opened for card in self.cards)

    @property
    def minutes(self) -> int:
        """Estimated minutes for the cards."""
        return max(1, round(len(self.cards) * MINUTES_EACH))


@dataclass(frozen=True, slots=True)
class _Scene:
    """What all cards need."""

    volunteer: Volunteer
    found: Mapping[int, Notice]
    done: Mapping[int, int]
    networks: Mapping[str, Network]
    settings: Settings
    read_again: frozenset[int]
    """Notices that somebody has reported."""


def is_paused(volunteer: Volunteer, now: datetime) -> bool:
    """Whether a pause holds at `now`; one whose end has passed does not."""
    return volunteer.state is VolunteerState.PAUSED and not volunteer.may_be_asked(now)


def day(
    session: Session,
    volunteer_id: int,
    *,
    networks: Mapping[str, Network],
    settings: Settings,
    now: datetime,
) -> Day:
    """Give everything the inbox shows at `now` (aware UTC).

    Raises:
        NotFoundError: there is no such volunteer.
    """
    volunteer = volunteers.get(session, volunteer_id)
    recent = boosts.listed(session, volunteer_id=volunteer_id, since=now - RECENT)
    halted = halts.current(session) is not None
    read_again = reports.held(session)
    waiting, planned = ([], []) if halted else _to_do(session, volunteer_id, recent, read_again)
    answered = [boost for boost in recent if _answered_on(boost, volunteer, now)]
    news_ids = boosts.found_since(session, volunteer_id, now - NEWS_FOR)[:NEWS_MAX]
    ids = {boost.notice_id for boost in (*waiting, *planned, *answered)} | set(news_ids)
    done = boosts.done_by_notice(session, ids)
    scene = _Scene(volunteer, notices.some(session, ids), done, networks, settings, read_again)
    paused = is_paused(volunteer, now)
    today = local_day(volunteer.limits, now)
    held = [boost for boost in planned if not paused and local_day(volunteer.limits, boost.due_at) <= today]
    whys = boosts.skip_whys(session, volunteer_id)
    reported = reports.told_by(session, volunteer_id)
    return Day(
        volunteer=volunteer,
        paused=paused,
        cards=tuple(sorted(_cards(scene, waiting), key=lambda card: (card.done, card.boost.due_at))),
        held=tuple(sorted(_cards(scene, held), key=lambda card: card.boost.due_at)),
        next_at=min((boost.due_at for boost in planned), default=None) if not paused else None,
        answers=tuple(
            Answer(
                b,
                scene.found[b.notice_id],
                label_of(networks, b.network),
                whys.get(b.id, ""),
                b.notice_id in reported,
            )
            for b in sorted(answered, key=lambda b: b.ended_at or now)
        ),
        news=tuple(_news(session, scene, news_ids)),
        week=_week(session, volunteer, recent, now),
        halted=halted,
        quiet=_quiet(volunteer, now),
    )


def _to_do(
    session: Session, volunteer_id: int, recent: Iterable[Boost], read_again: frozenset[int]
) -> tuple[list[Boost], list[Boost]]:
    """Give the boosts that wait for an answer and those still planned.

    Left out are notices that a moderator reads again after a report, unless the post was opened already.
    """
    waiting = boosts.listed(session, volunteer_id=volunteer_id, states=WAITING_STATES)
    return (
        [boost for boost in waiting if boost.state is BoostState.OPENED or boost.notice_id not in read_again],
        [b for b in recent if b.state is BoostState.PLANNED and b.notice_id not in read_again],
    )


def _answered_on(boost: Boost, volunteer: Volunteer, now: datetime) -> bool:
    """Whether it was made or passed on today, on the volunteer's own calendar."""
    if boost.state not in DONE_STATES | {BoostState.SKIPPED} or boost.ended_at is None:
        return False
    return local_day(volunteer.limits, boost.ended_at) == local_day(volunteer.limits, now)


def _cards(scene: _Scene, asked: Iterable[Boost]) -> Iterable[Card]:
    """Give the cards of the boosts that can still be made: active notice, network in use, account there."""
    accounts = {account.id: account for account in scene.volunteer.accounts}
    for boost in asked:
        notice = scene.found[boost.notice_id]
        network, account = scene.networks.get(boost.network), accounts.get(boost.account_id)
        if notice.state is not NoticeState.ACTIVE or network is None or account is None:
            continue
        post = notice.post_on(boost.network)
        page = f"{scene.settings.address}/{notice.lang}/s/{notice.share_slug}"
        done = scene.done.get(notice.id, 0)
        yield Card(
            boost=boost,
            notice=notice,
            network=network.label,
            url=network.boost_url(post, account)
            if post
            else network.compose_url(_share_text(notice, scene.settings), page, account),
            see_url=post.url if post else page,
            next_tap=network.next_tap if post else Message(N_("then publish the message that is ready")),
            has_post=post is not None,
            colour=paper_colour(notice.sector),
            torn=_torn(done, notice.demand),
            done=done,
            why=explain.why_asked(boost.reason),
            reported=notice.id in scene.read_again,
        )


def _share_text(notice: Notice, settings: Settings) -> str:
    """Write what the composer starts with, in the notice's language."""
    values = {"title": notice.words.title, "place": notice.words.place, "hashtag": settings.hashtag}
    text = Message(N_("Looking for a job: %(title)s, %(place)s. Pass it on. %(hashtag)s"), values)
    return say(text, notice.lang)


def _torn(done: int, demand: int) -> frozenset[int]:
    """Choose the strips that are gone: none only for no boost, all only for the last."""
    count = min(done, demand) * STRIPS // max(1, demand)
    if 0 < done < demand:
        count = min(max(1, count), STRIPS - 1)
    return frozenset(_TEAR_ORDER[:count])


def _news(session: Session, scene: _Scene, notice_ids: Sequence[int]) -> Iterable[News]:
    if not notice_ids:
        return
    mine = boosts.listed(session, volunteer_id=scene.volunteer.id, states=DONE_STATES)
    shared = {boost.notice_id: boost.ended_at or boost.due_at for boost in mine}
    for notice_id in notice_ids:
        notice = scene.found[notice_id]
        yield News(
            title=notice.words.title,
            place=notice.words.place,
            name=notice.words.name if notice.show_name else "",
            colour=paper_colour(notice.sector),
            shared_at=shared[notice_id],
            helpers=scene.done.get(notice_id, 0),
        )


def _quiet(volunteer: Volunteer, now: datetime) -> tuple[datetime, datetime] | None:
    limits = volunteer.limits
    if limits.quiet_len_min == 0:
        return None
    midnight = datetime.combine(local_day(limits, now), time(), ZoneInfo(limits.time_zone))
    start = midnight + timedelta(minutes=limits.quiet_start_min)
    return start, start + timedelta(minutes=limits.quiet_len_min)


def _week(session: Session, volunteer: Volunteer, recent: Iterable[Boost], now: datetime) -> Week:
    today = local_day(volunteer.limits, now)
    days = [today - timedelta(days=back) for back in reversed(range(WEEK_DAYS))]
    done = [
        (local_day(volunteer.limits, boost.ended_at), boost.notice_id)
        for boost in recent
        if boost.state in DONE_STATES and boost.ended_at is not None
    ]
    of_week = [(one, notice_id) for one, notice_id in done if one in days]
    people = {notice.person_id for notice in notices.some(session, {n for _, n in of_week}).values()}
    _, _, found = boosts.helped(session, volunteer.id)
    counts = tuple((one, sum(day_done == one for day_done, _ in of_week)) for one in days)
    return Week(counts, len(of_week), len(people), found)

"""The demo's past, played through the real stages: notices sent, read, planned, boosted, some jobs found."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import App
from bot.delivery import by_hand, due
from bot.demo.people import COMING, MARK, ROUND, VOLUNTEER_NAMES, WAITING, Part
from bot.errors import ConflictError
from bot.intake import form, life
from bot.intake.submit import submit
from bot.model.boost import DONE_STATES, WAITING_STATES
from bot.model.journal import Actor
from bot.model.moderation import FlagKind, Reason, Verdict
from bot.model.notice import Notice, NoticeState
from bot.moderation import rules
from bot.moderation.decide import decide
from bot.planning import ask
from bot.planning import round as planning
from bot.roster import form as roster_form
from bot.roster.join import join
from bot.sets import regions, sectors
from bot.storage import boosts, notices

DAYS = 3
STEP = timedelta(minutes=45)
YOURS = timedelta(hours=16)
ARRIVAL, LUCK = 1 / 30, 1 / 10
"""Chances in one turn: that a notice comes, that somebody is looked at who may have found a job."""
READ_AFTER = timedelta(hours=4)
"""How long the visitor has for a notice before the demo's moderators accept it."""
ENOUGH = 4
"""Boosts after which a job may be found."""
HERO_SINCE = timedelta(hours=19)
"""How long the visitor's own notice has been going round: far enough to have lost half its strips."""
SEED = 20150926  # the day #i4emploi was born
JUDGED = {
    FlagKind.SCAM: (Verdict.REFUSE, Reason.SCAM),
    FlagKind.OFFER: (Verdict.REFUSE, Reason.NOT_A_SEARCH),
    FlagKind.PERSONAL_DATA: (Verdict.ACCEPT_FIXED, None),
}
"""What the demo's moderators do about a flag, the gravest first."""
NETWORKS = ("x", "mastodon", "bluesky", "linkedin")


@dataclass(frozen=True, slots=True)
class Stage:
    """What the visitor gets: their own seeker's status link and volunteer's inbox, as tokens."""

    seeker_token: str
    volunteer_token: str
    you: int
    """The visitor's volunteer; the crowd leaves their boosts alone."""


def _submission(part: Part, index: int) -> form.Submission:
    link = f"https://social.example/@demo_{index}/{110_000_000 + index}" if part.mastodon else ""
    return form.Submission(
        title=part.title,
        place=part.place,
        remote=part.remote,
        contract=part.contract.value,
        text=part.text,
        has_post="yes" if link else "no",
        link=link,
        name=f"{part.name} {MARK}",
        email="",
        consent=True,
        answer_to="" if link else f"demo-{index}@example.org",
        show_answer_to=True,
        lang="fr",
    )


def send(app: App, part: Part, index: int, now: datetime) -> tuple[Notice, str]:
    """Send one notice through the real form; give it and its status token."""
    draft, errors = form.read(_submission(part, index), app.networks)
    assert draft is not None, errors
    sent = app.store.run_write(
        submit, draft, settings=app.settings, keys=app.keys, now=now, actor=Actor("seeker"), browser=None
    )
    return sent.notice, sent.token


def read(app: App, notice: Notice, now: datetime) -> None:
    """Decide on a notice as the demo's moderators, without the wait for undo.

    They are invented and go by the flags; a real moderator is a person, who reads.

    Raises:
        ConflictError: the visitor reads it.
    """
    raised = {flag.kind for flag in rules.flags(notice.words, lang=notice.lang)}
    verdict, reason = next((v for kind, v in JUDGED.items() if kind in raised), (Verdict.ACCEPT, None))
    app.store.run_write(
        decide,
        notice.id,
        verdict,
        reason=reason,
        settings=app.settings,
        admin_id=None,
        now=now,
        undo=timedelta(0),
    )


def recruit(app: App, rng: random.Random, index: int, now: datetime, tag: str = "") -> tuple[int, str]:
    """Let one volunteer join through the real form; give the id and the inbox token."""
    name = VOLUNTEER_NAMES[index]
    tag = tag or f"demo_{index}"
    handles = {
        "x": tag,
        "mastodon": f"{tag}@social.example",
        "bluesky": f"{tag.replace('_', '-')}.example.com",
        "linkedin": tag.replace("_", "-"),
    }
    chosen = NETWORKS if index == 0 else rng.sample(NETWORKS, rng.choice((1, 1, 2)))
    wide = index == 0 or rng.random() < 0.6  # noqa: PLR2004
    profile, errors = roster_form.read(
        roster_form.Application(
            name=f"{name} {MARK}",
            handles={network: handles[network] for network in chosen},
            pace="custom",
            cap=str(8 if index == 0 else rng.choice((1, 1, 2, 2, 3))),
            spacing="30",
            sectors=() if wide else tuple(sorted(rng.sample(sorted(sectors()), 6))),
            regions=() if wide else tuple(sorted(rng.sample(sorted(regions()), 9))),
            languages=("fr",),
            quiet="yes",
            quiet_from="00:30",
            quiet_to="06:00",
            time_zone=app.settings.time_zone,
            charter=True,
            consent=True,
        ),
        networks=app.networks,
        sectors=sectors(),
        regions=regions(),
    )
    assert profile is not None, errors
    joined = app.store.run_write(
        join, profile, now=now, actor=Actor("volunteer"), lang="fr", consent_act="demo"
    )
    return joined.volunteer.id, joined.token


def answer(app: App, rng: random.Random, now: datetime, *, besides: int, eagerness: float) -> int:
    """Let the crowd answer part of what waits, `besides` left alone; give how many boosts were made."""
    made = 0
    for boost in app.store.run_read(boosts.listed, states=WAITING_STATES):
        if boost.volunteer_id == besides or rng.random() > eagerness:
            continue
        with suppress(ConflictError):  # it was taken back since, by the visitor or by the clock
            if rng.random() < 0.07:  # noqa: PLR2004
                app.store.run_write(by_hand.skip, boost.id, volunteer_id=boost.volunteer_id, now=now)
            else:
                app.store.run_write(by_hand.open_boost, boost.id, volunteer_id=boost.volunteer_id, now=now)
                app.store.run_write(by_hand.declare, boost.id, volunteer_id=boost.volunteer_id, now=now)
                made += 1
    return made


def go_on(app: App, rng: random.Random, now: datetime, sent: int) -> int:
    """Let one turn of the day pass: a notice comes, moderators read, somebody finds a job.

    Args:
        app: the demo's installation.
        rng: what decides.
        now: the demo's time, aware UTC.
        sent: how many notices came so far while it runs.

    Returns:
        How many came by now.
    """
    if rng.random() < ARRIVAL:
        send(app, COMING[sent % len(COMING)], len(ROUND) + len(WAITING) + sent, now)
        sent += 1
    for notice in app.store.run_read(notices.listed, states=[NoticeState.PENDING]):
        if now - notice.created_at > READ_AFTER:
            with suppress(ConflictError):  # the visitor reads it, or has just decided
                read(app, notice, now)
    active = app.store.run_read(notices.listed, states=[NoticeState.ACTIVE])
    if active and rng.random() < LUCK:
        lucky = rng.choice(active)
        if len(app.store.run_read(boosts.listed, notice_id=lucky.id, states=DONE_STATES)) >= ENOUGH:
            with suppress(ConflictError):  # the visitor has just closed it
                app.store.run_write(life.found_job, lucky.id, show_name=False, now=now, actor=Actor("seeker"))
    return sent


def tick(app: App, now: datetime) -> None:
    """Do what the daemon's ticks do."""
    for work in (planning.run, ask.ask_due):
        app.store.run_write(
            work,
            settings=app.settings,
            keys=app.keys,
            networks=app.networks,
            policies=app.policies,
            now=now,
        )
    app.store.run_write(due.expire, now=now)


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    moment = start
    while moment < end:
        yield moment
        moment += STEP


def play(app: App, now: datetime) -> Stage:
    """Play the past up to `now` and give what the visitor needs."""
    rng = random.Random(SEED)  # noqa: S311  a story, not a secret
    start = now - timedelta(days=DAYS)
    volunteers = [recruit(app, rng, index, start) for index in range(len(VOLUNTEER_NAMES))]
    you, volunteer_token = volunteers[0]
    arrivals = sorted((start + rng.random() ** 1.3 * (now - start), index) for index in range(1, len(ROUND)))
    arrivals = sorted([*arrivals, (now - HERO_SINCE, 0)])
    sent: dict[int, Notice] = {}
    seeker_token = ""
    for moment in _hours(start, now):
        while arrivals and arrivals[0][0] <= moment:
            _, index = arrivals.pop(0)
            sent[index], token = send(app, ROUND[index], index, moment)
            seeker_token = token if index == 0 else seeker_token
            read(app, sent[index], moment)
        tick(app, moment)
        spared = you if now - moment < YOURS else 0  # so that the visitor finds a day's worth to do
        answer(app, rng, moment, besides=spared, eagerness=0.45)
    for _, index in arrivals:
        sent[index], _token = send(app, ROUND[index], index, now - timedelta(hours=1))
        read(app, sent[index], now - timedelta(hours=1))
    for index, part in enumerate(ROUND):
        if part.ends == "found":
            app.store.run_write(
                life.found_job, sent[index].id, show_name=True, now=now, actor=Actor("seeker")
            )
        elif part.ends == "withdrawn":
            app.store.run_write(life.withdraw, sent[index].id, now=now, actor=Actor("seeker"))
    for offset, part in enumerate(WAITING):
        send(app, part, len(ROUND) + offset, now - timedelta(minutes=150 - 22 * offset))
    tick(app, now)
    return Stage(seeker_token, volunteer_token, you)

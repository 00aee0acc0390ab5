"""Notices and volunteers made in memory, and strategies that draw them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.model.boost import BoostState
from bot.model.notice import Contract, Notice, NoticeState, NoticeText, PostRef
from bot.model.plan import Asked
from bot.model.volunteer import Account, Limits, Volunteer, VolunteerState
from bot.planning.fairness import Rules, Snapshot

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)
SEED = b"a secret of the installation...."
RULES = Rules(SEED, timedelta(minutes=20), 12, timedelta(hours=24))
ZONES = (
    "Europe/Paris",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "UTC",
)
WORDS = NoticeText("Welder", "Lille", remote=False, contract=Contract.ANY, text="Free at once.", name="Ana")


def notice(notice_id: int, networks: tuple[str, ...] = ("x",), **values: Any) -> Notice:
    """Make an active notice, opened an hour ago, a week before its deadline."""
    fields: dict[str, Any] = {
        "id": notice_id,
        "seeker_id": notice_id,
        "person_id": values.get("seeker_id", notice_id),
        "state": NoticeState.ACTIVE,
        "words": WORDS,
        "lang": "fr",
        "sector": None,
        "region": None,
        "posts": tuple(PostRef(n, f"https://example.org/{notice_id}", str(notice_id)) for n in networks),
        "share_slug": f"s{notice_id}",
        "revision": 1,
        "created_at": NOW - timedelta(hours=2),
        "opened_at": NOW - timedelta(hours=1),
        "deadline": NOW + timedelta(days=7),
        "demand": 12,
        "weight": 1,
    }
    return Notice(**{**fields, **values})


def volunteer(volunteer_id: int, networks: tuple[str, ...] = ("x",), **values: Any) -> Volunteer:
    """Make an active volunteer who takes everything French, five a day, an hour apart, at any hour."""
    limits = Limits(
        values.pop("cap_day", 5),
        values.pop("spacing_min", 60),
        values.pop("quiet_start_min", 0),
        values.pop("quiet_len_min", 0),
        values.pop("time_zone", "Europe/Paris"),
    )
    fields: dict[str, Any] = {
        "id": volunteer_id,
        "name": "Sam",
        "lang": "fr",
        "languages": frozenset({"fr"}),
        "state": VolunteerState.ACTIVE,
        "limits": limits,
        "sectors": None,
        "regions": None,
        "accounts": tuple(
            Account(volunteer_id * 10 + i, volunteer_id, n, f"v{volunteer_id}")
            for i, n in enumerate(networks)
        ),
        "joined_at": NOW - timedelta(days=3),
    }
    return Volunteer(**{**fields, **values})


limits = st.builds(
    Limits,
    cap_day=st.integers(1, 20),
    spacing_min=st.one_of(st.integers(0, 720), st.sampled_from([0, 1, 20, 30, 60])),
    quiet_start_min=st.integers(0, 1439),
    quiet_len_min=st.one_of(st.integers(0, 1380), st.sampled_from([0, 540, 1380])),
    time_zone=st.sampled_from(ZONES),
)


def mostly(usual: list[Any], seldom: list[Any]) -> st.SearchStrategy[Any]:
    """Draw something usual nine times of ten: what stands in a round's way must not stand in most rounds."""
    return st.sampled_from([*(usual * 9 * len(seldom)), *(seldom * len(usual))])


_accounts = mostly([("x",), ("x",), ("x", "mastodon"), ("mastodon",), ("bluesky", "x")], [()])
_posts = mostly([("x",), ("x",), (), ("x", "mastodon"), ("mastodon",)], [("bluesky",)])
_taken = mostly([None, None, frozenset("A"), frozenset("AB")], [frozenset("BC"), frozenset()])
_code = mostly([None, None, "A"], ["B", "C"])


@st.composite
def notices(draw: st.DrawFn, *, least: int = 0, most: int = 6) -> list[Notice]:
    """Draw notices with all that matters to a round."""
    return [
        notice(
            i + 1,
            draw(_posts),
            lang=draw(mostly(["fr"], ["en"])),
            sector=draw(_code),
            region=draw(st.one_of(_code, st.just("anywhere"))),
            demand=draw(st.integers(1, 6)),
            weight=draw(st.sampled_from([1, 1, 2])),
            opened_at=NOW + timedelta(minutes=draw(mostly([-60, -5000, 0, 1], [90]))),
            deadline=NOW + timedelta(minutes=draw(mostly([9000, 9000, 1440], [240, 1, -5]))),
        )
        for i in range(draw(st.integers(least, most)))
    ]


@st.composite
def volunteers(draw: st.DrawFn, *, least: int = 0, most: int = 6) -> list[Volunteer]:
    """Draw volunteers with all that matters to a round."""
    made = []
    for i in range(draw(st.integers(least, most))):
        state = draw(mostly([VolunteerState.ACTIVE], [VolunteerState.PAUSED]))
        until = draw(st.sampled_from([None, NOW - timedelta(minutes=1), NOW + timedelta(hours=3)]))
        one = draw(limits)
        made.append(
            volunteer(
                i + 1,
                draw(_accounts),
                languages=frozenset(draw(mostly([("fr",), ("fr", "en")], [("en",)]))),
                sectors=draw(_taken),
                regions=draw(_taken),
                state=state,
                paused_until=until if state is VolunteerState.PAUSED else None,
                cap_day=one.cap_day,
                spacing_min=one.spacing_min,
                quiet_start_min=one.quiet_start_min,
                quiet_len_min=one.quiet_len_min,
                time_zone=one.time_zone,
            )
        )
    return made


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Draw a whole state: notices, volunteers and what was asked in the last three days."""
    sizes = mostly([(2, 6)], [(0, 1)])
    some_notices, some_volunteers = (
        draw(some(least=least, most=most))
        for some, (least, most) in ((notices, draw(sizes)), (volunteers, draw(sizes)))
    )
    asked, last = [], dict[int, datetime]()
    for one in some_volunteers:
        for other in some_notices:
            if draw(st.integers(0, 4)):
                continue
            at = NOW - timedelta(minutes=draw(st.integers(0, 4000)))
            state = draw(st.sampled_from([s for s in BoostState if s is not BoostState.PLANNED]))
            asked.append(Asked(other.id, one.id, at, state))
            last[one.id] = max(at, last.get(one.id, at))
    rules = Rules(
        SEED,
        timedelta(minutes=draw(st.sampled_from([0, 20, 240]))),
        draw(st.sampled_from([1, 3, 12])),
        timedelta(hours=draw(mostly([24, 72], [1]))),
    )
    return Snapshot(rules, some_notices, some_volunteers, asked, last)


def drawn(strategy: st.SearchStrategy[Any], count: int = 200) -> list[Any]:
    """Draw so many values, the same ones in every run."""
    found: list[Any] = []

    @settings(derandomize=True, max_examples=count, database=None, phases=[Phase.generate])
    @given(strategy)
    def draw(value: Any) -> None:
        found.append(value)

    draw()
    return found

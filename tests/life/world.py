"""A whole installation on a real database, and the checks that must hold after whatever happens to it."""

import atexit
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from bot.app import App, build
from bot.errors import LanguetteError
from bot.model.boost import BOOST_MOVES, DONE_STATES, WAITING_STATES, Boost, BoostState
from bot.model.day import in_quiet_hours, local_day, spacing
from bot.model.match import account_for, place_of
from bot.model.notice import NOTICE_MOVES, Notice, NoticeState
from bot.model.volunteer import Account, Volunteer, VolunteerState
from bot.reporting.explain import why_asked
from bot.settings import Settings
from bot.storage import Session, boosts, journal, notices, volunteers

UNDO = timedelta(seconds=30)
PLAN = BoostState.PLANNED


def settings_for(folder: Path) -> Settings:
    """Give settings with limits so low that every example meets them."""
    return Settings(  # type: ignore[call-arg]
        data_dir=folder,
        boosts_wanted=4,
        notice_day_max=3,
        notice_spacing_min=20,
        round_days=3,
        _env_file=None,
    )


class House:
    """One installation in which all worlds live, one after the other: what it compiled, it keeps."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="life-", dir=memory if memory.is_dir() else None))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.settings = settings_for(self.folder)
        self.app: App = build(self.settings)
        self.empty = self.save("empty")

    def save(self, name: str) -> Path:
        """Give a copy of the database as it is."""
        to = self.folder / f"{name}.copy"
        _copy(self.app.store.path, to)
        return to

    def load(self, saved: Path) -> None:
        """Let the database be what it was."""
        _copy(saved, self.app.store.path)

    def restart(self) -> None:
        """Stop and start on the same data."""
        self.app.close()
        self.app = build(self.settings)


def _copy(of: Path, to: Path) -> None:
    with closing(sqlite3.connect(of)) as before, closing(sqlite3.connect(to)) as after:
        before.backup(after)


the_house = cache(House)


class Everything(NamedTuple):
    """All notices, volunteers and boosts of a snapshot by their ids."""

    notices: dict[int, Notice]
    volunteers: dict[int, Volunteer]
    boosts: dict[int, Boost]


class World:
    """The installation, its clock, and what is known about it from outside."""

    def __init__(self, start: datetime, like: "World | None" = None) -> None:
        """Start anew, or from a copy of a world in which only notices were sent, and which was kept."""
        self.house = the_house()
        self.house.load(like.saved if like else self.house.empty)
        self.saved: Path
        self._watch = sqlite3.connect(self.app.store.path)
        self._seen: tuple[int, Everything] | None = None
        self.now = start
        self.expected: dict[int, NoticeState] = dict(like.expected) if like else {}
        """State of each notice after the acts so far: nothing else may change it."""
        self._notices: dict[int, NoticeState] = dict(self.expected)
        self._boosts: dict[int, Boost] = {}
        self._asked: dict[int, list[datetime]] = {}
        self._pairs: Counter[tuple[int, int]] = Counter()
        self._reached: dict[int, set[str]] = {}
        """Places in which somebody was asked to boost each notice."""

    @property
    def app(self) -> App:
        """The installation as it was last started."""
        return self.house.app

    def leave(self) -> None:
        """End it."""
        self._watch.close()

    def keep(self) -> None:
        """End it, so that others can start from a copy."""
        self.leave()
        self.saved = self.house.save(f"{self.now:%Y%m%d}")

    def restart(self) -> None:
        """Stop and start on the same data."""
        self.house.restart()

    def read(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a stage or storage function on a snapshot."""
        return self.app.store.run_read(fn, *args, **kwargs)

    def everything(self) -> Everything:
        """Read all there is; SQLite's number of commits by others tells whether it is as it was."""
        [version] = self._watch.execute("PRAGMA data_version").fetchone()
        if self._seen is None or self._seen[0] != version:
            self._seen = version, self.read(_everything)
        return self._seen[1]

    def act(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run a stage function in a transaction; None when it refuses."""
        try:
            return self.app.store.run_write(fn, *args, **kwargs) or True
        except LanguetteError:
            return None

    def check(self, moves: int = 1, *, revived: bool = False) -> None:
        """Check every invariant after an act that may make at most `moves` moves of one notice or boost.

        `revived`: the act was the undo of a decision, which also takes back what that decision cancelled.
        """
        calls, people, found = self.everything()
        self._check_notices(calls, moves)
        fresh = self._check_boosts(found, moves, revived=revived)
        self._check_ends(calls, people, found)
        for boost in fresh:
            self._check_ask(boost, calls[boost.notice_id], people[boost.volunteer_id], found)
        self._boosts = found

    def _check_notices(self, calls: dict[int, Notice], moves: int) -> None:
        """No notice is lost, none changes by itself, and each moves only as `NOTICE_MOVES` allows."""
        assert {one.id: one.state for one in calls.values()} == self.expected
        for notice_id, before in self._notices.items():
            assert calls[notice_id].state in _reachable(before, NOTICE_MOVES, moves)
        self._notices = dict(self.expected)

    def _check_boosts(self, found: dict[int, Boost], moves: int, *, revived: bool) -> list[Boost]:
        """A pair exists once, what was asked never vanishes, moves are allowed; give what is newly asked."""
        assert max(Counter((b.notice_id, b.volunteer_id) for b in found.values()).values(), default=0) <= 1
        for boost_id, before in self._boosts.items():
            if before.state is PLAN and boost_id not in found:
                continue
            if not (revived and before.state is BoostState.CANCELLED):
                assert found[boost_id].state in _reachable(before.state, BOOST_MOVES, moves)
        fresh = [
            boost
            for boost in found.values()
            if boost.state is not PLAN
            and (boost.id not in self._boosts or self._boosts[boost.id].state is PLAN)
        ]
        self._pairs.update((boost.notice_id, boost.volunteer_id) for boost in fresh)
        assert max(self._pairs.values(), default=0) <= 1
        return fresh

    def _check_ends(
        self, calls: dict[int, Notice], people: dict[int, Volunteer], found: dict[int, Boost]
    ) -> None:
        """Only active notices, and volunteers who have not left, have boosts before them."""
        for boost in found.values():
            person = people[boost.volunteer_id]
            if boost.state in WAITING_STATES | {PLAN}:
                assert calls[boost.notice_id].state is NoticeState.ACTIVE
                assert person.state is not VolunteerState.LEFT

    def _check_ask(self, boost: Boost, call: Notice, person: Volunteer, found: dict[int, Boost]) -> None:
        """An ask keeps every limit, of both sides, at the moment it is made; both consented; it says why."""
        now, limits = self.now, person.limits
        assert boost.asked_at == now
        account = account_for(call, person, now, asked=False)
        assert isinstance(account, Account)
        fitting = [a for a in person.accounts if not call.networks or a.network in call.networks]
        reached = self._reached.setdefault(call.id, set())
        fitting = [a for a in fitting if place_of(a) not in reached] or fitting
        [used] = [a for a in fitting if a.id == boost.account_id]
        reached.add(place_of(used))
        assert not in_quiet_hours(limits, now)
        before = self._asked.setdefault(person.id, [])
        assert all(abs(now - at) >= spacing(limits) for at in before)
        assert sum(local_day(limits, at) == local_day(limits, now) for at in before) < limits.cap_day
        before.append(now)
        rules = self.app.settings
        counted = [
            other.asked_at
            for other in found.values()
            if other.notice_id == call.id and other.state in WAITING_STATES | DONE_STATES
        ]
        assert len(counted) <= call.demand
        times = sorted(at for at in counted if at is not None)
        times.remove(now)
        assert all(abs(now - at) >= timedelta(minutes=rules.notice_spacing_min) for at in times)
        assert sum(timedelta() <= now - at < timedelta(hours=24) for at in times) < rules.notice_day_max
        assert boost.reason["rule"]
        assert str(why_asked(boost.reason))
        for subject in (f"notice:{call.id}", f"volunteer:{person.id}"):
            yes = self.read(journal.consents, subject)
            assert yes
            assert all(one["withdrawn_at"] is None for one in yes if one["purpose"] != "show_first_name")


def _everything(session: Session) -> Everything:
    return Everything(
        {one.id: one for one in notices.listed(session)},
        {one.id: one for one in volunteers.listed(session)},
        {one.id: one for one in boosts.listed(session)},
    )


def _reachable(start: Any, allowed: dict[Any, frozenset[Any]], moves: int) -> set[Any]:
    reached = {start}
    for _ in range(moves):
        reached |= {to for state in reached for to in allowed[state]}
    return reached

"""An installation with people in every state, everybody's real keys to its pages, and its routes."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from bot import web
from bot.app import App
from bot.model.access import Role
from bot.model.boost import BoostState
from bot.model.notice import Notice, NoticeState
from bot.moderation import admins, log_in, outside
from bot.moderation.lockout import LockOut
from bot.storage import Session, boosts, volunteers
from bot.storage import admins as stored
from bot.web.gate import Gate
from bot.web.status import ACTS
from tests.clocks import NOW, StillClock
from tests.fakes.lender import FakeLender
from tests.lent import allow, make_vault
from tests.planned import plan_boost
from tests.privacy.people import story
from tests.web.test_roles import NEEDS, routes_in
from tests.web.visitor import Read, Visitor

SEEKER_TOKEN = "seekerseekerseekerseek"
VOLUNTEER_ACTS = ("report", "opened", "done", "undo", "removed", "skip", "tap", "take-back", "by-hand")
Rank = Role | None
"""Who asks: an admin of this role, or None for a stranger."""


@dataclass(frozen=True)
class Form:
    """A form of the site: where it goes, and what a browser would send without anything typed."""

    path: str
    values: dict[str, str]
    choices: dict[str, list[str]] = field(default_factory=dict)


class Town:
    """One installation, whose state can be put back as it was."""

    def __init__(self, app: App, clock: StillClock, make_notice: Callable[..., Notice]) -> None:
        self.app = app = allow(app, "mastodon")
        self.key = app.settings.data_dir.parent / "vault.key"
        make_vault(app, self.key)
        self._lender = FakeLender()
        self.people = story(app, clock)
        make_notice(state=NoticeState.PENDING, at=clock.now())
        self.active = make_notice(posts=[], token=SEEKER_TOKEN, at=clock.now())
        self.boost = app.store.run_write(self._ask, clock)
        self.report = app.store.run_write(
            outside.receive, self.active.id, why="scam", contact="", now=clock.now()
        )
        self.setup = app.store.run_write(admins.new_setup_link, clock.now())
        self.visitor = Visitor(app, lenders=self._lender.lenders())
        self._sessions = {role: self._session(role, clock) for role in Role}
        self.routes = sorted(
            (path, method)
            for route in routes_in(web.create(app))
            if (path := getattr(route, "path", "")) not in {"", "/static"}
            for method in route.methods
        )
        self._kept = sqlite3.connect(":memory:", check_same_thread=False)
        with closing(sqlite3.connect(app.settings.database)) as live:
            live.backup(self._kept)
        self._watch = sqlite3.connect(app.settings.database, check_same_thread=False)

    def _ask(self, session: Session, clock: StillClock) -> int:
        volunteer = volunteers.get(session, self.people.volunteer)
        boost_id = plan_boost(session, self.active, volunteer, due_at=clock.now())
        boosts.move(session, boost_id, BoostState.ASKED, asked_at=clock.now())
        return boost_id

    def _session(self, role: Role, clock: StillClock) -> str:
        admin = self.app.store.run_write(stored.add, role.value, "no hash", role, NOW)
        token: str = self.app.store.run_write(admins.log_in, admin.id, clock.now())
        assert self.app.store.run_read(log_in.visit_of, token, clock.now())
        return token

    def become(self, rank: Rank) -> Visitor:
        """Give the browser with the cookies of that rank."""
        self.visitor.forget()
        if rank is not None:
            self.visitor.cookies.set("admin", self._sessions[rank])
        return self.visitor

    def reset(self) -> None:
        """Put the database and the limits kept in memory back as they were."""
        with closing(sqlite3.connect(self.app.settings.database)) as live:
            self._kept.backup(live)
        self.visitor.site.state.gate, self.visitor.site.state.lock_out = Gate(), LockOut()

    def close(self) -> None:
        """Close what this opened."""
        self._lender.end()
        self._watch.close()
        self._kept.close()

    def version(self) -> int:
        """Give a number that another connection's commit changes, if it changed anything (SQLite)."""
        found: int = self._watch.execute("PRAGMA data_version").fetchone()[0]
        return found

    def everything(self) -> list[str]:
        """Give all that the database holds, as SQL, and the names and sizes of the files beside it."""
        folder = self.app.settings.data_dir
        beside = [
            f"{p}: {p.stat().st_size}" for p in sorted(folder.rglob("*")) if "languette.db" not in p.name
        ]
        return [*self._watch.iterdump(), *beside]

    def real(self, template: str) -> list[str]:
        """Give addresses of a route whose every part is real: tokens that open, numbers that exist."""
        page = template.partition("{token}")[0]
        token = {
            "/{lang}/inbox/": self.people.volunteer_token,
            "/{lang}/admin/setup/": self.setup,
            "/{lang}/report/": self.report,
        }.get(page)
        tokens = [token] if token else [SEEKER_TOKEN, self.people.seeker_token]
        paths = [
            template.replace("{lang}", "fr").replace("{token}", one)
            for one in (tokens if "{token}" in template else [""])
        ]
        return [full for path in paths for full in self._filled(path)]

    def _filled(self, path: str) -> Iterator[str]:
        shared = self.active
        path = path.replace("{slug}", shared.share_slug)
        path = path.replace("{name}.png", f"{shared.share_slug}-{shared.revision}.png")
        known = [boost.id for boost in self.app.store.run_read(boosts.listed)]
        numbers = {"notice_id": [1, 2, 3], "boost_id": known, "volunteer_id": [1]}
        path = path.replace("{network}", self._lender.network).replace("{mode}", "automatic")
        paths = [path]
        for name in re.findall(r"{(\w+)(?::int)?}", path):
            values = numbers.get(name) or (self._acts(path) if name in {"act", "name"} else [1])
            paths = [re.sub(rf"{{{name}(:int)?}}", str(value), one) for one in paths for value in values]
        yield from paths

    def _acts(self, path: str) -> list[str]:
        """Give the acts that end an address, by what stands before them."""
        if "/inbox/" in path:
            return list(VOLUNTEER_ACTS)
        if "/admin/" not in path:
            return list(ACTS)
        stem = path.removeprefix("/fr").removesuffix("{name}")
        return [one.removeprefix(stem) for one in NEEDS if one.startswith(stem)]


def forms_of(town: Town) -> list[Form]:
    """Read every form of every page that a stranger, a seeker, a volunteer or an operator is shown."""
    found: dict[tuple[str, ...], Form] = {}
    for rank in (None, Role.OPERATOR):
        for template, method in town.routes:
            for path in town.real(template) if method == "GET" else ():
                answer = town.become(rank).get(path)
                if "html" in answer.headers.get("content-type", ""):
                    for form in _forms(answer.text, path):
                        found.setdefault((form.path, *sorted(form.values)), form)
    return list(found.values())


def _forms(page: str, here: str) -> Iterator[Form]:
    form: Form | None = None
    select = ""
    for tag, attributes in Read(page).tags:
        name, value = attributes.get("name") or select, attributes.get("value") or ""
        if tag == "form":
            if form is not None:
                yield form
            form = Form(attributes.get("action") or here, {}) if attributes.get("method") == "post" else None
        elif form is not None and tag in {"input", "textarea", "select", "button", "option"} and name:
            form.values.setdefault(name, value)
            form.choices.setdefault(name, []).append(value)
            select = name if tag in {"select", "option"} else ""
    if form is not None:
        yield form


def values_of(town: Town, form: Form) -> dict[str, Any]:
    """Give what a person who filled in the form would send: stamped a minute ago, its work done."""
    shown = town.visitor.shown()
    stamped = {"shown": shown, "work": town.visitor.work(shown)}
    return {name: stamped.get(name, value) for name, value in form.values.items()}

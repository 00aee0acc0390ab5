"""Every page and state of the site, each with an address: what the gallery walks through."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page

from bot.delivery import by_hand, collective, tokens
from bot.demo import story
from bot.demo.people import ROUND, Part
from bot.intake import life
from bot.model.boost import WAITING_STATES, BoostState, Mode
from bot.model.journal import CLI, Actor
from bot.model.lane import DRAFT
from bot.model.lending import LASTS, Trouble, Way
from bot.model.moderation import Reason, Verdict
from bot.model.notice import Notice, NoticeState
from bot.model.secret import Secret
from bot.model.volunteer import Account
from bot.moderation import admins, outside
from bot.moderation.decide import decide
from bot.planning import collective as planning
from bot.roster import change
from bot.storage import Session, access, boosts, calls, connections, notices, reports
from bot.storage import seekers as known
from bot.storage import volunteers as stored
from bot.trust import keyfile
from bot.trust.links import hash_token
from bot.trust.vault import Seal
from tests.chromium import NOW, Site, log_in
from tests.planned import plan_boost

SEEKER, VOLUNTEER = Actor("seeker"), Actor("volunteer")


@dataclass(frozen=True)
class State:
    """One page in one state. `path` has no language; `admin` needs a log-in; `then` acts first."""

    name: str
    path: str
    admin: bool = False
    then: Callable[[Page], object] | None = None
    status: int = 200


def _press(selector: str) -> Callable[[Page], object]:
    return lambda page: page.locator(selector).last.click()


def _sent(site: Site, index: int) -> tuple[Notice, str]:
    part = ROUND[index % len(ROUND)]
    again = Part(f"{part.name}-{index}", part.title, part.place, part.contract, part.text)
    return story.send(site.app, again, 900 + index, NOW - timedelta(minutes=5))


def _decided(site: Site, index: int, verdict: Verdict, reason: Reason | None = None, note: str = "") -> str:
    notice, token = _sent(site, index)
    site.app.store.run_write(
        decide,
        notice.id,
        verdict,
        reason=reason,
        note=note,
        settings=site.app.settings,
        admin_id=None,
        now=NOW - timedelta(minutes=4),
        undo=timedelta(0),
    )
    return token


def seekers(site: Site) -> list[State]:
    """A seeker's pages."""
    write = site.app.store.run_write
    _pending, received = _sent(site, 1)
    asked = _decided(site, 2, Verdict.ASK, Reason.PERSONAL_DATA, "Dites plutôt la ville que la rue.")
    refused = _decided(site, 3, Verdict.REFUSE, Reason.NOT_A_SEARCH)
    ends: dict[str, str] = {}
    for index, name in enumerate(("found", "withdrawn", "paused", "over"), start=4):
        ends[name] = _decided(site, index, Verdict.ACCEPT)
    ids = {name: site.app.store.run_read(_notice_of, token) for name, token in ends.items()}
    write(life.found_job, ids["found"], show_name=True, now=NOW, actor=SEEKER)
    write(life.withdraw, ids["withdrawn"], now=NOW, actor=SEEKER)
    write(life.pause, ids["paused"], now=NOW, actor=SEEKER)
    write(life.pause, ids["over"], now=NOW, actor=SEEKER)
    write(_end, ids["over"])
    running = site.stage.seeker_token
    return [
        State("form", "/"),
        State("form-errors", "/", then=_press("main form .send button[type=submit]"), status=422),
        State("received", f"/n/{received}?sent=1"),
        State("running", f"/n/{running}"),
        State("asked", f"/n/{asked}"),
        State("refused", f"/n/{refused}"),
        *(State(f"status-{name}", f"/n/{token}") for name, token in ends.items()),
        State("unknown-link", "/n/AAAAAAAAAAAAAAAAAAAAAA", status=404),
        State("change", f"/n/{running}/change"),
        State("confirm-found", f"/n/{running}/found"),
        State("confirm-withdraw", f"/n/{running}/withdraw"),
        State("confirm-pause", f"/n/{running}/pause"),
        State("seeker-data", f"/n/{running}/data"),
        State("seeker-erase", f"/n/{running}/erase"),
    ]


def _notice_of(session: Session, token: str) -> int:
    found = notices.by_token(session, hash_token(token))
    assert found is not None
    return found.id


def _end(session: Session, notice_id: int) -> None:
    notices.move(session, notice_id, NoticeState.ACTIVE, deadline=NOW - timedelta(minutes=1))
    life.close_overdue(session, now=NOW)


def volunteers(site: Site) -> list[State]:
    """A volunteer's pages."""
    rng = random.Random(7)
    write = site.app.store.run_write
    _fresh, fresh = story.recruit(site.app, rng, 1, NOW, tag="demo_fresh")
    paused_id, paused = story.recruit(site.app, rng, 2, NOW, tag="demo_paused")
    done_id, done = story.recruit(site.app, rng, 3, NOW - timedelta(hours=2), tag="demo_done")
    write(change.pause, paused_id, until=NOW + timedelta(days=7), now=NOW, actor=VOLUNTEER)
    story.tick(site.app, NOW)
    for boost in site.app.store.run_read(boosts.listed, volunteer_id=done_id, states=WAITING_STATES):
        write(by_hand.open_boost, boost.id, volunteer_id=done_id, now=NOW)
        write(by_hand.declare, boost.id, volunteer_id=done_id, now=NOW)
    mine = f"/inbox/{site.stage.volunteer_token}"
    waiting = site.app.store.run_read(boosts.listed, volunteer_id=site.stage.you, states=WAITING_STATES)
    assert waiting, "the visitor's volunteer has something to do"
    return [
        State("join", "/join"),
        State("join-errors", "/join", then=_press("main form .send button[type=submit]"), status=422),
        State("inbox", mine),
        State("inbox-welcome", f"/inbox/{fresh}?welcome=1"),
        State("inbox-done", f"/inbox/{done}"),
        State("inbox-paused", f"/inbox/{paused}"),
        State("inbox-unknown", "/inbox/AAAAAAAAAAAAAAAAAAAAAA", status=404),
        State("settings", f"{mine}/settings"),
        State("pause", f"{mine}/pause"),
        State("leave", f"{mine}/leave"),
        State("history", f"{mine}/history"),
        State("volunteer-data", f"{mine}/data"),
        State("report", f"{mine}/boosts/{waiting[0].id}/report"),
    ]


def lenders(site: Site) -> list[State]:
    """The pages by which a volunteer lends an account, and where the admins see it."""
    app, rng = site.app, random.Random(7)
    seal = keyfile.read_public(app.settings.data_dir)
    assert seal is not None
    found: dict[str, tuple[Account, str]] = {}
    for name in ("free", "lent", "lost", "running", "trouble"):
        who, token = story.recruit(app, rng, 0, NOW, tag=f"demo_{name}")
        accounts = app.store.run_read(stored.get, who).accounts
        found[name] = next(a for a in accounts if a.network == "bluesky"), f"/inbox/{token}"
    for name in ("lent", "lost"):
        account, write = found[name][0], app.store.run_write
        write(tokens.give, seal, account, Secret("t"), mode=Mode.AUTOMATIC, now=NOW - timedelta(days=9))
    app.store.run_write(access.lose, found["lost"][0].id, NOW - timedelta(hours=2))
    for name in ("running", "trouble"):
        app.store.run_write(
            connections.begin, found[name][0].id, state_hash=name, mode=Mode.ONE_TAP, way=Way.PASSWORD,
            lang="fr", sealed="-", now=NOW, expires_at=NOW + LASTS,
        )  # fmt: skip
    app.store.run_write(connections.fail, found["trouble"][0].id, Trouble.OTHER_ACCOUNT)
    pages = {name: f"{path}/accounts/{account.id}" for name, (account, path) in found.items()}
    free, path = found["free"]
    others = {a.network: a.id for a in app.store.run_read(stored.get, free.volunteer_id).accounts}
    return [
        *(State(f"account-{name}", page) for name, page in pages.items()),
        State("account-by-hand", f"{path}/accounts/{others['linkedin']}"),
        State("account-not-set-up", f"{path}/accounts/{others['x']}"),
        State("inbox-tap", _called(site, rng, seal)),
        State("inbox-lost", found["lost"][1]),
        State("settings-lent", f"{found['lost'][1]}/settings"),
        State("lend", f"{pages['free']}/automatic"),
        State("lend-errors", f"{pages['free']}/one_tap", then=_wish(agree=False)),
        State("lend-go", f"{pages['free']}/one_tap", then=_wish(agree=True)),
        State("lend-other-mode", f"{pages['lent']}/one_tap"),
        State("lend-no", "/connected/bluesky?error=access_denied&state=x"),
        State("lend-elsewhere", "/connected/bluesky?code=x&state=x", then=_finished),
        State("take-back", f"{pages['lent']}/by_hand"),
        State("volunteer-lent", f"/admin/volunteers/{found['lost'][0].volunteer_id}", admin=True),
        State("networks-lent", "/admin/networks", admin=True),
    ]


def own(site: Site) -> list[State]:
    """The collective's own account: what it shared, on the pages of seekers, admins and everybody."""
    app, write = site.app, site.app.store.run_write
    seal = keyfile.read_public(app.settings.data_dir)
    assert seal is not None
    terms = {"policies": app.policies, "now": NOW}
    mine = write(
        collective.connect, seal, Account(0, 0, "bluesky", "emploi.example.org"), Secret("t"),
        name="Languette", actor=CLI, **terms,
    )  # fmt: skip
    names = ("shared", "alone", "removed")
    tokens_of = {name: _decided(site, 20 + index, Verdict.ACCEPT) for index, name in enumerate(names)}
    write(planning.plan, networks=["bluesky"], publishing=["bluesky"], **terms)
    for boost in app.store.run_read(boosts.listed, volunteer_id=mine.volunteer_id):
        for state in (BoostState.SENDING, BoostState.VERIFIED):
            write(boosts.move, boost.id, state, ended_at=NOW)
        row = {"boost_id": boost.id, "next_at": None, "target": f"{DRAFT}{boost.notice_id}.1"}
        write(calls.change, [row | {"remote_id": f"at://did:plc:{'a' * 24}/app.bsky.feed.post/3k{boost.id}"}])
    ids = {name: app.store.run_read(_notice_of, token) for name, token in tokens_of.items()}
    write(life.leave_out, ids["alone"], wanted=False, now=NOW, actor=SEEKER)
    write(life.withdraw, ids["removed"], now=NOW, actor=SEEKER)

    def stands(do: Callable[..., object], **values: object) -> Callable[[Page], object]:
        def act(page: Page) -> None:
            write(do, **values)
            page.reload()

        return act

    shared = f"/n/{tokens_of['shared']}"
    return [
        State("status-own", shared),
        State("status-alone", f"/n/{tokens_of['alone']}"),
        State("confirm-alone", f"{shared}/alone"),
        State("impact-own", "/impact"),
        State("networks-own", "/admin/networks", admin=True, then=stands(_works, seal=seal, account=mine)),
        State("networks-own-unlabelled", "/admin/networks", admin=True,
              then=stands(collective.looked, account=mine, labelled=False, now=NOW)),
        State("networks-own-leftovers", "/admin/networks", admin=True,
              then=stands(_cut_off, account=mine)),
    ]  # fmt: skip


def _works(session: Session, seal: Seal, account: Account) -> None:
    """Its token is taken, its label there."""
    tokens.give(session, seal, account, Secret("t"), mode=Mode.COLLECTIVE, now=NOW)
    access.label(session, account.id, NOW, labelled=True)


def _cut_off(session: Session, account: Account) -> None:
    """The network takes the token no more, and what is to go stays."""
    access.lose(session, account.id, NOW - timedelta(hours=2))
    collective.take_back(session, now=NOW)


def _called(site: Site, rng: random.Random, seal: Seal) -> str:
    """A day with one share to be made in one tap, and one in each state of what is made by a call."""
    write = site.app.store.run_write
    who, token = story.recruit(site.app, rng, 0, NOW, tag="demo_tap")
    volunteer = site.app.store.run_read(stored.get, who)
    account = next(a for a in volunteer.accounts if a.network == "bluesky")
    write(tokens.give, seal, account, Secret("t"), mode=Mode.ONE_TAP, now=NOW - timedelta(days=9))
    sent = BoostState.DUE, BoostState.SENDING
    ways: list[tuple[BoostState, ...]] = [
        (BoostState.ASKED,),
        (BoostState.DUE,),
        (*sent, BoostState.UNCERTAIN),
        (*sent, BoostState.FAILED),
        (*sent, BoostState.VERIFIED),
        (*sent, BoostState.VERIFIED, BoostState.UNDOING),
        (*sent, BoostState.VERIFIED, BoostState.UNDOING, BoostState.UNDONE),
    ]
    going = site.app.store.run_read(notices.listed, states=[NoticeState.ACTIVE])
    for notice, states in zip(going, ways, strict=False):
        mode = Mode.ONE_TAP if states == ways[0] else Mode.AUTOMATIC
        values = {"account_id": account.id, "network": "bluesky", "mode": mode}
        boost = write(plan_boost, notice, volunteer, **values)
        for state in states:
            write(boosts.move, boost, state, asked_at=NOW, ended_at=NOW)
    return f"/inbox/{token}"


def _wish(*, agree: bool) -> Callable[[Page], object]:
    """Choose the app password and leave it out, or agree to go to the network."""

    def do(page: Page) -> None:
        if agree:
            page.check("#agree")
        else:
            page.check("[value=password]")
        page.locator("main form button").last.click()

    return do


def _finished(page: Page) -> None:
    """The page has sent its form by itself."""
    page.wait_for_function("document.querySelector('form[data-finish]') === null")


def halted(site: Site) -> list[State]:
    """What everybody sees while all stands still; to be shown during a halt."""
    return [
        State("inbox", f"/inbox/{site.stage.volunteer_token}"),
        State("status", f"/n/{site.stage.seeker_token}"),
        State("queue", "/admin/queue", admin=True),
        State("health", "/admin/health", admin=True),
        State("networks", "/admin/networks", admin=True),
        State("resume", "/admin/resume", admin=True),
        State("resume-errors", "/admin/resume", admin=True, then=_press("main form button"), status=422),
    ]


def public(site: Site) -> list[State]:
    """Everybody's pages."""
    going = site.app.store.run_read(notices.listed, states=[NoticeState.ACTIVE])
    slug, number = next((n.share_slug, n.id) for n in going if not n.posts)
    why = "It breaks the law: the employer is named and insulted"
    followed = site.app.store.run_write(outside.receive, number, why=why, contact="a@example.org", now=NOW)
    return [
        State("find", "/find"),
        State("impact", "/impact"),
        State("fairness", "/fairness"),
        State("data", "/data"),
        State("accessibility", "/accessibility"),
        State("contact", "/contact"),
        State("legal", "/legal"),
        State("terms", "/terms"),
        State("security", "/security"),
        State("share", f"/s/{slug}"),
        State("report-outside", f"/s/{slug}/report"),
        State(
            "report-outside-errors", f"/s/{slug}/report", then=_press("main form button.btn-main"), status=422
        ),
        State("reported", f"/report/{followed}?sent=1"),
        State("nothing", "/nothing-here", status=404),
    ]


def moderators(site: Site) -> list[State]:
    """The admins' pages."""
    setup = site.app.store.run_write(admins.new_setup_link, NOW)
    flagged = site.app.store.run_read(notices.listed, states=[NoticeState.PENDING])
    active, told = (n.id for n in site.app.store.run_read(notices.listed, states=[NoticeState.ACTIVE])[:2])
    for twin in (flagged[0], site.app.store.run_read(notices.get, active)):
        site.app.store.run_write(known.add_keys, twin.seeker_id, {"the same": "author"})
    why = "It looks like a scam or advertising: asks for money"
    site.app.store.run_write(reports.add, notice_id=told, volunteer_id=site.stage.you, why=why, now=NOW)
    site.app.store.run_write(outside.receive, told, why=why, contact="a@example.org", now=NOW)
    return [
        State("setup", f"/admin/setup/{setup}"),
        State("login", "/admin/login"),
        State("login-errors", "/admin/login", then=_press("main form button"), status=422),
        State("triage", "/admin", admin=True),
        *(State(f"case-{index}", f"/admin/case/{n.id}", admin=True) for index, n in enumerate(flagged[:4])),
        State("case-reported", f"/admin/case/{told}", admin=True),
        State("notice-reported", f"/admin/notice/{told}", admin=True),
        State("decisions", "/admin/decisions", admin=True),
        State("queue", "/admin/queue", admin=True),
        State("queue-filtered", "/admin/queue?state=active", admin=True),
        State("notice", f"/admin/notice/{active}", admin=True),
        State("notice-close", f"/admin/notice/{active}/close", admin=True),
        State("roster", "/admin/volunteers", admin=True),
        State("volunteer", f"/admin/volunteers/{site.stage.you}", admin=True),
        State("journal", "/admin/journal", admin=True),
        State("health", "/admin/health", admin=True),
        State("form-close", "/admin/form/close", admin=True),
        State("networks", "/admin/networks", admin=True),
        State("halt", "/admin/halt", admin=True),
        State("admins", "/admin/admins", admin=True),
        State("admins-add", "/admin/admins/add", admin=True),
        State("me", "/admin/me", admin=True),
        State("factor", "/admin/factor", admin=True),
        State("factor-errors", "/admin/factor", admin=True, then=_press("main form button"), status=422),
        State("recovery-codes", "/admin/factor/codes", admin=True),
        State("prove", "/admin/prove", admin=True),
        State("password", "/admin/password", admin=True),
        State("password-errors", "/admin/password", admin=True, then=_press("main form button"), status=422),
    ]


def opened(page: Page, site: Site, state: State, lang: str) -> None:
    """Bring the page into the state."""
    answer = page.goto(f"{site.url}/{lang}{state.path}")
    if state.admin and "/admin/login" in page.url:
        log_in(page, site.url, lang)
        answer = page.goto(f"{site.url}/{lang}{state.path}")
    if state.then is not None:
        state.then(page)
        page.wait_for_load_state()
    else:
        assert answer is not None
        assert answer.status == state.status, f"{state.name}: {answer.status}"

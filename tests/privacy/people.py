"""Two invented people whose every word can be looked for, and their whole story."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import App
from bot.delivery import by_hand, tokens
from bot.intake import form, life
from bot.intake.submit import submit
from bot.model.boost import WAITING_STATES, Mode
from bot.model.forms import Stamp
from bot.model.journal import Actor
from bot.model.lending import Way
from bot.model.moderation import Reason, Verdict
from bot.model.secret import Secret
from bot.moderation import decide
from bot.planning import ask
from bot.planning import round as planning
from bot.roster import form as roster_form
from bot.roster.join import join
from bot.sets import regions, sectors
from bot.storage import access, boosts, connections
from bot.trust import keyfile
from bot.trust.vault import Vault
from tests.clocks import StillClock

SEEKER, VOLUNTEER = Actor("seeker"), Actor("volunteer")
SEEKERS_WORDS = (
    "Zymologist", "Quimperlé", "mornings only in the cellar", "Perpetua", "perpetua.quill@example.org",
    "perpetua_q", "1790000000000000042", "yeast and copper kettles", "Kindly leave the cellar out",
)  # fmt: skip
"""Title, place, sentence, name, address, handle, post, an earlier sentence, a moderator's note."""
VOLUNTEERS_WORDS = (
    "Balthazar",
    "balthazar_reeds",
    "balthazar@reeds.example",
    "reeds.example",
    "smells of yeast",
)
"""Name, two handles, the server that only they are on, a remark about a notice."""


@dataclass(frozen=True)
class People:
    """Who they are to the program: numbers, and the tokens of their links."""

    seeker: int
    notice: int
    seeker_token: str
    volunteer: int
    volunteer_token: str


def story(app: App, clock: StillClock) -> People:
    """A volunteer joins, a seeker sends and changes a notice, it is accepted, asked for and reported."""

    def write(fn: Any, *args: Any, **values: Any) -> Any:
        return app.store.run_write(fn, *args, now=clock.now(), **values)

    application = roster_form.Application(
        name="Balthazar", networks=("x", "mastodon"),
        handles={"x": "balthazar_reeds", "mastodon": "balthazar@reeds.example"},
        pace=roster_form.CUSTOM, cap="7", spacing="17", languages=("fr",), time_zone="Indian/Reunion",
        quiet="no", sectors_wanted="all", regions_wanted="all", charter=True, consent=True,
    )  # fmt: skip
    profile, errors = roster_form.read(
        application, networks=app.networks, sectors=sectors(), regions=regions()
    )
    assert profile is not None, errors
    joined = write(join, profile, actor=VOLUNTEER, lang="fr", consent_act="join_form")
    seal = Vault([keyfile.new_key()]).seal
    accounts = joined.volunteer.accounts
    for account in accounts:
        write(tokens.give, seal, account, Secret("t0k3n"), mode=Mode.ONE_TAP)
    app.store.run_write(access.give_back, accounts[1].id)
    write(connections.begin, accounts[0].id, state_hash="of-nothing", mode=Mode.AUTOMATIC, way=Way.PAGE,
          lang="fr", sealed=seal.close("nowhere", Secret("k3pt")), expires_at=clock.now())  # fmt: skip
    sent = write(submit, _draft(app, "yeast and copper kettles"), settings=app.settings, keys=app.keys,
                 actor=SEEKER, form=Stamp("stamp-of-the-form", clock.now() + timedelta(days=1)))  # fmt: skip
    common = {"settings": app.settings, "keys": app.keys, "networks": app.networks}
    _decide(write, app, sent.notice.id, Verdict.ASK, note="Kindly leave the cellar out of it.")
    write(life.edit, sent.notice.id, _draft(app, "mornings only in the cellar"), keys=app.keys, actor=SEEKER)
    clock.advance(timedelta(minutes=5))
    _decide(write, app, sent.notice.id, Verdict.ACCEPT)
    clock.advance(timedelta(hours=1))
    write(planning.run, **common)
    while not (asked := app.store.run_read(boosts.listed, states=WAITING_STATES)):
        clock.advance(timedelta(hours=1))
        write(ask.ask_due, **common)
    write(by_hand.open_boost, asked[0].id, volunteer_id=joined.volunteer.id)
    write(
        by_hand.report, asked[0].id, volunteer_id=joined.volunteer.id, why="Something else: smells of yeast"
    )
    return People(sent.notice.seeker_id, sent.notice.id, sent.token, joined.volunteer.id, joined.token)


def _draft(app: App, text: str) -> form.Draft:
    draft, errors = form.read(
        form.Submission(
            title="Zymologist", place="Quimperlé", contract="permanent", text=text, has_post="yes",
            link="https://x.com/perpetua_q/status/1790000000000000042", name="Perpetua",
            email="perpetua.quill@example.org", consent=True,
        ),
        app.networks,
    )  # fmt: skip
    assert draft is not None, errors
    return draft


def _decide(write: Any, app: App, notice_id: int, verdict: Verdict, note: str = "") -> None:
    undo = timedelta(seconds=app.settings.undo_s)
    reason = Reason.PERSONAL_DATA if note else None
    write(
        decide.decide,
        notice_id,
        verdict,
        reason=reason,
        note=note,
        settings=app.settings,
        admin_id=None,
        undo=undo,
    )


def found_in(folder: Path, words: tuple[str, ...], *, besides: str = "backups") -> list[tuple[str, str]]:
    """Give which of the words stand in which file of a folder, as UTF-8, in JSON or in any case."""
    hits = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and besides not in file.parts:
            held = file.read_bytes().lower()
            for word in words:
                forms = {word.lower().encode(), word.lower().encode("ascii", "backslashreplace")}
                hits += [(file.name, word) for one in forms if one in held]
    return hits

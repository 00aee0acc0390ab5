"""What was decided from the same facts under the same secret is decided again, to the second.

Old decisions are proved by the code of today (`bot plan audit`), nobody's next turn moves with an upgrade,
and anybody gets the same answer from the same document. Whoever changes a rule on purpose gives it another
version, records anew and reads what has changed: `python -m tests.planning.test_recorded`.
"""

import hashlib
import json
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from bot.intake import life
from bot.model.journal import CLI
from bot.model.notice import NoticeState, PostRef
from bot.planning import prove
from bot.planning.document import answer
from bot.roster import change
from bot.storage import Session, notices, seekers, volunteers
from bot.trust.links import hash_token, new_token
from tests.planning.rounds import document
from tests.planning.test_audit import (
    BREACHES,
    START,
    STEP,
    TAMPERED,
    WORDS,
    Month,
    Story,
    a_month,
    installation,
    left_by,
)

RECORDED = Path(__file__).with_name("recorded.jsonl")
ANSWERS = Path(__file__).with_name("recorded_answers.json")
DOCUMENTS = 12
STEPS = 20
TOLD = {
    "journal": "at, actor, action, subject, details",
    "plan_log": "at, kind, subject, data",
    "boost": "id, notice_id, volunteer_id, account_id, network, mode, state, due_at, asked_at, reason",
    "notice": "id, person_id, state, waiting, scarcity, reached, certificate",
}
"""The columns that tell what was decided, by table."""


class Varied(Story):
    """People and notices of every kind: posts on networks, languages, weights, two notices of one person."""

    arrivals = 0.6

    def join(self, session: Any, n: int) -> None:
        """One in three reads English too; one is never quiet, one not before noon."""
        super().join(session, n)
        if n % 3 == 0:
            volunteers.update(session, n + 1, languages=["en", "fr"])
        if n in {4, 5}:
            volunteers.update(session, n + 1, quiet_len_min=0 if n == 4 else 14 * 60)

    def how(self, now: datetime) -> dict[str, Any]:
        """With the policies in force, but for X a longer spacing than a notice's own."""
        policies = self.app.policies
        return {**super().how(now), "policies": {**policies, "x": replace(policies["x"], spacing_min=75)}}

    def step(self, now: datetime) -> None:
        """Somebody pauses in the first night; the next day notices end, enough for a mean."""
        hours = (now - START) / timedelta(hours=1)
        if hours == 12:
            self.act(change.pause, 3, until=now + timedelta(hours=18), now=now, actor=CLI)
        if hours == 28:
            for notice in self.app.store.run_read(notices.listed, states=[NoticeState.ACTIVE])[:5]:
                self.act(life.withdraw, notice.id, now=now, actor=CLI)
        super().step(now)

    def arrive(self, now: datetime, seeker: int | None = None) -> None:
        """A notice is accepted."""
        where = self.rng.choice([(), (), ("x",), ("mastodon", "x")])

        def add(session: Session) -> None:
            made = notices.add(
                session,
                seeker_id=seekers.add(session, lang="fr", email=None, now=now),
                words=WORDS,
                lang=self.rng.choice(["fr", "fr", "en"]),
                sector=self.rng.choice(["F", "J", None]),
                region=self.rng.choice(["32", "11", None]),
                posts=[PostRef(name, f"https://{name}.example/{now:%d%H}", f"{now:%d%H}") for name in where],
                share_slug=new_token(),
                token_hash=hash_token(new_token()),
                demand=self.rng.choice([2, 8]),
                now=now,
            )
            notices.move(
                session,
                made.id,
                NoticeState.ACTIVE,
                opened_at=now,
                deadline=now + timedelta(days=7),
                weight=self.rng.choice([1, 1, 2]),
                person_id=seeker or made.person_id,
            )

        self.act(add)


@cache
def played() -> tuple[Month, list[list[Any]]]:
    """Play two days of a collective; give what they leave behind, for an audit and as lines."""
    limits = {"network_hour_max": {"x": 2}, "network_day_max": {"x": 7}}
    with TemporaryDirectory() as folder, closing(installation(Path(folder), **limits)) as app:
        story = Varied(app)
        for step in range(STEPS):
            story.step(START + step * STEP)
        app.store.run_write(prove.run, **story.how(START + STEPS * STEP))
        left = left_by(app)
        report = left.audit()
        rows = [
            [table, *row]
            for table, columns in TOLD.items()
            for row in app.store.run_read(_rows, f"select {columns} from {table} order by rowid")
        ]
    said = ["audit", str(report.breach), report.asks, dict(report.checks), dict(report.unchecked)]
    return left, [said, *([_plain(value) for value in row] for row in rows)]


def _rows(session: Session, query: str) -> list[Any]:
    return list(session.connection().execute(text(query)))


def _plain(value: Any) -> Any:
    """Read what is stored as JSON, so that the order of its names does not count."""
    return json.loads(value) if isinstance(value, str) and value[:1] in {"{", "["} else value


def answers() -> dict[str, str]:
    """Answer documents in every way there is; give a digest of each answer."""
    found = {}
    for seed in range(DOCUMENTS):
        data = json.dumps(document(seed, 6 + 3 * seed, scarcity=0.3 + 0.1 * seed)).encode()
        before = answer(json.dumps(document(seed, 5 + 3 * seed, scarcity=0.3 + 0.1 * seed)).encode()).encode()
        ways: dict[str, dict[str, Any]] = {
            "plain": {"with_certificates": True},
            "reach": {"with_certificates": True, "reach": True},
            "after another": {"with_certificates": True, "before": before},
            "two changes": {"before": before, "changes": 2},
        }
        for way, how in ways.items():
            said = answer(data, **how).encode()
            found[f"{seed} {way}"] = hashlib.blake2b(said, digest_size=8).hexdigest()
    return found


def test_the_same_is_decided_again():
    """Slots, turns, ranks, reasons, limits, proofs and the lines that tell of them are as recorded."""
    recorded = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    assert played()[1] == recorded


def test_two_boosts_too_near_for_a_network_are_found():
    """What a network wants between two boosts of one post counts, where that is more than a notice's own."""
    month, _ = played()
    log = [
        line._replace(data={**line.data, "apart_s": {"x": 50_000.0}}) if line.kind == "rules" else line
        for line in month.log
    ]
    breach = replace(month, log=log).audit().breach
    assert breach is not None
    assert breach.promise == "I8"
    assert breach.found.endswith(f"with {timedelta(seconds=50_000)} the least")


def test_the_same_document_has_the_same_answer():
    """Who, when, and why nobody could have more; for a document alone and after an earlier answer."""
    assert answers() == json.loads(ANSWERS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    RECORDED.write_text(
        "".join(f"{json.dumps(line, sort_keys=True)}\n" for line in played()[1]), encoding="utf-8"
    )
    told = {what: str(tamper(a_month()).audit().breach) for what, (tamper, _) in TAMPERED.items()}
    BREACHES.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    ANSWERS.write_text(json.dumps(answers(), indent=1) + "\n", encoding="utf-8")

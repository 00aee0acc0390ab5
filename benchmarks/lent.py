"""An installation whose volunteers all lend an account and owe one boost each, written by plain SQL.

Each boost has a notice, a post and a volunteer of its own: only the engine's own bounds hold one back.
"""

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam, update
from sqlmodel import col

from bot.app import App, build
from bot.delivery.tokens import bound
from bot.model.secret import Secret
from bot.settings import Settings
from bot.storage import Session
from bot.storage.tables import CallRow, LaneRow, TargetRow
from bot.trust import keyfile
from bot.trust.vault import Seal, Vault

NETWORK = "mastodon"
KEY = "vault.key"
_AT = "'2026-01-01 09:00:00.000000'"
_NEVER = "'9999-01-01 00:00:00.000000'"
_LONG_AGO = "'1970-01-01 00:00:00.000000'"

FILL = f"""
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < :boosts)
SELECT i, 'i' || (i % :places) || '.example' AS place FROM c;
INSERT INTO volunteer (id, name, lang, languages, state, cap_day, spacing_min, quiet_start_min,
    quiet_len_min, time_zone, token_hash, charter_version, joined_at)
SELECT i, 'Demo ' || i, 'fr', '["fr"]', 'active', 5, 0, 0,
    0, 'Europe/Paris', 'v' || i, '1', {_AT} FROM n;
INSERT INTO account (id, volunteer_id, network, handle, active)
SELECT i, i, '{NETWORK}', 'demo' || i || '@' || place, 1 FROM n;
INSERT INTO access (account_id, mode, sealed, given_at, used_at)
SELECT i, 'automatic', '', {_AT}, {_AT} FROM n;
INSERT INTO seeker (id, created_at, lang) SELECT i, {_AT}, 'fr' FROM n;
INSERT INTO notice (id, seeker_id, person_id, state, title, place, remote, contract, text, name, lang,
    share_slug, token_hash, revision, created_at, demand, weight, show_name)
SELECT i, i, i, 'active', 'Demo', 'Lille', 0, 'any', 'Demo', 'Demo', 'fr', 's' || i,
    'n' || i, 1, {_AT}, 12, 1, 0 FROM n;
INSERT INTO post (id, notice_id, network, remote_id, url, author)
SELECT i, i, '{NETWORK}', 'p' || i, 'https://i0.example/@demo/p' || i, 'demo@i0.example' FROM n;
INSERT INTO target (post_id, place, target, digest)
SELECT i, place, 't' || i, 'words of t' || i FROM n WHERE :located;
INSERT INTO boost (id, notice_id, volunteer_id, account_id, network, mode, state, due_at, reason, asked_at,
    skip_why)
SELECT i, i, i, i, '{NETWORK}', 'automatic', 'due', {_AT}, '{{}}', {_AT}, '' FROM n;
INSERT INTO call (boost_id, account_id, kind, next_at, target, attempts, epoch, uncertain_mark, remote_id,
    error, why)
SELECT i, i, 'boost', {_AT}, '', 0, 0, '', '', '', '' FROM n;
INSERT INTO lane (account_id, network, instance, next_due, not_before, leased_until, owner, epoch, why,
    refusals)
SELECT i, '{NETWORK}', place, {_AT}, {_LONG_AGO}, {_LONG_AGO}, '', 0, '', 0 FROM n;
DROP TABLE n;
"""


def _fill(session: Session, boosts: int, places: int, located: bool) -> None:
    connection = session.connection()
    values = {"boosts": boosts, "places": places, "located": located}
    for statement in FILL.split(";")[:-1]:
        used = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.exec_driver_sql(statement, used)


def _seal(session: Session, seal: Seal, boosts: int) -> None:
    """Give each account a real token, its own name."""
    sealed = [
        (seal.close(bound(number, NETWORK), Secret(f"v{number}")), number) for number in range(1, boosts + 1)
    ]
    session.connection().exec_driver_sql("UPDATE access SET sealed = ? WHERE account_id = ?", sealed)


def settings(folder: Path) -> Settings:
    """Give the settings of the installation in a folder."""
    return Settings(data_dir=folder / "data", _env_file=None)


def make(folder: Path, boosts: int, places: int, *, located: bool = True, tokens: bool = True) -> App:
    """Make an installation with as many boosts, accounts and lanes, all of them due.

    `located`: what the posts are called is known, and their words. `tokens`: they can be opened.
    """
    app = build(settings(folder))
    app.store.run_write(_fill, boosts, places, located)
    if tokens:
        keys = [keyfile.new_key()]
        keyfile.write_private(folder / KEY, app.settings.data_dir, keys)
        app.store.run_write(_seal, Vault(keys).seal, boosts)
    return app


def due(session: Session, first: datetime, step_ms: float) -> None:
    """Let the boosts be due one after the other from a moment on, so many milliseconds apart."""
    count = session.connection().exec_driver_sql("SELECT count(*) FROM boost").scalar_one()
    rows = [{"one": n + 1, "moment": first + timedelta(milliseconds=n * step_ms)} for n in range(count)]
    moment = bindparam("moment")
    for query in (
        update(CallRow).where(col(CallRow.boost_id) == bindparam("one")).values(next_at=moment),
        update(LaneRow).where(col(LaneRow.account_id) == bindparam("one")).values(next_due=moment),
    ):
        session.connection().execute(query, rows)


def looked(session: Session, now: datetime) -> None:
    """Let every post have been looked at just now."""
    session.connection().execute(update(TargetRow).values(looked_at=now))

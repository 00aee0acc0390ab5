"""Apply the table of `bot.privacy.rules`: a batch a transaction, so that nobody waits for it."""

from collections import Counter
from datetime import datetime, timedelta

from bot.model import memory
from bot.privacy.rules import RULES, YEAR, Rule
from bot.storage import Session
from bot.storage.store import Store
from bot.trust.ledger import Ledger

BATCH = 200
"""Rows in one transaction: some milliseconds."""
GRACE = timedelta(hours=1)
"""How late something may be: the tick runs every hour."""
COUNTED_MOST = 1000


def sweep(store: Store, ledger: Ledger, *, now: datetime) -> Counter[str]:
    """End everything that is past its date at `now`; give how many by rule.

    Whatever was erased also leaves the write-ahead log, and this process's memory, with what any other erased
    or changed; what a reader holds in the log goes with the next sweep.
    """
    done: Counter[str] = Counter()
    for rule in RULES:
        while ended := store.run_write(_batch, rule, now):
            done[rule.code] += ended
    memory.forget()
    ledger.prune(now - YEAR)
    store.fold()
    return done


def _batch(session: Session, rule: Rule, now: datetime) -> int:
    ids = rule.find(session, now - rule.kept, BATCH)
    if ids:
        rule.end(session, ids, now)
    return len(ids)


def overdue(session: Session, *, now: datetime) -> dict[str, int]:
    """Count what should have ended more than `GRACE` ago, by rule; rules that are kept are absent."""
    found = {rule.code: len(rule.find(session, now - GRACE - rule.kept, COUNTED_MOST)) for rule in RULES}
    return {code: count for code, count in found.items() if count}

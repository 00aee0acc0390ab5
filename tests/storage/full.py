"""A disk that is full, for SQLite: the database may not grow by a page."""

from sqlalchemy import event

from bot.storage.store import Store

ROOM = 1_073_741_823
"""SQLite's own limit, in pages."""


def _limit(store: Store, pages: int) -> None:
    """Let every connection that is opened from now on grow the database to so many pages at most."""
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def _set(connection, _record) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")


def filled(store: Store) -> None:
    """Fill the disk: the limit can never be below the present size, so it is that."""
    _limit(store, 1)


def freed(store: Store) -> None:
    """Make room again."""
    _limit(store, ROOM)

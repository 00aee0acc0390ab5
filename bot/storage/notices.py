"""Notices and the posts that carry them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select as columns  # SQLModel's own takes four columns at most
from sqlmodel import Session, col, delete, select

from bot.errors import ConflictError, NotFoundError
from bot.model.notice import (
    NOTICE_MOVES,
    OPEN_STATES,
    CloseReason,
    Consent,
    Contract,
    Notice,
    NoticeState,
    NoticeText,
    PostRef,
)
from bot.storage.many import among, run
from bot.storage.tables import NoticeRow, PostRow

_NOTICES, _POST = (NoticeRow.metadata.tables[name] for name in ("notice", "post"))
_POSTS = columns(_POST).where(among(_POST.c.notice_id)).order_by(_POST.c.id)
_BESIDES = {"token_hash", "before_close", "waiting", "certificate"}
_SOME = columns(*(one for one in _NOTICES.c if one.name not in _BESIDES)).where(among(_NOTICES.c.id))


def _post(row: Any) -> PostRef:
    return PostRef(row.network, row.url, row.remote_id, row.author)


def _model(row: Any, posts: Iterable[Any]) -> Notice:
    return Notice(
        id=row.id,
        seeker_id=row.seeker_id,
        person_id=row.person_id,
        state=NoticeState(row.state),
        words=NoticeText(row.title, row.place, row.remote, Contract(row.contract), row.text, row.name),
        lang=row.lang,
        sector=row.sector,
        region=row.region,
        posts=tuple(map(_post, posts)),
        share_slug=row.share_slug,
        revision=row.revision,
        created_at=row.created_at,
        opened_at=row.opened_at,
        first_opened_at=row.first_opened_at,
        deadline=row.deadline,
        demand=row.demand,
        weight=row.weight,
        close_reason=CloseReason(row.close_reason) if row.close_reason else None,
        closed_at=row.closed_at,
        snoozed_until=row.snoozed_until,
        show_name=row.show_name,
        scarcity=row.scarcity,
        reached=frozenset(row.reached or ()),
        consent=Consent(row.consent),
        alive_at=row.alive_at,
        answer_to=row.answer_to,
        by_collective=row.by_collective,
    )


def _models(session: Session, rows: Sequence[Any]) -> list[Notice]:
    posts: dict[int, list[Any]] = {}
    for post in run(session, _POSTS, ids=[row.id for row in rows]):
        posts.setdefault(post.notice_id, []).append(post)
    return [_model(row, posts.get(row.id or 0, ())) for row in rows]


def _row(session: Session, notice_id: int) -> NoticeRow:
    row = session.get(NoticeRow, notice_id)
    if row is None:
        message = f"There is no notice {notice_id}. `bot notices list` shows those there are."
        raise NotFoundError(message)
    return row


def get(session: Session, notice_id: int) -> Notice:
    """Give one notice.

    Raises:
        NotFoundError: there is none with this id.
    """
    return _models(session, [_row(session, notice_id)])[0]


def some(session: Session, ids: Iterable[int]) -> dict[int, Notice]:
    """Give notices by id; unknown ids are absent."""
    rows = run(session, _SOME, ids=list(ids)).all()
    return {notice.id: notice for notice in _models(session, rows)}


def by_token(session: Session, token_hash: str) -> Notice | None:
    """Give the notice whose status link hashes to `token_hash`."""
    row = session.exec(select(NoticeRow).where(NoticeRow.token_hash == token_hash)).first()
    return _models(session, [row])[0] if row else None


def by_slug(session: Session, slug: str) -> Notice | None:
    """Give the notice of a share page."""
    row = session.exec(select(NoticeRow).where(NoticeRow.share_slug == slug)).first()
    return _models(session, [row])[0] if row else None


def listed(
    session: Session,
    *,
    states: Iterable[NoticeState] | None = None,
    seeker_id: int | None = None,
    person_id: int | None = None,
    ids: Iterable[int] | None = None,
    limit: int = 1000,
    newest_first: bool = False,
) -> list[Notice]:
    """Give notices in the order they came, at most `limit`."""
    query = select(NoticeRow)
    if states is not None:
        query = query.where(col(NoticeRow.state).in_([s.value for s in states]))
    if seeker_id is not None:
        query = query.where(NoticeRow.seeker_id == seeker_id)
    if person_id is not None:
        query = query.where(NoticeRow.person_id == person_id)
    if ids is not None:
        query = query.where(col(NoticeRow.id).in_(list(ids)))
    order = col(NoticeRow.id).desc() if newest_first else col(NoticeRow.id)
    return _models(session, session.exec(query.order_by(order).limit(limit)).all())


def open_notice_of(session: Session, seeker_id: int) -> Notice | None:
    """Give the seeker's notice that has not ended, if any."""
    return next(iter(listed(session, states=OPEN_STATES, seeker_id=seeker_id, limit=1)), None)


def others_of(
    session: Session, person_id: int, *, besides: int, states: Iterable[NoticeState]
) -> list[Notice]:
    """Give a person's notices (not `besides`) in these states."""
    found = listed(session, states=states, person_id=person_id)
    return [notice for notice in found if notice.id != besides]


def last_round(session: Session, person_id: int, *, besides: int) -> Notice | None:
    """Give the notice (not `besides`) with which a person last went round."""
    query = select(NoticeRow).where(
        NoticeRow.person_id == person_id, NoticeRow.id != besides, col(NoticeRow.first_opened_at).is_not(None)
    )
    row = session.exec(query.order_by(col(NoticeRow.first_opened_at).desc())).first()
    return _models(session, [row])[0] if row else None


def add(
    session: Session,
    *,
    seeker_id: int,
    words: NoticeText,
    lang: str,
    sector: str | None,
    region: str | None,
    posts: Iterable[PostRef],
    share_slug: str,
    token_hash: str,
    demand: int,
    now: datetime,
    consent: Consent = Consent.ASKED,
) -> Notice:
    """Insert the notice of a new seeker, pending, that counts by itself."""
    row = NoticeRow(
        seeker_id=seeker_id,
        person_id=seeker_id,
        state=NoticeState.PENDING,
        **asdict(words),
        lang=lang,
        sector=sector,
        region=region,
        share_slug=share_slug,
        token_hash=token_hash,
        created_at=now,
        alive_at=now,
        demand=demand,
        consent=consent,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    set_posts(session, row.id, posts)
    return get(session, row.id)


def set_posts(session: Session, notice_id: int, posts: Iterable[PostRef]) -> None:
    """Replace the posts of a notice."""
    session.exec(delete(PostRow).where(col(PostRow.notice_id) == notice_id))
    for post in posts:
        session.add(
            PostRow(
                notice_id=notice_id,
                network=post.network,
                remote_id=post.remote_id,
                url=post.url,
                author=post.author,
            )
        )
    session.flush()


def set_words(session: Session, notice_id: int, words: NoticeText) -> None:
    """Replace the words of a notice and count a revision."""
    row = _row(session, notice_id)
    row.sqlmodel_update(asdict(words))
    row.revision += 1
    session.add(row)
    session.flush()


def set_match(session: Session, notice_id: int, *, sector: str | None, region: str | None) -> None:
    """Set what the roster is matched by."""
    row = _row(session, notice_id)
    row.sector, row.region = sector, region
    session.add(row)
    session.flush()


def move(session: Session, notice_id: int, to: NoticeState, **values: Any) -> Notice:
    """Change the state, and any other column by keyword, if the present state allows it.

    Raises:
        ConflictError: `NOTICE_MOVES` forbids the move.
    """
    row = _row(session, notice_id)
    state = NoticeState(row.state)
    if to not in NOTICE_MOVES[state]:
        message = f"Notice {notice_id} is {state.value}; it cannot become {to.value}."
        raise ConflictError(message)
    row.state = to
    for name, value in values.items():
        setattr(row, name, value)
    row.first_opened_at = row.first_opened_at or row.opened_at
    session.add(row)
    session.flush()
    return get(session, notice_id)


def close(session: Session, notice_id: int, why: CloseReason, now: datetime) -> Notice:
    """End a notice, remembering what undo would put back.

    Raises:
        ConflictError: it has already ended.
    """
    row = _row(session, notice_id)
    if NoticeState(row.state) is NoticeState.CLOSED:
        message = f"Notice {notice_id} has already ended ({row.close_reason})."
        raise ConflictError(message)
    return move(
        session, notice_id, NoticeState.CLOSED, close_reason=why, closed_at=now, before_close=row.state
    )


def reopen(session: Session, notice_id: int) -> Notice:
    """Take a notice's end back: the state it had before, no close reason.

    Raises:
        ConflictError: it has not ended.
    """
    row = _row(session, notice_id)
    if NoticeState(row.state) is not NoticeState.CLOSED or row.before_close is None:
        message = f"Notice {notice_id} has not ended."
        raise ConflictError(message)
    state = NoticeState(row.before_close)
    return move(session, notice_id, state, close_reason=None, closed_at=None, before_close=None)


def set_waiting(session: Session, waiting: Mapping[int, Mapping[str, Any] | None]) -> None:
    """Store why each notice got nothing in the last round (None: it got something)."""
    for row in session.exec(select(NoticeRow).where(col(NoticeRow.id).in_(list(waiting)))):
        value = waiting[row.id or 0]
        row.waiting = None if value is None else dict(value)
        session.add(row)
    session.flush()


def waiting(session: Session, notice_id: int) -> Mapping[str, Any] | None:
    """Give the last round's reason for giving this notice nothing, as data."""
    return _row(session, notice_id).waiting


def update(session: Session, notice_id: int, **values: Any) -> Notice:
    """Set columns of `NoticeRow` by keyword, the state left as it is."""
    row = _row(session, notice_id)
    for name, value in values.items():
        if not hasattr(row, name):
            raise AttributeError(name)
        setattr(row, name, value)
    session.add(row)
    session.flush()
    return get(session, notice_id)

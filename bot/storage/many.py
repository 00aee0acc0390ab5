"""Many numbers as one parameter: the text of a statement is the same however many, so it is compiled once.

A statement with such a condition is built once, at import, and run past the unit of work: in a turn for
hundreds of boosts, building statements and row objects cost most of the time.
"""

from typing import Any

from sqlalchemy import JSON, ColumnElement, CursorResult, Executable, bindparam, func, tuple_
from sqlalchemy import select as columns
from sqlmodel import Session


def among(column: Any, name: str = "ids") -> ColumnElement[bool]:
    """Say that a column is in the list that the parameter `name` holds (SQLite's json_each)."""
    each = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    found: ColumnElement[bool] = column.in_(columns(each.c.value))
    return found


def alike(*wanted: Any, name: str) -> ColumnElement[bool]:
    """Say that several columns together are in the list of lists that the parameter `name` holds."""
    each = func.json_each(bindparam(name, type_=JSON)).table_valued("value")
    parts = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(wanted))]
    found: ColumnElement[bool] = tuple_(*wanted).in_(columns(*parts))
    return found


def run(session: Session, query: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement with its parameters; what the session holds as objects is not brought up to date."""
    return session.connection().execute(query, values)

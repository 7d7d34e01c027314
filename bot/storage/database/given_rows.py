"""Rows that a statement is given, as a table: one query then answers for many of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Subquery,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB


def given_rows(*names: str, postgres: bool) -> Subquery:
    """Return a table with the columns *names* for a statement that is made only once.

    It is executed with `dumped`. All values are text in PostgreSQL, and what they are in
    JSON in SQLite: cast what is no text. The rows are one JSON text, so the statement is the
    same however many there are, and stays compiled.
    """
    given: BindParameter[str] = bindparam("given_")
    if postgres:
        rows = func.jsonb_array_elements(cast(given, JSONB)).table_valued("value")
        values: list[ColumnElement[Any]] = [
            rows.c.value.op("->>")(at) for at in range(len(names))
        ]
    else:
        rows = func.json_each(given).table_valued("value")
        values = [
            func.json_extract(rows.c.value, f"$[{at}]") for at in range(len(names))
        ]
    named = (value.label(name) for value, name in zip(values, names, strict=True))
    return select(*named).subquery("given")


def dumped(rows: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Return *rows* as the values that a statement with `given_rows` is executed with."""
    return {"given_": json.dumps(list(rows))}

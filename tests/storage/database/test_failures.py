"""No error of the database shows a value of a row: whoever meets it may log it."""

from __future__ import annotations

import ast
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert
from sqlalchemy.exc import DataError, StatementError

from bot.errors import BotError, RowRefused
from bot.storage.calls.store import Store
from bot.storage.calls.tables import calls, to_row
from bot.storage.database.failures import plain
from checkout import ROOT
from intents import a_call

WORD = "not-to-be-logged"
ROW = to_row(a_call(key=WORD)) | {"aftermath": WORD}

REFUSED: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "one like it is there": ({"id": "c2"}, RowRefused),
    "its id is there": ({"key": "t2"}, RowRefused),
    "nothing where something must be": ({"id": "c2", "callee": None}, RowRefused),
    "no time": ({"id": "c2", "key": "t2", "asked_at": WORD}, StatementError),
    "no value at all": ({"id": "c2", "key": "t2", "taken_by": {WORD}}, BotError),
}


def shown(error: BaseException) -> str:
    """Return all that a log prints of *error*, and its value for a debugger."""
    return "".join(traceback.format_exception(error)) + repr(error)


@pytest.mark.parametrize("rule", REFUSED)
async def test_who_meets_a_refused_row_learns_no_value_of_it(
    store: Store, caplog: pytest.LogCaptureFixture, rule: str
) -> None:
    """The log's last net knows numbers and tokens, not what people write in a note."""
    caplog.set_level("DEBUG")
    changes, kind = REFUSED[rule]

    def add(connection: Connection, row: dict[str, Any]) -> None:
        connection.execute(insert(calls), row)

    await store.writer.run(lambda c: add(c, ROW))
    with pytest.raises(kind) as error:
        await store.writer.run(lambda c: add(c, ROW | changes))

    assert WORD not in shown(error.value) + caplog.text


@given(value=st.text(min_size=1), quote=st.sampled_from("\"'«„“"))
def test_a_value_of_the_wrong_form_is_cut_out_of_what_is_told(
    value: str, quote: str
) -> None:
    """PostgreSQL quotes it in the first line, and the whole row in the next ones."""
    said = f"invalid input syntax for type integer: {quote}{WORD}{value}{quote}"
    error = DataError("INSERT", {"note": WORD}, Exception(f"{said}\n{WORD}"))

    told = plain(error)

    assert told.startswith("Exception: invalid input syntax for type integer: ")
    assert WORD not in told


def test_what_a_job_is_refused_is_caught_by_the_name_that_it_has() -> None:
    """`IntegrityError` never leaves the writer: who waits for it would miss `RowRefused`."""
    tries = [
        (path.name, ast.unparse(node))
        for path in (ROOT / "bot").rglob("*.py")
        if "IntegrityError" in (text := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Try)
        and any("IntegrityError" in ast.unparse(e.type or node) for e in node.handlers)
    ]

    assert {name for name, text in tries if "begin_nested" not in text} == set()
    assert tries

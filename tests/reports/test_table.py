"""Exported rows: no spreadsheet executes one, and every program reads them back."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.table import FORMULA_SIGNS, HARMLESS, cell, csv_lines, json_lines

SIGNS = st.sampled_from([*FORMULA_SIGNS, HARMLESS, '"', ",", ";", "\n", "\0", "a", " "])
TEXTS = st.lists(SIGNS, max_size=6).map("".join) | st.text()
VALUES = TEXTS | st.integers() | st.booleans() | st.none()


@given(rows=st.lists(st.lists(VALUES, min_size=1, max_size=4), max_size=4))
def test_no_cell_is_a_formula_and_csv_reads_it_back(rows: list[list[object]]) -> None:
    """A note or number that a spreadsheet executes could send its other cells away."""
    read = list(csv.reader(io.StringIO(csv_lines(rows), newline="")))

    assert read == [[cell(each) for each in row] for row in rows]
    assert not any(each.startswith(FORMULA_SIGNS) for row in read for each in row)


@given(text=TEXTS)
def test_a_cell_is_its_value_with_at_most_a_quote_in_front(text: str) -> None:
    """Who reads the file by program takes one sign away, and has the value."""
    plain = text.replace("\0", "")

    assert cell(text) in {plain, HARMLESS + plain}
    begins = plain.startswith(FORMULA_SIGNS) or plain.lstrip().startswith(FORMULA_SIGNS)
    assert (cell(text) == plain) is not begins


WIDE = "＝＋－＠"  # noqa: RUF001 - a spreadsheet takes them for the others


@pytest.mark.parametrize("sign", "=+-@\t\r\n" + WIDE)
def test_each_sign_that_begins_a_formula_gets_a_quote(sign: str) -> None:
    """Named here one by one, so that none is lost from the list that is looked at."""
    assert cell(f"{sign}1") == f"'{sign}1"
    assert cell(f"\0{sign}1") == f"'{sign}1"


@pytest.mark.parametrize("sign", "=+-@" + WIDE)
@pytest.mark.parametrize("space", [" ", "\N{NO-BREAK SPACE}", " \t"])
def test_a_formula_after_spaces_gets_a_quote_too(space: str, sign: str) -> None:
    """Some spreadsheets take spaces away before they look at a cell."""
    assert cell(f"{space}{sign}1") == f"'{space}{sign}1"


def test_every_phone_number_gets_a_quote() -> None:
    """Otherwise a spreadsheet adds it up: +14155550142 becomes 1.4E+10."""
    assert cell("+14155550142") == "'+14155550142"
    assert cell("+1 ••• ••• 0142") == "'+1 ••• ••• 0142"
    assert [cell(each) for each in (True, False, None, 62)] == ["yes", "no", "", "62"]


@given(row=st.dictionaries(st.text(), VALUES, max_size=4))
def test_json_lines_have_the_values_as_they_are(
    row: dict[str, str | int | bool | None],
) -> None:
    """A program needs no protection from formulas, and one line is one call."""
    text = json_lines([row, row])

    assert [json.loads(line) for line in text.split("\n")[:-1]] == [row, row]

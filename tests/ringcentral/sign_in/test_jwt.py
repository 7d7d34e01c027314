"""Reads the claims of a JWT credential; malformed ones must do no harm."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ringcentral.sign_in.grant import is_jwt, jwt_expiry

AT = 1_800_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just("exp"), inner),
)


def jwt(claims: object) -> str:
    """Return what looks like a JWT, with *claims*; padding is left out, as in real ones."""
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{body}.signature"


@pytest.mark.parametrize("more", ["", "x", "xy", "xyz", "ü?>"])
def test_the_end_is_read_whatever_the_padding(more: str) -> None:
    """Base64 without its padding, in the alphabet of addresses."""
    assert jwt_expiry(jwt({"exp": AT, "n": more})) == datetime.fromtimestamp(AT, UTC)


@pytest.mark.parametrize(
    "exp",
    [
        None,
        "1800000000",
        True,
        0,
        -5,
        float("nan"),
        float("inf"),
        10**13 * AT,
        [AT],
        {},
    ],
)
def test_an_end_that_is_none_is_none(exp: object) -> None:
    """A malformed expiry (milliseconds, text) must not cause a warning to people."""
    assert jwt_expiry(jwt({"exp": exp})) is None


def test_a_fraction_of_a_second_is_an_end_too() -> None:
    """RFC 7519 allows it."""
    found = jwt_expiry(jwt({"exp": AT + 0.5}))

    assert found is not None
    assert found.timestamp() == AT + 0.5


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
@example("")
@example("a.b.c")
@example("..")
@example("a." + "W" * 5000 + ".c")
@example("a." + base64.b64encode(b"[" * 100_000).decode() + ".c")
@example("a." + base64.b64encode(b'{"exp": ' + b"9" * 5000 + b"}").decode() + ".c")
@example("a.\ud800.c")
def test_whatever_is_pasted_breaks_nothing(text: str) -> None:
    """People paste whatever is in their clipboard, so nothing may crash here."""
    assert jwt_expiry(text) is None or isinstance(jwt_expiry(text), datetime)
    assert is_jwt(text) in {True, False}


@given(JSON)
def test_whatever_the_claims_are_an_end_is_a_moment_or_none(claims: Any) -> None:
    """Aware and in UTC, so that it can be compared with now."""
    found = jwt_expiry(jwt(claims))

    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b.c", True),
        ("", False),
        ("..", False),
        ("a.b", False),
        ("a.b.c.d", False),
        ("a..c", False),
        ("ä.b.c", False),
    ],
)
def test_three_parts_make_a_credential(text: str, *, expected: bool) -> None:
    """Anything else is not sent to RingCentral, which locks users out for failures."""
    assert is_jwt(text) is expected

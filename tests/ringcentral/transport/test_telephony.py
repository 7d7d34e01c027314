"""Sessions and events of any shape become values, or nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.sessions.session import PartyRole, SessionEvent, TelephonySession
from bot.ringcentral.transport.telephony import (
    MOST_PARTIES_READ,
    session,
    session_event,
)
from checkout import SHARED

SAMPLES = SHARED / "samples"
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = ["id", "status", "from", "to", "ringOutRole", "extensionId"]


def sample(name: str) -> Any:
    """Return a sample of RingCentral's JSON; skip without them."""
    path = SAMPLES / f"{name}.json"
    if not path.exists():
        pytest.skip("no samples")
    return json.loads(path.read_text())


def notified(**body: Any) -> dict[str, Any]:
    """Return a notification; *body* replaces fields of its body."""
    usual = {
        "sequence": 3,
        "telephonySessionId": "s-1",
        "eventTime": "2026-11-20T17:03:12.618Z",
        "origin": {"type": "RingOut"},
        "parties": [{"id": "p-1", "status": {"code": "Answered"}}],
    }
    return {"uuid": "5482100039032118", "body": usual | body}


def test_a_session_is_read() -> None:
    """Its parties say who is who before a call is hung up."""
    seen = session(sample("telephony_session_ringout"))

    assert seen is not None
    assert seen.origin == "RingOut"
    assert [(each.role, each.code) for each in seen.parties] == [
        (PartyRole.INITIATOR, "Answered"),
        (PartyRole.TARGET, "Proceeding"),
    ]
    assert seen.parties[1].callee == "+14155550142"
    assert not seen.parties[1].extension


def test_an_event_is_read() -> None:
    """It has the time and the place in the order of its session's events."""
    heard = session_event(sample("event_2_initiator_answered"))

    assert heard is not None
    assert heard.sequence == 7
    assert heard.at == datetime(2026, 11, 20, 17, 3, 21, 318000, UTC)
    assert heard.session.id.startswith("s-a0d7")
    assert [each.code for each in heard.parties] == ["Answered"]


@pytest.mark.parametrize(
    "body",
    [
        {"telephonySessionId": ""},
        {"telephonySessionId": "s 1"},
        {"sequence": None},
        {"sequence": "3"},
        {"sequence": True},
    ],
)
def test_an_event_without_session_or_order_is_none(body: dict[str, Any]) -> None:
    """It could only be guessed what it changes."""
    assert session_event(notified(**body)) is None


def test_a_forged_event_stays_small() -> None:
    """Whoever learns the webhook's secret must not get a number or a book stored."""
    words = {"code": "+14155550142", "reason": "x" * 5000}
    parties = [{"id": f"p-{number}", "status": words} for number in range(500)]

    heard = session_event(notified(parties=parties, sequence=10**30))

    assert heard is not None
    assert len(heard.parties) == MOST_PARTIES_READ
    assert {(each.code, each.reason) for each in heard.parties} == {("", "")}
    assert heard.sequence < 2**63


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": ANY_JSON,
            "creationTime": ANY_JSON,
            "origin": ANY_JSON,
            "uuid": ANY_JSON,
            "parties": st.lists(
                st.dictionaries(st.sampled_from(NAMES), ANY_JSON) | ANY_JSON
            ),
            "body": st.dictionaries(
                st.sampled_from(
                    ["telephonySessionId", "sequence", "parties", "origin"]
                ),
                ANY_JSON,
            ),
        },
    )
    | ANY_JSON
)
def test_any_json_is_read_without_an_error(body: Any) -> None:
    """A webhook is open to everybody who knows its address."""
    assert isinstance(session(body), TelephonySession | None)
    assert isinstance(session_event(body), SessionEvent | None)

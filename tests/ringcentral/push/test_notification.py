"""What RingCentral pushes, and what anybody may send to a webhook."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ringcentral.push import frames
from bot.ringcentral.push.notification import MOST_PUSHED_BYTES, notification, parsed
from pushed import a_body, a_party, an_event

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def test_an_event_is_read_with_the_subscription_it_was_sent_for() -> None:
    """It must not be taken for an event of another account's subscription."""
    told = notification(parsed(json.dumps(an_event()).encode()))

    assert told is not None
    assert told.subscription == "6a1b0f54-7f53-4b9f-9a55-0d3a2f6f3c10"
    assert told.event.uuid == "5482100039032118"
    assert told.event.sequence == 3
    assert [each.code for each in told.event.parties] == ["Proceeding"]


@pytest.mark.parametrize(
    "changes",
    [
        {"subscriptionId": None},
        {"subscriptionId": "a b"},
        {"subscriptionId": "x" * 129},
        {"body": {"parties": []}},
        {"body": a_body(telephonySessionId="")},
        {"body": a_body(telephonySessionId="\u0000")},
        {"body": a_body(sequence=None)},  # type: ignore[arg-type]
        {"body": [a_body()]},
    ],
)
def test_what_is_no_event_is_none(changes: dict[str, Any]) -> None:
    """It may be stored in no column and compared with no call."""
    assert notification(an_event(**changes)) is None


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff",
        b"{",
        b"[" * 4_000,
        b"9" * 10_000,
        b'"' + b"x" * MOST_PUSHED_BYTES + b'"',
        b"[" + b"[]," * 20_000 + b"1]",
        b'{"sequence": 1e999}',
    ],
)
def test_a_message_that_is_too_much_is_not_parsed(message: bytes) -> None:
    """Forged deliveries must not hold the event loop, on which calls wait."""
    begun = time.process_time()

    found = parsed(message)

    assert notification(found) is None
    assert frames.read(message) is None
    assert time.process_time() - begun < 0.2


def test_a_genuine_event_that_is_too_much_is_nothing() -> None:
    """Each bound holds by itself: bytes that weigh nothing, and values in few bytes."""
    event = json.dumps(an_event()).encode()
    heavy = json.dumps(an_event(more=[[]] * 6_000)).encode()

    assert notification(parsed(event)) is not None
    assert parsed(event + b" " * MOST_PUSHED_BYTES) is None
    assert len(heavy) < MOST_PUSHED_BYTES
    assert parsed(heavy) is None


@given(ANYTHING)
def test_no_json_raises(anything: Any) -> None:
    """Whoever finds the address may send whatever they like."""
    for data in (anything, an_event(anything), an_event(body=a_body(anything))):
        notification(data)
    message = json.dumps([anything, an_event(a_body(a_party(status=anything)))])
    frame = frames.read(message.encode())
    if frame is not None:
        notification(frame.body)
        frames.refusal(frame)

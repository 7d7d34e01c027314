"""Whatever Slack, or somebody who looks like it, sends: nothing crashes or is dialed.

`tests/calls/typed/test_dialing.py` and `tests/ringcentral/transport/test_wire.py` do the same
for what people type and for what RingCentral answers.
"""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.slack.entrances.commands import callstatus, ringout
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.payload import kind_of, workspace_of
from bot.slack.entrances.request import Request
from bot.switchboard.policy import Policy

NAMES = (
    "team_id",
    "channel_id",
    "user_id",
    "enterprise_id",
    "text",
    "command",
    "trigger_id",
    "response_url",
    "team",
    "user",
    "channel",
    "container",
    "enterprise",
    "actions",
    "type",
    "id",
    "value",
    "action_id",
    "view",
    "event",
    "event_id",
    "event_time",
    "authorizations",
    "tokens",
    "bot",
    "oauth",
    "team_ids",
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)
payloads = st.dictionaries(st.sampled_from(NAMES) | st.text(), anything, max_size=12)


@given(payloads, st.text())
@example({"response_url": "\ud800"}, "")
def test_any_payload_is_read_and_every_request_has_a_key(
    body: dict[str, Any], envelope: str
) -> None:
    """A field of the wrong type counts as missing; no handler may crash on it."""
    for request in (
        Request.from_command(body, envelope),
        Request.from_action(body, envelope),
        Request.from_shortcut(body, envelope),
        Request.from_view(body, envelope),
    ):
        assert all(
            isinstance(each, str)
            for each in (request.key, request.text, request.response_url)
        )
        assert isinstance(request.place.user, str)
        assert request.key
    assert kind_of(body) in {"command", "action", "shortcut", "event", "other"}


@given(payloads)
@example({"event_time": 10**400})
@example({"authorizations": [7], "event": {"user": 7, "tokens": {"bot": "U1"}}})
def test_any_payload_is_read_as_an_event(body: dict[str, Any]) -> None:
    """Slack repeats events that are not acked, and finally stops sending them."""
    event = SlackEvent.from_body(body)

    assert all(isinstance(each, str) for each in workspace_of(body))
    assert all(isinstance(each, str) for each in (event.id, event.kind, event.user))
    assert isinstance(event.at, float)


class Nothing:
    """Services of which the switchboard must not be asked."""

    policy = Policy()
    by_browser = False

    @property
    def switchboard(self) -> Nothing:
        """Return what must not be asked."""
        return self

    @property
    def own_account(self) -> Nothing:
        """Return what offers a form."""
        return self

    def check_may_connect(self, _place: object) -> None:
        """Let everybody."""

    async def place(self, *_: object, **__: object) -> Handled:
        """Fail: what was typed has no number in it."""
        raise AssertionError


@example("FAILED")  # which Hypothesis draws from the source, now and then
@given(st.text(alphabet=st.characters(exclude_categories=["Nd", "No", "Nl"])))
def test_a_text_without_a_digit_dials_nothing(text: str) -> None:
    """Help, a list after the ack, or a sentence that says what was not understood."""
    request = Request.from_command({"text": text, "trigger_id": "1"})
    try:
        reply = asyncio.run(ringout.handle(request, Nothing()))  # type: ignore[arg-type]
    except UserError:
        return  # a sentence for the person
    except AssertionError:
        # The number itself is read by the switchboard: by its policy, and refused.
        try:
            number = Policy().number(text)
        except UserError:
            return
        raise AssertionError(number) from None
    else:
        assert reply.ack or reply.later


@given(st.text())
def test_any_list_request_is_read_or_refused(text: str) -> None:
    """``/callstatus`` reads a number of calls, never a number to call."""
    request = Request.from_command({"text": text, "trigger_id": "1"})
    try:
        reply = asyncio.run(callstatus.handle(request, Nothing()))  # type: ignore[arg-type]
    except UserError:
        return  # a sentence for the person
    else:
        assert reply.ack or reply.later is not None

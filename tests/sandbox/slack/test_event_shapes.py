"""The events of workflow steps, mentions, direct messages and user groups are as Slack sends them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import event_shapes
from bot.sandbox.slack.double import SlackDouble


async def sent(slack: SlackDouble) -> list[Any]:
    """Return the payload of each event whose shape is known."""
    bot = slack.workspace.bot.id
    slack.channel("sales").members.add(bot)
    acks = [
        await slack.write("ann", "app", "415 555 0142"),
        await slack.write("ann", "sales", f"<@{bot}> call 415 555 0142"),
        await slack.set_group("S0ADMINS", "ann"),
        await slack.disable_group("S0ADMINS"),
    ]
    found = [ack.delivery.payload for ack in acks if ack.delivery is not None]
    await slack.run_step("place_call", person={"id": "U0ANN", "secret": "s"})
    assert slack.deliveries.last is not None
    return [*found, slack.deliveries.last.payload]


async def test_events_have_slacks_shape_and_each_fault_is_found() -> None:
    """A field that is missing, or that Slack does not send."""
    payloads = await sent(SlackDouble())

    kinds = {each["event"]["type"] for each in payloads}
    assert kinds == set(event_shapes.BY_EVENT)
    for payload in payloads:
        assert event_shapes.problems(payload) == []
        for name in event_shapes.BY_EVENT[payload["event"]["type"]]["required"]:
            broken = copy.deepcopy(payload)
            del broken["event"][name]
            assert event_shapes.problems(broken) or name == "type"
        odd = copy.deepcopy(payload)
        odd["event"]["surplus"] = 1
        assert event_shapes.problems(odd)


async def test_the_double_complains_of_an_event_that_slack_would_not_send() -> None:
    """So no test of the bot relies on one."""
    slack = SlackDouble()
    slack.deliveries.check_payload = lambda _, payload: event_shapes.problems(payload)

    await slack.event({"type": "app_mention", "user": "U0ANN", "text": "hello"})

    said = [each.problem for each in slack.deliveries.complaints]
    assert any("'channel' is a required property" in each for each in said)


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("functions.completeSuccess", {"function_execution_id": "Fx1"}),
        (
            "functions.completeSuccess",
            {"function_execution_id": "Fx1", "outputs": "text"},
        ),
        ("functions.completeError", {"function_execution_id": "Fx1", "error": ""}),
        ("functions.completeError", {"error": "The call was not placed."}),
    ],
)
def test_a_completion_without_what_slack_requires_is_found(
    method: str, args: dict[str, Any]
) -> None:
    """The bot's calls are held to it in every test."""
    assert event_shapes.problems_of_call(method, args)

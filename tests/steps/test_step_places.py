"""Where the card of a workflow's call goes: to a channel only if its person is in it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Place
from bot.calls.people.person import Shows
from bot.calls.people.phones import NO_PHONES
from bot.calls.workflow_step import WorkflowStep
from bot.policy.added import Added, Verdict
from bot.policy.prospect import Prospect
from bot.slack.texts import workflow_step as texts
from bot.slack.texts.workflow_step import STEP_CALL_BUTTON
from bot.steps.steps import Steps
from bot.user_errors import Absence, NotInChannel
from fakes import FakeClock
from intents import ANN, CALLEE, NOON, a_call
from step_runs import STEP_TEMPO, question, run, seen
from town import Town

STEP = WorkflowStep.begun("Fx1", replace(ANN, channel="C1"), NOON)
IN_DM = replace(ANN, channel="D1")


@pytest.mark.parametrize(
    ("shows", "channel", "said"),
    [
        (Shows.CHANNEL, "C1", "Its card goes to <#C1>; if one of us isn't in it"),
        (Shows.PRIVATE, "G1", "Its card goes to <#G1>; if one of us isn't in it"),
        (Shows.DM, "C1", "Its card comes here."),
        (Shows.CHANNEL, "D1", "Its card comes here."),
    ],
)
def test_a_question_says_where_the_card_goes(
    shows: Shows, channel: str, said: str
) -> None:
    """Whoever is asked did not choose the channel: they know who will read of the call."""
    found = Prospect(CALLEE, shows=shows)
    step = replace(STEP, place=replace(ANN, channel=channel))

    asked = texts.question(found, "", ANN.person, step)

    assert said in str(asked.blocks)
    assert ("<#" in str(asked.blocks)) == ("<#" in said)


class Pressed:
    """A step whose ``Call`` is pressed; *absence* is what Slack says of its channel."""

    def __init__(self, absence: Absence | None) -> None:
        self.absence = absence
        self.noted: list[Place] = []
        self.placed: list[tuple[Place, str]] = []

    async def get(self, _id: str) -> WorkflowStep:
        """Return the step."""
        return STEP

    async def change(self, *_: object) -> bool:
        """Let this press be the first."""
        return True

    async def check(self, place: Place, _note: object) -> None:
        """Say whether the person is there."""
        self.noted.append(place)
        if self.absence is not None:
            raise NotInChannel(self.absence)

    async def place(
        self, _key: str, place: Place, *_: object, card_channel: str, **__: object
    ) -> Added:
        """Note where a call is placed, and where its card goes."""
        self.placed.append((place, card_channel))
        return Added(Verdict.NEW, a_call())

    async def press(self) -> None:
        """Press it, in the person's DM."""
        anything: Any = self
        nothing: Any = SimpleNamespace()
        steps = Steps(
            *(anything, nothing, anything, nothing, nothing),
            *(FakeClock(NOON), nothing),
            admit=nothing,
            presence=anything,
        )
        await steps.confirm(STEP.id, IN_DM, CALLEE, NO_PHONES, None, frozenset())


@pytest.mark.parametrize("absence", [None, *Absence])
async def test_the_card_is_in_the_channel_only_if_its_person_is(
    absence: Absence | None,
) -> None:
    """The dialer asks the same: who is not there would not see what others read.

    The call is placed all the same, under the rules of the step's channel.
    """
    pressed = Pressed(absence)

    await pressed.press()

    assert pressed.noted == [STEP.place]
    assert pressed.placed == [(STEP.place, "D1" if absence else "")]


async def test_the_card_of_somebody_who_is_not_in_the_channel_is_in_their_dm(
    closed_town: Town,
) -> None:
    """Nobody in the channel reads of the call; the workflow gets its result."""
    town = closed_town
    await town.open(STEP_TEMPO)
    sales = town.slack.channel("sales")
    sales.members.discard(town.slack.workspace.user("ann").id)
    step = await run(town)
    asked = await seen(town, lambda: question(town))

    await town.slack.click("ann", asked, STEP_CALL_BUTTON)
    outputs = await seen(town, lambda: step.outputs)

    assert outputs["callee_result"] == "answered"
    shown = [str(each.blocks) for each in town.slack.dm("ann")]
    assert any(outputs["call_id"] in each for each in shown)
    assert town.cards() == []

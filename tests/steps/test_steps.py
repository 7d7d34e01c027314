"""The workflow step "Place a call": asks once, dials once, completes once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from sqlalchemy import update

from bot.calls.call import End
from bot.calls.log.ending import Ending
from bot.calls.log.outcome import Outcome, Side
from bot.calls.people.person import Shows
from bot.calls.workflow_step import (
    CONFIRM_WITHIN,
    PLACE_WITHIN,
    StepEnd,
    StepState,
    WorkflowStep,
    end_of,
)
from bot.cli.main import main
from bot.sandbox.slack.functions import StepRun
from bot.sandbox.slack.messages import Message
from bot.slack.entrances import steps
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.request import Request
from bot.slack.texts import workflow_step as texts
from bot.slack.texts.workflow_step import STEP_CALL_BUTTON, STEP_DECLINE_BUTTON
from bot.steps.steps import Steps
from bot.storage.steps.tables import workflow_steps
from bot.user_errors import AccessDenied, QuestionOver
from bot.workspaces import manifest
from checkout import SHARED
from fakes import FakeClock
from intents import ANN, NOON, a_call
from selection import TRANSPORTS, VENDORS
from step_runs import STEP_TEMPO, question, run, seen
from town import Town

SCHEMA = SHARED / "slack-manifest.schema.json"


@pytest.fixture
async def open_town(closed_town: Town) -> Town:
    """A bot that looks at its steps often."""
    await closed_town.open(STEP_TEMPO)
    return closed_town


@pytest.mark.on_both
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_a_step_asks_its_person_and_completes_with_the_result(
    closed_town: Town, *, http: bool
) -> None:
    """Nothing rings before they press; then the workflow goes on with both results."""
    town = closed_town
    if http:
        town.use_http()
    await town.open(STEP_TEMPO)

    step = await run(town)
    asked = await seen(town, lambda: question(town))

    assert asked.text == (
        "A workflow asks you to call +1 415-555-0142 about Northwind renewal."
    )
    assert town.posts == 0
    await town.slack.click("ann", asked, STEP_CALL_BUTTON)
    outputs = await seen(town, lambda: step.outputs)

    card = await town.finished()
    assert "Northwind renewal" in card.text
    assert (outputs["caller_result"], outputs["callee_result"]) == ("answered",) * 2
    assert outputs["talk_seconds"] > 0
    assert outputs["call_id"] in str(card.blocks)
    assert (step.times, town.posts) == (1, 1)


async def test_a_step_that_is_delivered_again_asks_once_and_dials_once(
    open_town: Town,
) -> None:
    """Slack repeats an event that it takes for lost, and people press twice."""
    town = open_town
    step = await run(town)
    for retry in (1, 2):
        await town.slack.redeliver(retry=retry)
    asked = await seen(town, lambda: question(town))

    for _ in range(2):
        await town.slack.click("ann", asked, STEP_CALL_BUTTON)
    await seen(town, lambda: step.outputs)

    asks = [
        each for each in town.slack.dm("ann") if STEP_CALL_BUTTON in str(each.first)
    ]
    assert len(asks) == 1
    assert town.posts == 1


async def test_a_question_whose_answer_was_lost_is_looked_for(open_town: Town) -> None:
    """The bot posts it again only if it isn't there."""
    town = open_town
    deliveries = town.slack.deliveries
    usual, deliveries.ack_timeout = deliveries.ack_timeout, 0.2
    town.slack.faults.add("reset", "chat.postMessage", before_effect=False)
    step = await run(town)  # no ack comes
    await seen(town, lambda: question(town))
    await _lease_over(town, step)

    deliveries.ack_timeout = usual
    ack = await town.slack.redeliver(retry=1)

    assert ack.ok
    assert len([each for each in town.slack.dm("ann") if each.blocks]) == 1


async def _lease_over(town: Town, step: StepRun) -> None:
    """Let the lease of whoever posted the question be over."""
    assert town.bot is not None
    due = update(workflow_steps).where(workflow_steps.c.id == step.id)
    past = NOON - timedelta(days=1)
    await town.bot._store.writer.run(lambda c: c.execute(due.values(next_at=past)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"number": "911"}, "emergency"),
        ({"number": "+493012345678"}, "Germany"),
        ({"number": "no number"}, "not placed"),
        ({"number": ""}, "not placed"),
    ],
    ids=str,
)
async def test_what_may_not_be_called_fails_in_words_without_a_number(
    open_town: Town, changes: dict[str, str], said: str
) -> None:
    """Whoever built the workflow reads it; nobody is asked."""
    town = open_town

    step = await run(town, **changes)
    error = await seen(town, lambda: step.error)

    assert said in error
    assert "345678" not in error
    assert question(town) is None


async def test_somebody_else_cannot_confirm_a_step(open_town: Town) -> None:
    """A button's value can be sent by a modified client."""
    town = open_town
    await run(town)
    asked = await seen(town, lambda: question(town))
    [button] = [
        each for each in asked.elements if each["action_id"] == STEP_CALL_BUTTON
    ]
    other = Request("2", replace(ANN, user="U0BOB"), button["value"])
    assert town.bot is not None
    assert town.bot.services is not None

    with pytest.raises(AccessDenied):
        await steps.call(other, town.bot.services)
    with pytest.raises(QuestionOver):
        await steps.decline(replace(other, text=_id_of(asked)), town.bot.services)

    assert town.posts == 0


def _id_of(asked: Message) -> str:
    [button] = [
        each for each in asked.elements if each["action_id"] == STEP_DECLINE_BUTTON
    ]
    return str(button["value"])


def test_the_step_takes_whoever_runs_the_workflow() -> None:
    """With an id, who builds a workflow could have anybody's phone ring."""
    made = manifest.with_workflow_step(manifest.load())

    person = made["functions"]["place_call"]["input_parameters"]["person"]
    assert person["type"] == "slack#/types/user_context"
    assert made["settings"]["function_runtime"] == "remote"
    assert "function_executed" in made["settings"]["event_subscriptions"]["bot_events"]


@pytest.mark.skipif(not SCHEMA.exists(), reason=VENDORS)
def test_slack_takes_the_manifest_with_the_step() -> None:
    """By its own schema; what is in the manifest without the step does not change."""
    made = manifest.with_workflow_step(manifest.load())

    Draft7Validator(json.loads(SCHEMA.read_text())).validate(made)
    del made["functions"], made["settings"]["function_runtime"]
    made["settings"]["event_subscriptions"]["bot_events"].remove("function_executed")
    assert made == manifest.load()


def test_the_step_is_refused_for_an_app_that_any_workspace_installs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Slack would take the app out of all other workspaces."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    assert main(["manifest", "--workflow-step"]) == 2
    assert "SLACK_CLIENT_ID" in capsys.readouterr().err
    monkeypatch.delenv("SLACK_CLIENT_ID")

    assert main(["manifest", "--workflow-step", "--url", "https://bot.example"]) == 0
    made = yaml.safe_load(capsys.readouterr().out)
    assert made["settings"]["socket_mode_enabled"] is False
    assert "place_call" in made["functions"]


def test_every_output_and_input_is_in_the_manifest() -> None:
    """Slack drops an output that the manifest does not name."""
    named = manifest.STEP_FUNCTION["output_parameters"]
    call = a_call(card_channel="C1", end=End.RECORDED)
    talked = Outcome(Side(Ending.ANSWERED), Side(Ending.ANSWERED), timedelta(63))

    for each in (call, replace(call, outcome=talked)):
        assert set(texts.outputs(each, "https://x")) <= set(named)
    assert set(texts.outputs(replace(call, outcome=talked), "")) == set(named)
    unmeasured = replace(talked, talked=None)
    assert "talk_seconds" not in texts.outputs(replace(call, outcome=unmeasured), "")


async def test_who_does_not_want_to_call_ends_the_step(open_town: Town) -> None:
    """The workflow need not wait for ten minutes."""
    town = open_town
    step = await run(town)
    asked = await seen(town, lambda: question(town))

    await town.slack.click("ann", asked, STEP_DECLINE_BUTTON)

    assert "does not want to call" in await seen(town, lambda: step.error)
    await town.slack.click("ann", asked, STEP_CALL_BUTTON)
    await seen(town, lambda: "out of date" in str(town.slack.private("ann")))
    assert town.posts == 0


async def test_nobody_confirmed_is_what_a_step_says_after_ten_minutes(
    open_town: Town,
) -> None:
    """And a press that comes later dials nothing."""
    town = open_town
    step = await run(town)
    asked = await seen(town, lambda: question(town))
    assert town.bot is not None
    assert town.bot.services is not None
    table = town.bot.services.steps._steps  # type: ignore[attr-defined]
    over = update(workflow_steps).values(
        ends_at=NOON - timedelta(days=1), next_at=NOON - timedelta(days=1)
    )
    await table._writer.run(lambda c: c.execute(over))

    def refusals() -> int:
        return str(town.slack.private("ann")).count("out of date")

    blocks = asked.blocks
    await town.slack.click("ann", asked, STEP_CALL_BUTTON, blocks=blocks)
    await seen(town, refusals)  # no process has seen yet that the time is over
    town.bot.services.steps._rounds.wake()  # type: ignore[attr-defined]

    error = await seen(town, lambda: step.error)

    assert error.startswith("Nobody confirmed the call within ten minutes")
    before = refusals()
    await town.slack.click("ann", asked, STEP_CALL_BUTTON, blocks=blocks)
    await seen(town, lambda: refusals() > before)
    assert town.posts == 0


@pytest.mark.parametrize("card_channel", ["C1", "D1"])
@pytest.mark.parametrize("shows", Shows)
def test_a_result_that_is_kept_private_is_kept_from_the_workflow(
    shows: Shows, card_channel: str
) -> None:
    """Whoever built it would read it, and so would its next steps.

    Also where the card is in the person's DM and shows the result: a workflow is not.
    """
    answered = Side(Ending.ANSWERED)
    call = a_call(
        shows=shows,
        card_channel=card_channel,
        end=End.RECORDED,
        outcome=Outcome(answered, answered, timedelta(seconds=63)),
    )

    said = texts.outputs(call, "https://x.slack.com/archives/C1/p1")

    results = {said["caller_result"], said["callee_result"]}
    if shows is Shows.CHANNEL:
        assert (results, said["talk_seconds"]) == ({"answered"}, 63)
    else:
        assert results == {"kept private"}
        assert "talk_seconds" not in said


STEP = WorkflowStep.begun("Fx1", ANN, NOON)


@pytest.mark.parametrize(
    ("state", "call", "after", "end"),
    [
        (StepState.ASKING, None, timedelta(0), None),
        (StepState.ASKING, None, CONFIRM_WITHIN - timedelta(seconds=1), None),
        (StepState.ASKING, None, CONFIRM_WITHIN, StepEnd.NOBODY),
        (StepState.CALLING, None, CONFIRM_WITHIN, None),
        (
            StepState.CALLING,
            None,
            CONFIRM_WITHIN + PLACE_WITHIN,
            StepEnd.NOT_PLACED,
        ),
        (StepState.CALLING, a_call(), timedelta(days=1), None),
        (
            StepState.CALLING,
            a_call(end=End.REFUSED),
            timedelta(0),
            StepEnd.NOT_PLACED,
        ),
        (
            StepState.CALLING,
            a_call(end=End.NOT_PLACED),
            timedelta(0),
            StepEnd.NOT_PLACED,
        ),
        (StepState.CALLING, a_call(end=End.RECORDED), timedelta(0), None),
    ],
)
def test_how_a_step_fails(
    state: StepState, call: Any, after: timedelta, end: StepEnd | None
) -> None:
    """By the time, or by its call; a call that goes on is waited for."""
    assert end_of(replace(STEP, state=state), call, NOON + after) is end


class Begun:
    """Steps of a store that keeps none, and Slack; *told* is why each step failed."""

    def __init__(self, *, is_new: bool) -> None:
        self.is_new = is_new
        self.told: list[str] = []

    async def begin(self, step: WorkflowStep) -> bool:
        """Store a step."""
        self.step = step
        return self.is_new

    async def get(self, _id: str) -> WorkflowStep:
        """Return the step that was begun."""
        return self.step

    async def lease(self, *_: object) -> bool:
        """Let one delivery of its event work on a step."""
        return True

    async def fail(self, _step: WorkflowStep, _end: StepEnd, words: str) -> None:
        """Fail a step."""
        self.told.append(words)

    async def executed(self, inputs: object) -> None:
        """Run a step, as its event has it done."""
        anything: Any = self
        nothing: Any = None
        run = Steps(
            *(anything, nothing, nothing, nothing, anything),
            *(FakeClock(NOON), nothing),
            admit=nothing,
            presence=nothing,
        )
        event = {
            "type": "function_executed",
            "function": {"callback_id": "place_call"},
            "function_execution_id": "Fx1",
            "inputs": inputs,
        }
        body = {"team_id": "T1", "event": event}
        services: Any = SimpleNamespace(steps=run)
        handler = steps.events(services)["function_executed"]
        await handler(SlackEvent.from_body(body))


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize(
    ("inputs", "lacking"),
    [
        ({"channel": "C1"}, texts.STEP_WITHOUT_PERSON),
        ({"person": {}, "channel": "C1"}, texts.STEP_WITHOUT_PERSON),
        ({"person": {"id": 7}, "channel": "C1"}, texts.STEP_WITHOUT_PERSON),
        ({"person": ["U1"], "channel": "C1"}, texts.STEP_WITHOUT_PERSON),
        ({"person": "U" * 99, "channel": "C1"}, texts.STEP_WITHOUT_PERSON),
        ({"person": "U1\x00", "channel": "C1"}, texts.STEP_WITHOUT_PERSON),
        ({"person": {"id": "U1"}}, texts.STEP_WITHOUT_CHANNEL),
        ({"person": {"id": "U1"}, "channel": {}}, texts.STEP_WITHOUT_CHANNEL),
        ({"person": {"id": "U1"}, "channel": "no id"}, texts.STEP_WITHOUT_CHANNEL),
        ([], texts.STEP_WITHOUT_PERSON),
        (None, texts.STEP_WITHOUT_PERSON),
    ],
    ids=str,
)
async def test_a_step_whose_inputs_lack_something_fails_in_words(
    inputs: object, lacking: str, *, is_new: bool
) -> None:
    """A workflow that is never answered would hang; whoever built it can mend it.

    Also where the event is delivered again, because the first time did not end well.
    """
    begun = Begun(is_new=is_new)

    await begun.executed(inputs)

    assert begun.told == [lacking]


@pytest.mark.parametrize(
    ("inputs", "person"),
    [
        ({"person": {"id": "U1", "secret": "x"}}, "U1"),
        ({"person": {"user_id": "U1"}}, "U1"),
        ({"person": "U1"}, "U1"),
        ({"person": None}, ""),
        ({"person": {}}, ""),
        ({"person": {"id": ["U1"]}}, ""),
        ({"person": "U1\x00"}, ""),
        ({"person": "U" * 99}, ""),
        ({}, ""),
        ("nothing", ""),
    ],
    ids=str,
)
def test_the_person_is_read_in_each_form(inputs: Any, person: str) -> None:
    """A ``user_context`` is an object; what is nobody asks nobody."""
    event = {"type": "function_executed", "inputs": inputs}

    step = SlackEvent.from_body({"team_id": "T1", "event": event}).step

    assert step is not None
    assert step.person == person


@pytest.mark.on_both
async def test_another_process_completes_a_step_after_a_crash(
    closed_town: Town,
) -> None:
    """The step is in the database: the next start goes on with it."""
    town = closed_town
    await town.open(STEP_TEMPO)
    step = await run(town)
    asked = await seen(town, lambda: question(town))
    await town.close()
    await town.open(STEP_TEMPO)

    await town.slack.connected()
    await town.slack.click("ann", asked, STEP_CALL_BUTTON)

    assert (await seen(town, lambda: step.outputs))["callee_result"] == "answered"
    assert town.posts == 1
    assert step.times == 1

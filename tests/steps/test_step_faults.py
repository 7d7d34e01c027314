"""The workflow step when Slack or the database fails, and when presses cross."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.calls.numbers.phone import NumberNotAllowed, parse
from bot.calls.numbers.refusal import NotAPhoneNumber
from bot.calls.typed.emergency import EmergencyNumber
from bot.calls.workflow_step import (
    CLOSING,
    CONFIRM_WITHIN,
    StepEnd,
    StepState,
    WorkflowStep,
    end_of,
)
from bot.errors import ChatBusy, MayBeStored, UserError
from bot.slack.posting.functions import Functions
from bot.slack.texts import workflow_step as texts
from bot.slack.texts.answers import CALL_ANYWAY_BUTTON
from bot.slack.texts.contact import NO_CONTACT
from bot.slack.texts.workflow_step import STEP_CALL_BUTTON, STEP_DECLINE_BUTTON
from bot.storage.steps.tables import workflow_steps
from bot.switchboard.calls import Switchboard
from bot.user_errors import (
    AccessDenied,
    AccessRule,
    QuestionOver,
    Restarting,
    SameNumber,
)
from intents import ANN, NOON, a_call
from own import PATIENT
from patience import PATIENCE
from sentences import errors
from step_runs import STEP_TEMPO, question, run, seen
from town import Town

STEP = WorkflowStep.begun("Fx1", ANN, NOON)


@pytest.fixture
async def open_town(closed_town: Town) -> Town:
    """A bot that looks at its steps often."""
    await closed_town.open(STEP_TEMPO)
    return closed_town


async def states(town: Town) -> list[str]:
    """Return how far each step is."""
    assert town.bot is not None
    query = select(workflow_steps.c.state)
    rows = await town.bot._store.writer.run(lambda c: c.execute(query).all())
    return [row.state for row in rows]


async def changed(town: Town, **values: Any) -> None:
    """Change the steps in the database, and have the bot look at them."""
    assert town.bot is not None
    assert town.bot.services is not None
    changing = update(workflow_steps).values(**values)
    await town.bot._store.writer.run(lambda c: c.execute(changing))
    town.bot.services.steps._rounds.wake()  # type: ignore[attr-defined]


async def test_a_step_whose_first_try_failed_is_asked_by_the_next_delivery(
    closed_town: Town,
) -> None:
    """Neither the failed delivery nor the completer holds the lease."""
    town = closed_town
    town.use_http()
    await town.open(STEP_TEMPO)
    town.slack.faults.add("ratelimited", "chat.postMessage", retry_after=60)
    step = await run(town)
    assert question(town) is None
    await changed(town, next_at=NOON - timedelta(days=1))

    acks = [(await town.slack.redeliver(retry=each)).ok for each in (1, 2)]

    assert acks == [True, True]
    assert len([each for each in town.slack.dm("ann") if each.blocks]) == 1
    assert step.is_open


async def test_a_press_that_crosses_not_now_dials_nothing(
    open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step is changed before Slack is told, which may take long."""
    town = open_town
    step = await run(town)
    asked = await seen(town, lambda: question(town))
    telling, told = asyncio.Event(), asyncio.Event()
    real = Functions.fail

    async def slow(*args: Any) -> None:
        telling.set()
        await told.wait()
        await real(*args)

    monkeypatch.setattr(Functions, "fail", slow)
    blocks = asked.blocks
    await town.slack.click("ann", asked, STEP_DECLINE_BUTTON, blocks=blocks)
    await asyncio.wait_for(telling.wait(), PATIENCE)
    await town.slack.click("ann", asked, STEP_CALL_BUTTON, blocks=blocks)

    await seen(town, lambda: "out of date" in str(town.slack.private("ann")))
    told.set()
    assert "does not want to call" in await seen(town, lambda: step.error)
    assert (town.posts, step.times) == (0, 1)


async def test_a_step_that_slack_was_not_told_of_is_completed_later(
    open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its reason, by whoever looks at it next: its process may have died."""
    town = open_town
    step = await run(town)
    asked = await seen(town, lambda: question(town))
    real = Functions.fail

    async def lost(*_: Any) -> None:
        raise ChatBusy(0)

    monkeypatch.setattr(Functions, "fail", lost)
    await town.slack.click("ann", asked, STEP_DECLINE_BUTTON)
    await seen(town, lambda: question(town) is None)
    monkeypatch.setattr(Functions, "fail", real)
    assert await states(town) == [StepState.DECLINED]
    await changed(town, next_at=NOON - timedelta(days=1))

    assert "does not want to call" in await seen(town, lambda: step.error)


async def test_a_call_that_may_be_stored_is_waited_for(
    open_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to the commit was lost, and the phone rings."""
    town = open_town
    step = await run(town)
    asked = await seen(town, lambda: question(town))
    real = Switchboard.place

    async def place(*args: Any, **more: Any) -> None:
        await real(*args, **more)
        raise MayBeStored

    monkeypatch.setattr(Switchboard, "place", place)
    await town.slack.click("ann", asked, STEP_CALL_BUTTON)

    assert (await seen(town, lambda: step.outputs))["callee_result"] == "answered"
    assert town.posts == 1


async def test_a_press_calls_a_number_that_is_being_called_already(
    open_town: Town,
) -> None:
    """The person was asked about this very call; the step learns how it ends."""
    town = open_town
    town.ringcentral.play(PATIENT)
    await town.types()
    await seen(town, lambda: town.ringcentral.calls)
    step = await run(town)
    asked = await seen(town, lambda: question(town))

    await town.slack.click("ann", asked, STEP_CALL_BUTTON)
    await seen(town, lambda: len(town.ringcentral.calls) == 2)
    shown = [*town.slack.dm("ann"), *town.slack.private("ann")]

    assert CALL_ANYWAY_BUTTON not in str([each.blocks for each in shown])
    call = town.ringcentral.calls[1]
    for side, what in (("caller", "answer"), ("callee", "answer")):
        assert town.ringcentral.press(call.id, side, what)
    town.ringcentral.press(call.id, "callee", "hangup")
    assert (await seen(town, lambda: step.outputs))["callee_result"] == "answered"


@pytest.mark.parametrize("who", ["guest", "unknown", "unwritable"])
async def test_who_cannot_be_asked_fails_the_step_at_once(
    open_town: Town, who: str
) -> None:
    """Who built the workflow reads why; Slack does not deliver the event again."""
    town = open_town
    carl = town.slack.workspace.user("carl")
    carl.guest = "single" if who == "guest" else ""
    if who == "unwritable":
        town.slack.faults.add(
            "error", "chat.postMessage", error="messages_tab_disabled"
        )
    person = "U0NOSUCH" if who == "unknown" else carl.id

    step = await run(town, person={"id": person, "secret": "s"})

    error = await seen(town, lambda: step.error)
    assert error.startswith("The call was not placed")
    assert ("write to" if who == "unwritable" else "Guests") in error
    assert (step.times, town.slack.dm("carl")) == (1, [])


async def test_not_now_after_call_is_out_of_date(open_town: Town) -> None:
    """It was dialed."""
    town = open_town
    step = await run(town)
    asked = await seen(town, lambda: question(town))
    await town.slack.click("ann", asked, STEP_CALL_BUTTON)
    await seen(town, lambda: step.outputs)
    assert town.bot is not None
    assert town.bot.services is not None
    place = replace(STEP.place, user=town.slack.workspace.user("ann").id)
    place = replace(place, team=town.slack.workspace.team)

    with pytest.raises(QuestionOver):
        await town.bot.services.steps.decline(step.id, place)


@pytest.mark.parametrize("end", list(StepEnd))
def test_a_step_that_is_closing_keeps_its_reason(end: StepEnd) -> None:
    """Whatever its call and the time are; and the table has room for it."""
    closing = replace(STEP, state=CLOSING[end])

    for call in (None, a_call()):
        for after in (timedelta(0), CONFIRM_WITHIN, timedelta(days=1)):
            assert end_of(closing, call, NOON + after) is end
    assert len(closing.state.value) <= 16


def test_a_step_with_a_call_waits_for_it_though_nobody_is_known_to_have_confirmed() -> (
    None
):
    """The answer to the press was lost."""
    assert end_of(STEP, a_call(), NOON + CONFIRM_WITHIN) is None


REACHABLE = (
    NotAPhoneNumber,
    NumberNotAllowed,
    EmergencyNumber,
    SameNumber,
    Restarting,
    AccessDenied,
)
"""Errors for which a step's question can't be asked."""

PLACES = (AccessRule.USERS, AccessRule.CHANNELS, AccessRule.GUESTS)


def test_who_built_a_workflow_is_not_told_to_type() -> None:
    """They read it where nothing can be typed, and it is not they who call."""
    for error in errors():
        if not isinstance(error, REACHABLE):
            continue
        if isinstance(error, AccessDenied) and error.rule not in PLACES:
            continue
        said = texts.refused(error, NO_CONTACT)
        wrong = r"@name|\bTry \+|\btype|/ringout|`|\byou\b"

        assert said.startswith("The call was not placed. ")
        assert not re.search(wrong, said, re.IGNORECASE), said
        assert not re.search(r"(?:[0-9][ -]?){5}", said), said
        named = "The number that the workflow gave " in said
        assert named or not isinstance(error, NotAPhoneNumber), said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("020 7946 0018 or so", "has letters"),
        ("+44 020 7946 0018", "more than one way"),
        ("+52 1 55 1234 5678", "Mexico dropped in 2019: leave them out"),
        ("415-555-0142 x5", "has an extension"),
        ("555 0142", "has no area code"),
        ("2021", "short code"),
        ("", "holds no phone number"),
        ("+1 415 555 014", "is too short for the United States"),
    ],
)
def test_each_number_of_a_workflow_is_refused_in_its_words(
    number: str, said: str
) -> None:
    """As whoever built the workflow can mend it."""
    with pytest.raises(UserError) as refused:
        parse(number, region="US")

    assert said in texts.refused(refused.value, NO_CONTACT)

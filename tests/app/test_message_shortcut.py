"""``Call a number`` on a message: a choice, one call, and a card that leads back to it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.views import View
from bot.slack.texts.dialer import CALLEE_FIELD
from bot.slack.texts.message_numbers import CALL_IN_MESSAGE
from own import modal
from selection import TRANSPORTS
from town import Town

RICH: list[Any] = [
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "Northwind is "},
                    {"type": "link", "url": "tel:+14155550142", "text": "415 555 0142"},
                    {"type": "text", "text": ", order 4155550199"},
                ],
            }
        ],
    }
]
PLAIN = "Northwind is <tel:+14155550142|415 555 0142>, order 4155550199"


@pytest.fixture(params=TRANSPORTS)
async def office(request: pytest.FixtureRequest, closed_town: Town) -> Town:
    """Give a town where people share an account, by either transport."""
    if request.param:
        closed_town.use_http()
    await closed_town.open()
    return closed_town


async def chosen_on(town: Town, message: Message) -> View:
    """Have Ann choose the shortcut on *message*; return the form."""
    ack = await town.slack.choose_on("ann", message, CALL_IN_MESSAGE)
    assert (ack.ok, ack.body) == (True, None)
    return await modal(town, "ann")


def numbers(form: View) -> dict[str, str]:
    """Return the values of the numbers in the form, by what people read."""
    for block in form.source["blocks"]:
        if block.get("block_id") == CALLEE_FIELD:
            options = block["element"]["options"]
            return {each["text"]["text"]: each["value"] for each in options}
    return {}


@pytest.mark.on_both
async def test_a_number_in_a_thread_is_chosen_and_called(office: Town) -> None:
    """Commands don't work in threads. Nothing rings before a person has chosen."""
    slack = office.slack
    root = slack.say("bob", "sales", "Who calls Northwind?")
    said = slack.say("bob", "sales", PLAIN, thread_ts=root.ts, blocks=RICH)

    form = await chosen_on(office, said)
    there = numbers(form)
    assert list(there) == ["+1 415-555-0142", "+1 415-555-0199"]
    assert form.values[CALLEE_FIELD][CALLEE_FIELD]["selected_option"] is None
    assert office.posts == 0
    slack.fill_in(form, {CALLEE_FIELD: there["+1 415-555-0142"]})
    ack = await slack.submit(form)
    [card] = await office.until(lambda: office.cards()[1:])
    told = await office.until(lambda: slack.private("ann"))

    assert (ack.ok, form.is_open) == (True, False)
    assert card.thread_ts == ""
    assert f"p{said.ts.replace('.', '')}?thread_ts={root.ts}" in str(card.blocks)
    assert "then +1 415-555-0142" in told[-1].text
    await office.until(lambda: office.posts)
    assert office.ringcentral.calls[-1].callee == "+14155550142"


async def test_one_form_is_one_call_however_often_it_is_submitted(office: Town) -> None:
    """Slack delivers twice, and whoever reads "trouble connecting" presses again."""
    slack = office.slack
    form = await chosen_on(office, slack.say("bob", "sales", "415 555 0142"))
    payloads, person = slack.space.payloads, slack.workspace.user("ann")
    first, second = (payloads.submission(person, form) for _ in range(2))

    acks = await asyncio.gather(
        slack.deliveries.bring(first, repeat=1), slack.deliveries.bring(second)
    )
    await slack.redeliver(first)
    await office.finished(1)

    assert {each.json.get("response_action") for each in acks} == {"clear"}
    assert office.posts == 1


async def test_where_the_bot_is_not_the_card_is_in_the_dm(office: Town) -> None:
    """In a private channel it is told neither the message's address nor anything else."""
    slack = office.slack
    form = await chosen_on(office, slack.say("ann", "deals", "415 555 0142"))
    await slack.submit(form)
    [card] = await office.until(lambda: slack.dm("ann"))
    told = await office.until(lambda: slack.private("ann")[1:])

    assert "0142" in card.text
    assert "from <" not in str(card.blocks)
    assert "I'm not in this channel" in str([each.text for each in told])


async def test_a_form_that_comes_too_late_is_told(office: Town) -> None:
    """Slack takes a trigger for three seconds; nobody should wait for nothing."""
    office.slack.rules.trigger_seconds = -1.0
    said = office.slack.say("bob", "sales", "415 555 0142")

    assert (await office.slack.choose_on("ann", said, CALL_IN_MESSAGE)).ok
    [told] = await office.until(lambda: office.slack.private("ann"))

    assert "That took too long" in told.text
    assert told.channel == office.slack.channel("sales").id
    assert office.posts == 0


async def test_a_card_of_the_bot_gives_no_number_away(office: Town) -> None:
    """It shows the last digits alone, to those who may not see more."""
    await office.types("+14155550142")
    card = await office.finished()

    form = await chosen_on(office, card)

    assert numbers(form) == {}
    assert "\u20260142: this message doesn't show the whole number" in str(form.source)

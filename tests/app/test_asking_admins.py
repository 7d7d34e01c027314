"""An admin is asked to allow one call: through the whole bot, from the refusal to the call."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.workspace import Channel
from bot.slack.texts.asking_admin import (
    APPROVE_BUTTON,
    ASK_ADMIN_BUTTON,
    CALL_GRANTED_BUTTON,
    DECLINE_BUTTON,
)
from bot.slack.texts.dialer import CALLEE_FIELD, FOR_FIELD, PLACE_CALL
from bot.slack.texts.message_numbers import CALL_IN_MESSAGE
from own import dm, modal, whispered
from town import CALLEE, Town

REFUSED = "Calls to the United States aren't allowed here"


async def opened(
    town: Town, changes: dict[str, str] | None = None, *, is_member: bool = True
) -> Channel:
    """Start a bot that lets people ask Bob and Carl; return the admins' channel."""
    here = town.slack.workspace
    admins = here.add_channel("admins", "private", "bob", "carl", "ann")
    if is_member:
        town.slack.invite(admins.id)
    town.env |= {
        "RINGOUT_ADMINS": f"{here.user('bob').id},{here.user('carl').id}",
        "RINGOUT_ADMIN_CHANNEL": admins.id,
        "RINGOUT_ASKABLE": "country,cap",
        "RINGOUT_COUNTRIES": "GB",
    } | (changes or {})
    await town.open()
    return admins


async def asks(town: Town, user: str = "ann", channel: str = "sales") -> Message:
    """Have somebody be refused, and ask; return what they were told."""
    await town.types(user=user, channel=channel)
    offer = await whispered(town, REFUSED, user)
    await town.slack.click(user, offer, ASK_ADMIN_BUTTON)
    return await whispered(town, "I've asked the admins", user)


async def posted(town: Town, admins: Channel, part: str = "asks to call") -> Message:
    """Wait for the last message of the admins' channel to say *part*."""

    def seen() -> Message | None:
        found = town.slack.messages(admins.id)
        return found[-1] if found and part in found[-1].text else None

    found = await town.until(seen)
    assert found is not None
    return found


async def test_an_approved_call_is_placed_once_by_the_persons_own_press(
    closed_town: Town,
) -> None:
    """A refusal, one press each of person and admin, and the call in its own channel."""
    town, ann = closed_town, closed_town.slack.workspace.user("ann").id
    admins = await opened(town)

    said = await asks(town)
    request = await posted(town, admins)
    before = town.posts
    await town.slack.click("bob", request, APPROVE_BUTTON)
    settled = await posted(town, admins, "approved")
    told = await dm(town, "allows your call")
    unasked = town.posts
    blocks = told.blocks
    for _ in range(2):
        await town.slack.click("ann", told, CALL_GRANTED_BUTTON, blocks=blocks)
    await town.finished()
    await town.types("415 555 0142")
    await dm_or_whisper(town)

    assert "ten minutes" in said.text
    assert f"<@{ann}> asks to call +1 ••• ••• 0142" in request.text
    assert REFUSED in request.text
    assert f"<@{town.slack.workspace.user('bob').id}> approved it" in settled.text
    assert APPROVE_BUTTON not in str(settled.blocks)
    assert CALLEE not in str([request, settled, blocks])
    assert (before, unasked, town.posts) == (0, 0, 1)
    assert len(town.slack.messages(admins.id)) == 1


async def test_who_is_declined_is_told_and_calls_nobody(closed_town: Town) -> None:
    """And the second admin hears who was first."""
    town = closed_town
    admins = await opened(town)
    await asks(town)
    request = await posted(town, admins)
    seen = request.blocks

    await town.slack.click("bob", request, DECLINE_BUTTON)
    await posted(town, admins, "declined it")
    late = await town.slack.click("carl", request, APPROVE_BUTTON, blocks=seen)
    told = await dm(town, "declined your request to call +1 415-555-0142")
    loser = await whispered(town, "has already declined this request", "carl")

    assert late.ok
    assert f"<@{town.slack.workspace.user('bob').id}>" in loser.text
    assert CALL_GRANTED_BUTTON not in str(told.blocks)
    assert town.posts == 0


async def test_only_another_admin_answers(closed_town: Town) -> None:
    """Ann is in the channel, and no admin; Bob is one, and asks himself."""
    town = closed_town
    admins = await opened(town)
    await asks(town)
    anns = await posted(town, admins)
    await town.slack.click("ann", anns, APPROVE_BUTTON)
    await whispered(town, "Only RingOut admins can do that")
    await asks(town, "bob")
    bob = town.slack.workspace.user("bob").id
    bobs = await posted(town, admins, f"<@{bob}> asks")
    await town.slack.click("bob", bobs, APPROVE_BUTTON)
    await whispered(town, "That's your own request", "bob")
    await town.slack.click("carl", bobs, APPROVE_BUTTON)
    await dm(town, "allows your call", "bob")

    assert "asks to call" in town.slack.messages(admins.id)[0].text
    assert APPROVE_BUTTON in str(town.slack.messages(admins.id)[0].blocks)


@pytest.mark.parametrize(
    "changes",
    [
        {"RINGOUT_ADMIN_CHANNEL": ""},
        {"RINGOUT_ASKABLE": "cap,quiet,first"},
        {"RINGOUT_ADMINS": ""},
        {"RINGOUT_ADMIN_CHANNEL": "T0OTHER:C0ADMINS"},
        {"RINGOUT_ALLOWED_USERS": "U0NOBODY"},
    ],
)
async def test_nobody_is_offered_what_nobody_could_answer(
    closed_town: Town, changes: dict[str, str]
) -> None:
    """A button that leads nowhere is worse than none."""
    await opened(closed_town, changes)

    await closed_town.types()
    said = await whispered(closed_town, "allowed")

    assert ASK_ADMIN_BUTTON not in str(said.blocks)


async def test_who_asks_hears_that_the_channel_takes_no_message(
    closed_town: Town,
) -> None:
    """Otherwise they would wait for an answer that nobody can give."""
    await opened(closed_town, is_member=False)

    await asks(closed_town)
    told = await dm(closed_town, "Slack doesn't let me post in the admins' channel")

    assert "Ask your RingOut admin" in told.text
    assert closed_town.posts == 0


async def test_the_dialer_can_ask_too(closed_town: Town) -> None:
    """The call goes to the channel that was chosen in it, with the name that was written."""
    town = closed_town
    admins = await opened(town)
    await town.slack.choose("ann", PLACE_CALL, channel="sales")
    form = await modal(town)
    ack = await town.slack.query(form, CALLEE_FIELD, CALLEE)
    chosen = {CALLEE_FIELD: ack.json["options"][0]["value"], FOR_FIELD: "Northwind"}
    town.slack.fill_in(form, chosen)
    refused = await town.slack.submit(form)
    question = await modal(town)
    offer = str(question.source)
    asked = await town.slack.submit(question)
    note = await modal(town)

    request = await posted(town, admins)
    await town.slack.click("bob", request, APPROVE_BUTTON)
    told = await dm(town, "allows your call")
    await town.slack.click("ann", told, CALL_GRANTED_BUTTON)
    card = await town.finished()

    assert (refused.ok, asked.ok) == (True, True)
    assert "You can ask an admin" in offer
    assert "I've asked the admins" in str(note.source)
    assert "Northwind" in card.text
    assert town.posts == 1


async def test_a_call_from_a_message_leads_back_to_it(closed_town: Town) -> None:
    """Who reads the card an hour later knows why the number was called."""
    town = closed_town
    admins = await opened(town)
    said = town.slack.say("bob", "sales", "Northwind is 415 555 0142")
    await town.slack.choose_on("ann", said, CALL_IN_MESSAGE)
    form = await modal(town)
    menu = next(b for b in form.source["blocks"] if b.get("block_id") == CALLEE_FIELD)
    [number] = menu["element"]["options"]
    town.slack.fill_in(form, {CALLEE_FIELD: number["value"]})
    await town.slack.submit(form)
    await town.slack.submit(await modal(town))

    request = await posted(town, admins)
    await town.slack.click("bob", request, APPROVE_BUTTON)
    told = await dm(town, "allows your call")
    await town.slack.click("ann", told, CALL_GRANTED_BUTTON)
    await town.until(lambda: town.posts)

    link = f"p{said.ts.replace('.', '')}"
    assert [link in str(card.blocks) for card in town.cards()].count(True) == 1


async def test_a_cap_is_opened_for_one_call(closed_town: Town) -> None:
    """The day's last call was placed, and a customer waits."""
    town = closed_town
    changes = {"RINGOUT_COUNTRIES": "US", "RINGOUT_CALLS_PER_DAY": "1"}
    admins = await opened(town, changes)
    await town.types()
    await town.finished()

    await town.types()
    offer = await dm_or_whisper(town)
    await town.slack.click("ann", offer, ASK_ADMIN_BUTTON)
    request = await posted(town, admins)
    await town.slack.click("bob", request, APPROVE_BUTTON)
    told = await dm(town, "allows your call")
    await town.slack.click("ann", told, CALL_GRANTED_BUTTON)
    await town.finished(1)
    await town.types()
    await dm_or_whisper(town)

    assert "placed 1 of 1 calls today" in request.text
    assert town.posts == 2


async def test_a_number_in_a_message_to_the_bot_can_be_asked_about(
    closed_town: Town,
) -> None:
    """Whoever writes to the bot is refused by the same rule."""
    town = closed_town
    admins = await opened(town)

    await town.slack.write("ann", "app", "+1 415 555 0142")
    offer = await dm_or_whisper(town)
    await town.slack.click("ann", offer, ASK_ADMIN_BUTTON)
    request = await posted(town, admins)
    await town.slack.click("bob", request, APPROVE_BUTTON)
    told = await dm(town, "allows your call")
    await town.slack.click("ann", told, CALL_GRANTED_BUTTON)
    await town.until(lambda: town.posts == 1)


async def dm_or_whisper(town: Town) -> Message:
    """Wait for the refusal with its button, wherever Ann was told."""
    found = await town.until(lambda: offers(town))
    return found[0]


def offers(town: Town) -> list[Message]:
    """Return all refusals that Ann was told with a button."""
    told = [*town.slack.private("ann"), *town.slack.dm("ann")]
    return [each for each in told if ASK_ADMIN_BUTTON in str(each.blocks)]


async def test_a_restart_loses_no_answer(closed_town: Town) -> None:
    """A bot that was down while an admin was asked goes on where it stopped."""
    town = closed_town
    admins = await opened(town)
    await asks(town)
    request = await posted(town, admins)
    await town.slack.click("bob", request, APPROVE_BUTTON)
    await dm(town, "allows your call")
    await town.close()
    await town.open()
    told = await dm(town, "allows your call")
    await town.slack.click("ann", told, CALL_GRANTED_BUTTON)
    await town.finished()

    assert len([m for m in town.slack.dm("ann") if "allows" in m.text]) <= 1
    assert town.posts == 1

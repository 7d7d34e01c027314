"""What a person sees after typing a command: the whole way, over real connections."""

from __future__ import annotations

import pytest

from own import PATIENT
from town import CALLEE, Town


@pytest.mark.sql
@pytest.mark.on_both
async def test_a_call_is_placed_followed_and_told_in_its_thread(town: Town) -> None:
    """Ann types a number; one card, one POST, one reply with both results."""
    ack = await town.types()

    reply = await town.reply()
    card = await town.finished()

    assert ack.ok
    assert "415-555-0142" in ack.text
    assert town.posts == 1
    assert len(town.cards()) == 1
    assert len(town.slack.thread(card)) == 1
    assert "Caller: answered" in reply.text
    assert "Callee: answered" in reply.text
    assert "Talk time:" in reply.text
    assert "<@U0ANN>" in card.text


@pytest.mark.parametrize(
    ("story", "caller", "callee"),
    [
        ("callee-busy", "answered", "busy"),
        ("caller-no-answer", "no answer", "not called"),
        ("voicemail", "answered", "voicemail"),
        ("contradiction", "phone offline", "not called"),
        ("late-record", "answered", "answered"),
        ("two-records", "answered", "answered"),
        ("no-session-found", "answered", "answered"),
        ("early-404", "answered", "answered"),
        ("unknown-status", "answered", "answered"),
        ("in-progress-record", "answered", "answered"),
        ("other-id", "answered", "answered"),
        ("decoy", "answered", "answered"),
    ],
)
async def test_the_reply_tells_what_the_record_says(
    town: Town, story: str, caller: str, callee: str
) -> None:
    """Every way a call can end, told by the legs of its record."""
    town.ringcentral.play(story)

    await town.types()
    reply = await town.reply()
    card = await town.finished()

    assert f"Caller: {caller}" in reply.text
    assert f"Callee: {callee}" in reply.text
    assert len(town.slack.thread(card)) == 1
    assert town.posts == 1


async def test_the_card_says_each_live_state_once(town: Town) -> None:
    """Slack limits edits, so the card changes only when a side's state changes."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    [call] = town.ringcentral.calls

    async def shows(state: str) -> None:
        await town.until(lambda: state in town.cards()[0].text)

    for side, what, shown in (
        ("", "", "<@U0ANN>: ringing on …0101; …0142: waiting"),
        ("caller", "answer", "<@U0ANN>: answered; …0142: ringing"),
        ("callee", "answer", "Talking with …0142"),
        ("callee", "hangup", "ot confirmed yet"),
    ):
        if side:
            assert town.ringcentral.press(call.id, side, what)
        await shows(shown)

    card = await town.finished()
    texts = [version.text for version in card.versions]
    assert len(texts) == len(set(texts))


async def test_without_a_record_the_reply_says_so(closed_town: Town) -> None:
    """It says "not confirmed" and the last live status, within the time limit."""
    town = closed_town
    await town.open(RINGOUT_LOG_GIVE_UP_SECONDS="0.5")
    town.ringcentral.play("never-record")

    await town.types()
    reply = await town.reply()

    assert "Not confirmed" in reply.text
    assert "unconfirmed" in reply.text


@pytest.mark.on_both
async def test_pressing_enter_twice_rings_once(town: Town) -> None:
    """A private answer explains it, and offers to call anyway."""
    town.ringcentral.play(PATIENT)
    await town.types()

    again = await town.types()
    someone = await town.types(user="bob")

    assert "already calling" in again.text
    assert "call_anyway" in str(again.blocks)
    assert "Calling you on" in someone.text
    private = town.slack.private("ann")[-1]
    await town.slack.click("ann", private, "call_anyway")
    await town.until(lambda: len(town.cards()) == 3)


@pytest.mark.on_both
async def test_a_command_that_is_delivered_twice_dials_once(town: Town) -> None:
    """Slack may repeat an envelope, or send its trigger_id in another one."""
    await town.types(trigger_id="1.T.x")
    await town.slack.redeliver()
    await town.types(trigger_id="1.T.x")

    await town.finished()

    assert town.posts == 1
    assert len(town.cards()) == 1


@pytest.mark.parametrize(
    "text",
    ["911", "+1 900 555 0142", "+44 20 7946 0958", "1-800-FLOWERS", "4155550142 x12"],
)
async def test_what_is_refused_reaches_nobody(town: Town, text: str) -> None:
    """RingCentral gets no request, and only the person sees the refusal."""
    await town.started()
    asked = len(town.ringcentral.requests)

    ack = await town.types(text)

    assert ack.text
    assert town.posts == 0
    assert town.cards() == []
    assert len(town.ringcentral.requests) == asked


@pytest.mark.on_both
async def test_where_the_bot_may_not_post_the_dm_has_the_card(town: Town) -> None:
    """Card and thread go there; a private line says, once, how to invite the bot."""
    await town.types(channel="deals")

    card = await town.until(lambda: next(iter(town.slack.dm("ann")), None))
    assert card is not None
    await town.until(lambda: town.slack.thread(card))

    assert town.cards("deals") == []
    assert any("/invite" in each.text for each in town.slack.private("ann"))
    assert town.posts == 1

    await town.types("+14155550177", channel="deals")
    again = await town.until(
        lambda: next((m for m in town.slack.dm("ann") if "0177" in m.text), None)
    )
    assert again is not None
    await town.until(lambda: town.slack.thread(again))
    told = [each.text for each in town.slack.private("ann")]
    assert sum("/invite" in each for each in told) == 1


async def test_between_two_people_nobody_is_told_to_invite_it(town: Town) -> None:
    """The bot can't be invited to such a DM; it says where the call is."""
    ack = await town.types(channel="ann-bob")

    await town.until(lambda: next(iter(town.slack.dm("ann")), None))
    told = await town.until(
        lambda: [
            each.text
            for each in town.slack.private("ann")
            if "between people" in each.text
        ]
    )
    assert "card" not in ack.text
    assert "in our DM" in str(told)
    assert "/invite" not in str(told)


async def test_a_refusal_is_told_on_the_card_alone(town: Town) -> None:
    """It says what to do next; nothing rang, so there is no reply."""
    town.ringcentral.play("international-refused")

    await town.types()
    card = await town.finished()

    assert "Not called" in card.text
    assert "administrator" in card.text
    assert town.slack.thread(card) == []


@pytest.mark.on_both
@pytest.mark.parametrize(
    "story", ["lost-answer", "lost-answer-500", "lost-not-executed"]
)
async def test_a_lost_answer_is_looked_for_and_never_sent_again(
    closed_town: Town, story: str
) -> None:
    """The card warns that the call may have been placed, until that is known."""
    town = closed_town
    is_there = story != "lost-not-executed"
    await town.open(RINGOUT_LOG_GIVE_UP_SECONDS="60" if is_there else "1")
    town.ringcentral.play(story)

    await town.types()
    reply = await town.reply()
    card = await town.finished()

    assert town.posts == 1
    assert any("check before calling again" in each.text for each in card.versions)
    assert ("Callee: answered" if is_there else "Not confirmed") in reply.text


@pytest.mark.on_both
async def test_cancel_stops_a_ringing_phone(town: Town) -> None:
    """The reply then tells how the call ended."""
    town.ringcentral.play(PATIENT)
    await town.types()
    card = await town.until(
        lambda: next((c for c in town.cards() if "ringing" in c.text), None)
    )
    assert card is not None

    await town.slack.click("bob", card, "cancel_call")
    await town.until(lambda: town.slack.private("bob"))
    await town.slack.click("ann", card, "cancel_call")
    await town.until(lambda: len(town.slack.private("ann")) > 1)
    await town.reply()

    assert "Only <@U0ANN> can do that" in town.slack.private("bob")[0].text
    assert len(town.ringcentral.requests_of("DELETE", "/ring-out")) == 1


@pytest.mark.on_both
async def test_call_again_places_one_more(town: Town) -> None:
    """Only the person who placed the call can do so, from its card."""
    await town.types()
    card = await town.finished()

    await town.slack.click("ann", card, "call_again")
    await town.finished(1)

    assert town.posts == 2
    assert town.ringcentral.calls[1].callee == CALLEE


async def test_a_cancellation_whose_answer_is_lost_is_read_as_one(town: Town) -> None:
    """The log's "Stopped" would else be a call that was picked up on another phone."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    await town.until(lambda: "ringing" in town.cards()[0].text)
    town.ringcentral.faults.add("reset", method="DELETE", before_effect=False)

    await town.slack.click("ann", town.cards()[0], "cancel_call")
    reply = await town.reply()

    assert "Caller: canceled" in reply.text
    assert "Callee: not called" in reply.text


async def test_a_second_press_of_cancel_takes_nothing_back(town: Town) -> None:
    """RingCentral answers it with 404: the first one has stopped the call."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.ringcentral.calls)
    await town.until(lambda: "ringing" in town.cards()[0].text)
    card = town.cards()[0]
    blocks = card.blocks

    for _ in range(2):
        await town.slack.click("ann", card, "cancel_call", blocks=blocks)
    reply = await town.reply()

    assert "Caller: canceled" in reply.text
    assert len(town.ringcentral.requests_of("DELETE", "/ring-out")) == 1

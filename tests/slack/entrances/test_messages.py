"""What people write to the app: a mention in a channel, a text in their DM with it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import State
from bot.sandbox.slack.messages import Message, Private
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.messages import events
from bot.slack.texts.answers import CALL_ANYWAY_BUTTON
from bot.slack.texts.asking import CALL_DOUBTFUL_BUTTON, Chosen
from own import PATIENT
from selection import TRANSPORTS
from stored import in_state
from town import CALLEE, Town

Found = TypeVar("Found")

HERE = {
    "type": "event_callback",
    "team_id": "T1",
    "authorizations": [{"team_id": "T1", "enterprise_id": None, "user_id": "U0BOT"}],
}


def heard(changes: dict[str, Any] | None = None, **wrapper: Any) -> SlackEvent:
    """Return a mention with *changes*, as the bot reads it."""
    event = {
        "type": "app_mention",
        "user": "U1",
        "team": "T1",
        "channel": "C1",
        "ts": "1700000000.000100",
        "text": "<@U0BOT> call 415 555 0142",
    }
    return SlackEvent.from_body({**HERE, **wrapper, "event": event | (changes or {})})


@pytest.mark.parametrize(
    "changes",
    [
        {"user": "USLACKBOT"},
        {"user": "U0BOT"},
        {"type": "message", "user": "U0BOT"},
        {"bot_id": "B1"},
        {"bot_profile": {"id": "B1"}},
        {"app_id": "A1"},
        {"subtype": "bot_message"},
        {"subtype": "message_changed", "message": {"text": "415 555 0142"}},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"subtype": "reminder_add"},
        {"edited": {"user": "U1", "ts": "1700000001.000000"}},
        {"hidden": True},
        {"ts": None},
        {"team": "T0OTHER"},
        {"user_team": "T0OTHER"},
        {"type": "user_change"},
    ],
    ids=str,
)
def test_the_bot_answers_no_bot_no_edit_and_no_stranger(
    changes: dict[str, Any],
) -> None:
    """Two bots would talk for ever, and an edit would ask about a number again."""
    assert heard().said is not None
    assert heard(changes).said is None


@pytest.mark.parametrize("subtype", [None, "", "file_share", "thread_broadcast"])
def test_what_a_person_writes_is_read_with_a_file_and_in_a_thread(
    subtype: str | None,
) -> None:
    """They have a subtype, too."""
    said = heard({"subtype": subtype, "thread_ts": "1699.1"}).said

    assert said is not None
    assert (said.text, said.thread) == ("call 415 555 0142", "1699.1")


def test_within_an_organization_the_author_may_be_in_another_workspace() -> None:
    """The check of guests decides about them."""
    org = [{"team_id": None, "enterprise_id": "E1", "user_id": "U0BOT"}]

    said = heard({"team": "T2"}, authorizations=org, enterprise_id="E1").said

    assert said is not None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<@U0BOT> call 415 555 0142", "call 415 555 0142"),
        ("<@U0BOT>: 415 555 0142", "415 555 0142"),
        ("<@U0BOT|ringout>, 415 555 0142", "415 555 0142"),
        ("call 415 555 0142 <@U0BOT>", "call 415 555 0142"),
        ("please <@U0BOT> <@U2>", "<@U2>"),
        ("<@U2> <@U0BOT>", "<@U2>"),
        ("call 415 555 0142 <@U0BOT> please", "call 415 555 0142 please"),
        ("<@U0BOT>", ""),
        ("415 555 0142", "415 555 0142"),
    ],
)
def test_the_mention_of_the_app_is_no_part_of_what_is_said(
    text: str, read: str
) -> None:
    """Wherever it stands; other people's mentions stay."""
    said = heard({"text": text}).said

    assert said is not None
    assert said.text == read


@given(
    event=st.dictionaries(
        st.sampled_from(["type", "user", "team", "ts", "text", "subtype", "channel"]),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()),
    ),
    bot=st.none() | st.text(),
)
def test_any_event_can_be_read(event: dict[str, Any], bot: str | None) -> None:
    """Slack adds fields and kinds without notice."""
    said = SlackEvent.from_body(
        {**HERE, "authorizations": [{"user_id": bot}], "event": event}
    ).said

    assert said is None or (said.ts and event["type"] in {"app_mention", "message"})


async def test_a_message_outside_of_the_dm_is_not_for_the_app() -> None:
    """Its admin may have subscribed to more events than the manifest names."""
    nothing: Any = SimpleNamespace(reply=print)
    written = events(nothing, nothing)["message"]

    assert await written(heard({"type": "message"})) is None
    assert await written(heard({"type": "message", "channel": "D1"})) is not None


async def seen(town: Town, look: Callable[[Town], Found | None]) -> Found:
    """Wait until *look* finds something."""
    found = await town.until(lambda: look(town))
    assert found is not None
    return found


def asked(town: Town, user: str = "ann") -> Private | None:
    """Return the question that *user* sees, once it is there."""
    found = [each for each in town.slack.private(user) if each.elements]
    return found[-1] if found else None


def buttons(message: Message) -> list[str]:
    """Return the ids of a message's buttons."""
    return [each["action_id"] for each in message.elements]


@pytest.mark.on_both
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_a_mention_asks_its_author_alone_and_dials_when_pressed(
    closed_town: Town, *, http: bool
) -> None:
    """In the thread where commands don't work; others may quote it, and nothing rings."""
    town = closed_town
    if http:
        town.use_http()
    await town.open()
    root = town.slack.say("bob", "sales", "Who calls them?")
    bot = town.slack.workspace.bot.id

    ack = await town.slack.write(
        "ann", "sales", f"<@{bot}> call 415 555 0142", thread_ts=root.ts
    )
    question = await seen(town, asked)

    assert ack.ok
    assert question.thread_ts == root.ts
    assert question.text == "Call +1 415-555-0142?"
    assert town.slack.private("bob") == []
    assert town.bot is not None
    stored = await in_state(town.bot._store, *State)
    assert stored == []  # nothing rings before it is stored
    for _ in range(2):
        await town.slack.click("ann", question, CALL_DOUBTFUL_BUTTON)
    await town.finished(1)
    assert town.posts == 1


async def test_a_mention_that_is_delivered_twice_is_one_call(town: Town) -> None:
    """Two processes may each ask; whichever is answered, and how often, one phone rings."""
    bot = town.slack.workspace.bot.id
    event = {
        "type": "app_mention",
        "user": town.slack.workspace.user("ann").id,
        "text": f"<@{bot}> 415 555 0142",
        "ts": "1700000000.000100",
        "team": town.slack.workspace.team,
        "channel": town.slack.channel("sales").id,
    }

    for _ in range(2):
        await town.slack.event(event)
    questions = await town.until(
        lambda: found if len(found := town.slack.private("ann")) > 1 else None
    )

    assert questions is not None
    for each in questions:
        await town.slack.click("ann", each, CALL_DOUBTFUL_BUTTON)
        await town.finished()  # the number is free again, and another call could ring
    assert town.bot is not None
    assert len(await in_state(town.bot._store, *State)) == town.posts == 1
    assert len(town.cards()) == 1


async def test_a_mention_that_is_delivered_twice_is_one_call_also_anyway(
    town: Town,
) -> None:
    """Each question leads to a second one; however many are answered, one phone rings."""
    town.ringcentral.play(PATIENT)
    await town.types()
    await town.until(lambda: town.posts == 1)
    event = {
        "type": "app_mention",
        "user": town.slack.workspace.user("ann").id,
        "text": f"<@{town.slack.workspace.bot.id}> {CALLEE}",
        "ts": "1700000000.000100",
        "team": town.slack.workspace.team,
        "channel": town.slack.channel("sales").id,
    }

    for _ in range(2):
        await town.slack.event(event)
    for each in await town.until(lambda: two_with(town, CALL_DOUBTFUL_BUTTON)):
        await town.slack.click("ann", each, CALL_DOUBTFUL_BUTTON)
    for each in await town.until(lambda: two_with(town, CALL_ANYWAY_BUTTON)):
        await town.slack.click("ann", each, CALL_ANYWAY_BUTTON)

    await town.types("+14155550199")  # whatever the presses ring has rung before
    await town.until(lambda: town.posts == 3)
    rung = sorted(call.callee for call in town.ringcentral.calls)
    assert rung == [CALLEE, CALLEE, "+14155550199"]


def two_with(town: Town, action: str) -> list[Private]:
    """Return the two questions to Ann with a button, once both are there."""
    shown = town.slack.private("ann")
    found = [each for each in shown if action in str(each.blocks)]
    return found if len(found) > 1 else []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Write me a number"),
        ("thanks!", "Write me a number"),
        ("help", "Write me a number"),
        ("911", "emergency"),
        ("+49 30 303986300", "Germany"),
        ("again", "You haven't called anyone yet"),
        ("cancel", "You have no call to cancel"),
        ("hang up", "You have no call to hang up"),
        ("disconnect", "`/ringout disconnect`"),
        ("status", "calls"),
    ],
)
async def test_other_words_are_answered_in_the_dm(
    town: Town, text: str, said: str
) -> None:
    """Nothing is left without an answer, and none of it dials."""
    await town.slack.write("ann", "app", text)

    answer = await seen(town, told)

    assert said in answer.text
    assert town.posts == 0


def told(town: Town, user: str = "ann") -> Message | None:
    """Return the bot's last message in a person's DM, once it is there."""
    theirs = town.slack.workspace.user(user).id
    found = [each for each in town.slack.dm(user) if each.user != theirs]
    return found[-1] if found else None


@pytest.mark.on_both
@pytest.mark.parametrize("http", TRANSPORTS)
async def test_a_number_in_the_dm_is_offered_to_be_called(
    closed_town: Town, *, http: bool
) -> None:
    """The card follows in the DM; the bot does not answer its own messages."""
    town = closed_town
    if http:
        town.use_http()
    await town.open()
    await town.slack.write("ann", "app", "415 555 0142 for Northwind")
    question = await seen(town, told)

    assert question.text == "Call +1 415-555-0142?"
    assert buttons(question) == [CALL_DOUBTFUL_BUTTON, "call_nobody"]
    assert town.posts == 0
    await town.slack.click("ann", question, CALL_DOUBTFUL_BUTTON)
    await town.until(lambda: town.posts)
    card = await town.until(
        lambda: next(
            (each for each in town.slack.dm("ann") if "Northwind" in each.text), None
        )
    )
    assert card is not None


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("please ring Bob at 415 555 0142 tomorrow", ["+14155550142"]),
        (
            "either 415-555-0142 or (415) 555-0143, thanks",
            ["+14155550142", "+14155550143"],
        ),
        ("ring Bob at 415 555 0142 now from 650 555 0199", ["+14155550142"]),
    ],
)
async def test_numbers_among_words_are_offered(
    town: Town, text: str, offered: list[str]
) -> None:
    """People write to a bot as they write to each other; one answer is one call."""
    await town.slack.write("ann", "app", text)

    question = await seen(town, told)

    calls = [each for each in question.elements if each["action_id"] != "call_nobody"]
    assert [Chosen.load(each["value"]).to.e164 for each in calls] == offered
    assert len({Chosen.load(each["value"]).key for each in calls}) == 1
    assert town.posts == 0


async def test_again_in_a_message_asks_first(town: Town) -> None:
    """Others may quote a message; a press is one's own."""
    await town.types()
    await town.finished()
    await town.slack.write("ann", "app", "again")

    question = await seen(town, told)

    assert question.text.startswith("Call +1 415-555-0142 again? You called it <!date")
    assert town.posts == 1


async def test_a_guest_is_kept_out(town: Town) -> None:
    """By the same rule as with commands."""
    bot = town.slack.workspace.bot.id
    guest = town.slack.workspace.user("carl")
    guest.guest = "multi"

    await town.slack.write("carl", "sales", f"<@{bot}> call 415 555 0142")

    answer = await seen(town, lambda it: next(iter(it.slack.private("carl")), None))
    assert "guests" in answer.text.lower()
    assert answer.elements == []


@pytest.mark.parametrize("scope", ["app_mentions:read", "im:history"])
async def test_an_app_that_was_not_reinstalled_goes_on_as_before(
    town: Town, scope: str
) -> None:
    """Slack sends it no such event; commands work."""
    town.slack.rules.scopes.discard(scope)
    bot = town.slack.workspace.bot.id
    place, text = ("app", "415") if scope == "im:history" else ("sales", f"<@{bot}>")

    ack = await town.slack.write("ann", place, text)

    assert not ack.ok
    await town.types()
    await town.finished(1 if place == "sales" else 0)

"""Whether somebody is in the channel that they chose: nobody's call is shown elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bolt_bot import a_slack, client_of
from bot.calls.call import Place
from bot.errors import ChatBusy
from bot.sandbox.slack.double import SlackDouble
from bot.slack.posting.presence import Presence
from bot.slack.texts.text import Message
from bot.user_errors import Absence, NotInChannel
from patience import PATIENCE

NOTE = Message("You chose this channel.")


@dataclass
class Spaces:
    """Every workspace has the one client; a test sets why there is none."""

    found: AsyncWebClient | Exception

    async def client(self, *_: str) -> AsyncWebClient:
        """Return the client."""
        if isinstance(self.found, Exception):
            raise self.found
        return self.found


class Stuck:
    """A client that never answers."""

    async def chat_postEphemeral(self, **_: Any) -> None:  # noqa: N802 - slack_sdk's name
        """Wait for ever."""
        await asyncio.Event().wait()


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Build a Slack without rate limits."""
    async with a_slack() as built:
        yield built


async def absence(found: Any, place: Place, within: float = PATIENCE) -> Absence | None:
    """Return who is not there; None if the call may be shown."""
    try:
        await Presence(Spaces(found), within=within).check(place, NOTE)  # type: ignore[arg-type]
    except NotInChannel as error:
        return error.absence
    return None


def of_ann(slack: SlackDouble, channel: str) -> Place:
    """Return a channel that Ann chose."""
    return Place(slack.workspace.team, slack.channel(channel).id, "U0ANN")


async def test_a_member_alone_may_show_a_call_and_reads_that_it_is(
    slack: SlackDouble,
) -> None:
    """Somebody who has left the channel since may not: others would read the card."""
    place, client = of_ann(slack, "sales"), client_of(slack)

    assert await absence(client, place) is None
    assert [each.text for each in slack.private("ann")] == [NOTE.text]
    slack.channel("sales").members.discard("U0ANN")
    assert await absence(client, place) is Absence.PERSON
    assert len(slack.private("ann")) == 1


async def test_a_private_channel_without_the_bot_is_refused(slack: SlackDouble) -> None:
    """The bot can't know who is in it. Another's DM, and no channel, look the same."""
    client, place = client_of(slack), of_ann(slack, "deals")
    dm = Place(place.team, slack.app_dm("bob").id, "U0ANN")

    assert await absence(client, place) is Absence.BOT
    assert await absence(client, Place(place.team, "C0NONE", "U0ANN")) is Absence.BOT
    assert await absence(client, dm) in {Absence.BOT, Absence.PERSON}


async def test_where_the_bot_cannot_post_nothing_is_shown(slack: SlackDouble) -> None:
    """The card comes to the person's DM, as for a command."""
    slack.channel("sales").archived = True
    slack.channel("general").members.discard(slack.workspace.bot.id)

    assert await absence(client_of(slack), of_ann(slack, "sales")) is None
    assert await absence(client_of(slack), of_ann(slack, "general")) is None


async def test_what_slack_does_not_tell_is_not_taken_for_a_yes(
    slack: SlackDouble,
) -> None:
    """It is away, too slow, or does not know the bot any more."""
    place = of_ann(slack, "sales")
    for found in (ChatBusy(1), Stuck(), client_of(slack, "xoxb-revoked")):
        within = 0.01 if isinstance(found, Stuck) else PATIENCE
        assert await absence(found, place, within) is Absence.UNKNOWN

"""Whether somebody is in the channel that they chose: nobody's call is shown elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bolt_bot import a_slack, client_of
from bot.calls.call import Place
from bot.errors import ChatBusy
from bot.sandbox.slack.double import SlackDouble
from bot.slack.posting.presence import Presence
from bot.slack.texts.text import Message
from bot.user_errors import Absence, NotInChannel
from one_client import Spaces
from patience import PATIENCE

NOTE = Message("You chose this channel.")


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


async def test_where_the_bot_cannot_post_nothing_is_shown(slack: SlackDouble) -> None:
    """The card comes to the person's DM, as for a command typed there.

    Private channels and group DMs without the bot, too: for it they do not exist.
    """
    slack.channel("sales").archived = True
    slack.channel("general").members.discard(slack.workspace.bot.id)
    client = client_of(slack)
    group = Place(slack.workspace.team, "G0TRIO", "U0ANN")

    for name in ("sales", "general", "deals"):
        assert await absence(client, of_ann(slack, name)) is None, name
    assert await absence(client, group) is None


async def test_no_id_but_a_channels_leads_to_somebody_elses_dm(
    slack: SlackDouble,
) -> None:
    """A form can be forged, and the bot can post there, whatever Slack says of a note."""
    client, team = client_of(slack), slack.workspace.team
    for chosen in (slack.app_dm("bob").id, "D0ANNBOB", "U0BOB", "W0BOB", "bob"):
        place = Place(team, chosen, "U0ANN")
        assert await absence(client, place) is Absence.PERSON, chosen


async def test_what_slack_does_not_tell_is_not_taken_for_a_yes(
    slack: SlackDouble,
) -> None:
    """It is away, too slow, or does not know the bot any more."""
    place = of_ann(slack, "sales")
    for found in (ChatBusy(1), Stuck(), client_of(slack, "xoxb-revoked")):
        within = 0.01 if isinstance(found, Stuck) else PATIENCE
        assert await absence(found, place, within) is Absence.UNKNOWN

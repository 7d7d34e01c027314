"""A link to the message that a call is begun from: nothing fails for want of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bolt_bot import a_slack, client_of
from bot.calls.call import Place
from bot.errors import ChatBusy
from bot.sandbox.slack.double import SlackDouble
from bot.slack.posting.permalinks import LONGEST_LINK, Permalinks, is_link
from one_client import Spaces


class Stuck:
    """A client that never answers."""

    async def chat_getPermalink(self, **_: Any) -> None:  # noqa: N802 - slack_sdk's name
        """Wait for ever."""
        await asyncio.Event().wait()


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    """Build a Slack without rate limits."""
    async with a_slack() as built:
        yield built


def here(slack: SlackDouble, channel: str) -> Place:
    """Return where Ann is."""
    return Place(slack.workspace.team, slack.channel(channel).id, "U0ANN")


async def test_a_message_and_a_reply_have_a_link(slack: SlackDouble) -> None:
    """Whoever reads the card finds out what the call was about."""
    links = Permalinks(Spaces(client_of(slack)))  # type: ignore[arg-type]
    root = slack.say("bob", "sales", "Who calls?")
    reply = slack.say("bob", "sales", "415 555 0142", thread_ts=root.ts)
    place = here(slack, "sales")

    one, other = await links.of(place, root.ts), await links.of(place, reply.ts)

    assert one.endswith(f"/archives/{place.channel}/p{root.ts.replace('.', '')}")
    assert f"thread_ts={root.ts}" in other


async def test_where_slack_tells_none_there_is_none(slack: SlackDouble) -> None:
    """The bot is not in a private channel, Slack is away, or it takes too long."""
    deal = slack.say("ann", "deals", "415 555 0142")
    private = here(slack, "deals")
    one = client_of(slack)

    for found, place, ts in (
        (one, private, deal.ts),
        (one, private, ""),
        (one, Place("T1", "", "U1"), deal.ts),
        (ChatBusy(1), private, deal.ts),
        (client_of(slack, "xoxb-revoked"), private, deal.ts),
        (Stuck(), private, deal.ts),
    ):
        links = Permalinks(Spaces(found), within=0.5 if found is one else 0.01)  # type: ignore[arg-type]
        assert not await links.of(place, ts)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("https://acme.slack.com/archives/C1/p1700000000000100", True),
        ("https://acme.slack.com/archives/C1/p1?thread_ts=1.2&cid=C1", True),
        ("https://acme.slack-gov.com/archives/C1/p1", True),
        ("", False),
        ("archives/C1/p1", False),
        ("//acme.slack.com/archives/C1/p1", False),
        ("https://evil.example/archives/C1/p1", False),
        ("http://acme.slack.com/archives/C1/p1", False),
        ("https://acme.slack.com/a|<!channel>", False),
        ("https://acme.slack.com/a b", False),
        ("https://acme.slack.com/" + "a" * LONGEST_LINK, False),
    ],
)
def test_only_an_address_at_slack_is_shown(text: str, *, good: bool) -> None:
    """A card must not lead elsewhere, nor mention a channel."""
    assert is_link(text) is good

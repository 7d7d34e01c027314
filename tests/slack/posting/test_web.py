"""A network that is dead is no limit of Slack's."""

from __future__ import annotations

import logging

import pytest

from bot.doctor.check import CheckFailed
from bot.doctor.slack_checks import SlackChecks
from bot.errors import ChatBusy, ChatOutOfReach
from bot.sandbox.ports import free_port
from bot.slack.posting import web
from town import Town


def nowhere() -> str:
    """Return an address at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}/api/"


def test_slack_is_waited_for_no_longer_than_ten_seconds() -> None:
    """A post that meets this may still land, and whoever takes over waits as long."""
    assert web.SLACK_TIMEOUT == 10


async def test_no_request_is_written_out_for_a_line_that_nobody_logs() -> None:
    """slack_sdk would format each request and answer, with all numbers in them."""
    async with web.session() as session:
        assert web.client("xoxb-1", nowhere(), session).logger.level > logging.DEBUG


async def test_no_connection_is_said_to_be_none() -> None:
    """It is retried like a limit, but blamed on the network."""
    async with web.session() as session:
        with pytest.raises(ChatOutOfReach, match="can't be reached") as failed:
            await web.ask(web.client("xoxb-1", nowhere(), session).auth_test())

    assert isinstance(failed.value, ChatBusy)
    assert "limit" not in str(failed.value)


async def test_the_doctor_does_not_blame_the_token_for_the_network(
    closed_town: Town,
) -> None:
    """Copying a good token again leads nowhere."""
    settings = closed_town.settings(SLACK_API_URL=nowhere())
    async with web.session() as session:
        checks = SlackChecks(settings, session).all()
        for asks_nobody in (
            "Place a call",
            "Call a number",
            "workflow step",
            "user groups",
        ):
            checks.pop(asks_nobody, None)
        for check in checks.values():
            with pytest.raises(CheckFailed) as failed:
                await check()
            assert "Copy SLACK_BOT_TOKEN" not in failed.value.then
            assert "app-level" not in failed.value.then
            assert "limit" not in str(failed.value)

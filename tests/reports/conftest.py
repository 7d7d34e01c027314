"""An office of one bot's, for tests of digests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bolt_bot import a_slack
from bot.slack.posting import web
from bot.storage.calls.store import Store
from digest_office import Asked, Office


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    """Give one bot's office."""
    async with a_slack() as slack, web.session() as session:
        client = web.client(slack.bot_token, slack.api_url, session)
        yield Office(slack, store, Asked(client))

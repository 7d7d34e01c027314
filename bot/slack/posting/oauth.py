"""Exchanging an OAuth code for a workspace's bot token.

Source: Slack docs, "oauth.v2.access": the app authenticates by HTTP Basic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.posting.web import ask


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """The Slack app's OAuth client id and secret."""

    client_id: str
    client_secret: str = field(repr=False)


async def exchange(
    client: AsyncWebClient, app: OAuthClient, code: str, redirect_uri: str = ""
) -> dict[str, Any]:
    """Return the answer of ``oauth.v2.access``. Raises as `web.ask` does.

    slack_sdk's own method uses a part of aiohttp that is deprecated.
    """
    proof = aiohttp.encode_basic_auth(app.client_id, app.client_secret)
    data = {"code": code}
    if redirect_uri:
        data["redirect_uri"] = redirect_uri
    request = client.api_call(
        "oauth.v2.access", data=data, headers={"Authorization": proof}
    )
    return await ask(request)

"""Ends workflow steps. Source: Slack docs, "functions.completeSuccess" and "completeError"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.calls.call import Place
from bot.slack.posting.spaces import Spaces
from bot.slack.posting.web import ask


class Functions:
    """Completes steps in every workspace, with the installation's bot token.

    A step may be completed by any process, minutes after it began. The token that comes
    with the event is not kept: it would act for the person. Raises `errors.ChatError`.
    """

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces

    async def succeed(
        self, place: Place, step_id: str, outputs: Mapping[str, Any]
    ) -> None:
        """Complete a step with its *outputs*, whose names are the manifest's."""
        await self._complete(
            place, "functions.completeSuccess", step_id, outputs=dict(outputs)
        )

    async def fail(self, place: Place, step_id: str, words: str) -> None:
        """Fail a step; whoever built the workflow reads *words*."""
        await self._complete(place, "functions.completeError", step_id, error=words)

    async def _complete(
        self, place: Place, method: str, step_id: str, **more: Any
    ) -> None:
        client = await self._spaces.client(place.enterprise, place.team)
        body = {"function_execution_id": step_id, **more}
        await ask(client.api_call(method, json=body))

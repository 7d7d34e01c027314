"""Workspaces whose Slack client a test hands in."""

from __future__ import annotations

from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient


@dataclass
class Spaces:
    """Every workspace has the one client; a test sets why there is none."""

    found: AsyncWebClient | Exception

    async def client(self, *_: str) -> AsyncWebClient:
        """Return the client."""
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

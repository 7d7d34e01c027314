"""Modals as a person meets them: one over the other, submitted, closed.

Source: Slack docs, "Modals", "Handling view interactions": what the answer to a
submission does to the stack of views.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack import Ack, Json, SlackDouble
from bot.sandbox.slack_views import View


@dataclass(slots=True)
class Modals:
    """Which views are no longer shown, and what submitting does."""

    slack: SlackDouble
    _closed: set[str] = field(default_factory=set)

    def is_shown(self, view: View) -> bool:
        """Whether somebody sees it; a Home tab stays for good."""
        return view.id not in self._closed

    def find(self, user: str, view_id: str) -> View:
        """Return a view that *user* sees; KeyError if there is none."""
        for view in self.slack.views.all:
            if view.id == view_id and view.user == user and self.is_shown(view):
                return view
        raise KeyError(view_id)

    async def submit(self, view: View, values: Json) -> tuple[Ack, Json]:
        """Submit it; return the ack, and what it finds wrong, by block."""
        ack = await self.slack.submit(view, values)
        if not ack.ok:
            return ack, {}
        match ack.json.get("response_action"):
            case "errors":
                return ack, dict(ack.json.get("errors") or {})
            case "update":
                self._change(view, ack.json["view"])
            case "push":
                self.slack.views.add(view.user, self._checked(ack.json["view"]))
            case "clear":
                self._clear(view.user)
            case _:
                self._closed.add(view.id)
        self.slack.changes.tell()
        return ack, {}

    async def close(self, view: View) -> None:
        """Take it away; the bot hears of it if the view says so."""
        self._closed.add(view.id)
        self.slack.changes.tell()
        await self.slack.close_view(view)

    def _change(self, view: View, source: Json) -> None:
        view.source = self._checked(source)
        view.updates += 1
        view.hash = f"{view.hash.partition('.')[0]}.{view.updates}"

    def _checked(self, source: Json) -> Json:
        return {**source, "blocks": self.slack.views.checker.blocks(source["blocks"])}

    def _clear(self, user: str) -> None:
        self._closed |= {
            view.id
            for view in self.slack.views.all
            if view.user == user and view.source["type"] == "modal"
        }

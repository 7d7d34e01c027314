"""The payloads that Slack sends a bot: commands, actions, shortcuts, modals, events.

Source: Slack docs, "Slash commands", "Interaction payloads", "Shortcut interaction
payload", "Events API".
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.slack.answers import Json
from bot.sandbox.slack.inputs import VALUE_FIELDS, Given, entry, inputs, options_of
from bot.sandbox.slack.messages import Message, Messages, Private, elements
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.urls import ResponseUrls
from bot.sandbox.slack.views import View, Views
from bot.sandbox.slack.workspace import Channel, User, Workspace

DeliveryKind = Literal[
    "slash_commands",
    "block_actions",
    "block_suggestion",
    "message_action",
    "shortcut",
    "view_submission",
    "view_closed",
    "events_api",
]
CHOICES = ("static_select", "overflow", "radio_buttons")
OLD_TOKEN = "deprecated"  # noqa: S105 - Slack still sends this old field


@dataclass(frozen=True, slots=True)
class Delivery:
    """A payload to deliver, maybe more than once.

    Attributes:
        url: The name of its response_url; empty for none.
        team: The id of its workspace.
    """

    kind: DeliveryKind
    payload: Json
    url: str = ""
    team: str = ""
    envelope_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Payloads:
    """Composes deliveries."""

    workspace: Workspace
    messages: Messages
    urls: ResponseUrls
    triggers: Triggers
    views: Views
    _events: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def command(
        self, user: User, channel: Channel, command: str, text: str, trigger: str | None
    ) -> Delivery:
        """Return the delivery of a typed command."""
        url = self.urls.make(user.id, channel.id, "commands")
        payload = {
            "token": OLD_TOKEN,
            "team_id": self.workspace.team,
            "team_domain": self.workspace.domain,
            "channel_id": channel.id,
            "channel_name": channel.payload_name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app,
            "is_enterprise_install": str(self.workspace.is_org_wide).lower(),
            "response_url": self.urls.address(url),
            "trigger_id": self.triggers.make(user.id, trigger),
        }
        if self.workspace.enterprise is not None:
            payload["enterprise_id"] = self.workspace.enterprise.id
            payload["enterprise_name"] = self.workspace.enterprise.name
        return self._delivery("slash_commands", payload, url)

    def click(
        self, user: User, message: Message, action: Json, trigger: str | None
    ) -> Delivery:
        """Return the delivery of an action (made by `action_of`) in a message."""
        channel = self.workspace.channel(message.channel)
        is_private = isinstance(message, Private)
        url = self.urls.make(user.id, message.channel, "actions", message)
        payload = {
            **self._common("block_actions", user, trigger),
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": message.channel,
                "is_ephemeral": is_private,
            },
            "channel": {"id": channel.id, "name": channel.payload_name},
            "state": {"values": {}},
            "response_url": self.urls.address(url),
            "actions": [action],
        }
        if message.thread_ts:
            payload["container"]["thread_ts"] = message.thread_ts
        self.triggers.seen_from[payload["trigger_id"]] = channel.id
        if not is_private:
            payload["message"] = self.messages.as_json(message)
        return self._delivery("block_actions", payload, url)

    def on_message(
        self, user: User, message: Message, callback_id: str, trigger: str | None
    ) -> Delivery:
        """Return the delivery of a shortcut that *user* chose in a message's menu."""
        channel = self.workspace.channel(message.channel)
        url = self.urls.make(user.id, message.channel, "actions")
        payload = {
            **self._common("message_action", user, trigger),
            **self._in_org(),
            "callback_id": callback_id,
            "action_ts": f"{time.time():.6f}",
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.payload_name},
            "message": self.messages.as_json(message),
            "response_url": self.urls.address(url),
        }
        self.triggers.seen_from[payload["trigger_id"]] = channel.id
        return self._delivery("message_action", payload, url)

    def shortcut(self, user: User, callback_id: str, trigger: str | None) -> Delivery:
        """Return the delivery of a global shortcut: it names no channel."""
        payload = {
            **self._common("shortcut", user, trigger),
            **self._in_org(),
            "callback_id": callback_id,
            "action_ts": f"{time.time():.6f}",
        }
        name = payload["user"].pop("name")
        payload["user"]["username"] = name
        return self._delivery("shortcut", payload)

    def submission(self, user: User, view: View) -> Delivery:
        """Return the delivery of a submitted modal, with its present values."""
        payload = {
            **self._common("view_submission", user, None),
            **self._in_org(),
            "view": self.views.as_json(view),
            "response_urls": self._response_urls(user, view),
        }
        return self._delivery("view_submission", payload)

    def _response_urls(self, user: User, view: View) -> list[Json]:
        """Return a response_url for each conversation that was chosen, where asked for."""
        found = []
        for block, element in inputs(view.source["blocks"]):
            at = block["block_id"], element["action_id"]
            chosen = view.values[at[0]][at[1]].get("selected_conversation")
            if chosen and element.get("response_url_enabled"):
                url = self.urls.make(user.id, chosen, "actions")
                where = {"block_id": at[0], "action_id": at[1], "channel_id": chosen}
                found.append({**where, "response_url": self.urls.address(url)})
        return found

    def closing(self, user: User, view: View, *, is_cleared: bool = False) -> Delivery:
        """Return the delivery of a closed modal."""
        payload = {
            **self._common("view_closed", user, None),
            **self._in_org(),
            "view": self.views.as_json(view),
            "is_cleared": is_cleared,
        }
        payload.pop("trigger_id")
        return self._delivery("view_closed", payload)

    def click_in_view(self, user: User, view: View, action: Json) -> Delivery:
        """Return the delivery of an action (made by `action_of`) in a view."""
        payload = {
            **self._common("block_actions", user, None),
            **self._in_org(),
            "container": {"type": "view", "view_id": view.id},
            "view": self.views.as_json(view),
            "actions": [action],
        }
        return self._delivery("block_actions", payload)

    def query(
        self, user: User, view: View, at: tuple[str, str], typed: str
    ) -> Delivery:
        """Return the delivery of what is typed in the menu of *view* at a block and action."""
        payload = {
            **self._common("block_suggestion", user, None),
            **self._in_org(),
            "container": {"type": "view", "view_id": view.id},
            "view": self.views.as_json(view),
            "block_id": at[0],
            "action_id": at[1],
            "value": typed,
        }
        payload.pop("trigger_id")
        return self._delivery("block_suggestion", payload)

    def event(self, event: Json) -> Delivery:
        """Return the delivery of an event in this workspace."""
        org = self.workspace.enterprise
        is_org_wide = self.workspace.is_org_wide
        authorization = {
            "enterprise_id": org.id if org else None,
            "team_id": None if is_org_wide else self.workspace.team,
            "user_id": self.workspace.bot.id,
            "is_bot": True,
            "is_enterprise_install": is_org_wide,
        }
        return self.wrapped(
            event,
            team_id=self.workspace.team,
            authorizations=[authorization],
            is_ext_shared_channel=False,
        )

    def wrapped(self, event: Json, **where: Any) -> Delivery:
        """Return the delivery of an event; *where* is added to its wrapper."""
        now = time.time()
        payload = {
            "token": OLD_TOKEN,
            **where,
            "api_app_id": self.workspace.app,
            "event": {"event_ts": f"{now:.6f}", **event},
            "type": "event_callback",
            "event_id": f"Ev{self.workspace.mark}{next(self._events):06d}",
            "event_time": int(now),
        }
        if self.workspace.enterprise is not None:
            payload["enterprise_id"] = self.workspace.enterprise.id
        return self._delivery("events_api", payload)

    def _delivery(self, kind: DeliveryKind, payload: Json, url: str = "") -> Delivery:
        return Delivery(kind, payload, url, self.workspace.team)

    def _common(self, kind: DeliveryKind, user: User, trigger: str | None) -> Json:
        org = self.workspace.enterprise
        team = {"id": self.workspace.team, "domain": self.workspace.domain}
        common: Json = {
            "type": kind,
            "team": team,
            "user": {
                "id": user.id,
                "name": user.name,
                "team_id": self.workspace.team,
                **({"username": user.name} if kind == "block_actions" else {}),
            },
            "api_app_id": self.workspace.app,
            "token": OLD_TOKEN,
            "trigger_id": self.triggers.make(user.id, trigger),
            "is_enterprise_install": self.workspace.is_org_wide,
        }
        if org is not None:
            team |= {"enterprise_id": org.id, "enterprise_name": org.name}
            common["enterprise"] = {"id": org.id, "name": org.name}
        return common

    def _in_org(self) -> Json:
        """Return what differs in a view or shortcut of an org-wide app: no team."""
        return {"team": None} if self.workspace.is_org_wide else {}


def action_of(
    blocks: Sequence[Json], action_id: str, block_id: str = "", value: Given = ""
) -> Json:
    """Return the action of using an element: press a button, or enter *value*.

    Raises:
        KeyError: *blocks* have no such element, or it has no such option, or Slack
            sends the app no action for it.
    """
    for block, element in elements(blocks):
        if element["action_id"] == action_id and block_id in ("", block):
            return _used(element, block, value)
    raise KeyError(action_id)


def _used(element: Json, block_id: str, value: Given) -> Json:
    kind = element["type"]
    action: dict[str, Any] = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": f"{time.time():.6f}",
    }
    if kind == "button":
        names = ("text", "value", "url")
        return action | {name: element[name] for name in names if name in element}
    if kind in CHOICES and value == "":
        value = options_of(element)[0]["value"]
    if kind == "overflow":
        chosen = entry({**element, "type": "static_select"}, value)
        return action | {"selected_option": chosen["selected_option"]}
    if kind not in VALUE_FIELDS or value == "":
        raise KeyError(kind)
    return action | entry(element, value)

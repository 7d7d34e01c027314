"""The Slack app's manifest, as it is for Socket Mode, or changed for HTTP."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot.errors import BadSettings
from bot.slack.entrances.event import STEP
from bot.slack.entrances.events import STEP_EVENT
from bot.slack.entrances.payload import EVENTS_PATH

INSTALL_CALLBACK = "/slack/oauth_redirect"
"""Where Slack sends a browser back to after an installation."""

STEP_FUNCTION: dict[str, Any] = {
    "title": "Place a call",
    "description": "Asks a person whether to call a number, and waits for the result.",
    "input_parameters": {
        "person": {
            "type": "slack#/types/user_context",
            "title": "Who calls",
            "description": "They are asked first, and their phone rings first.",
            "is_required": True,
        },
        "number": {
            "type": "string",
            "title": "Number",
            "description": "The number to call, best with its country code.",
            "is_required": True,
        },
        "reason": {
            "type": "string",
            "title": "What it is about",
            "description": "Stands on the card.",
            "is_required": False,
        },
        "channel": {
            "type": "slack#/types/channel_id",
            "title": "Channel",
            "description": "Where the card with the call goes.",
            "is_required": True,
        },
    },
    "output_parameters": {
        "caller_result": {"type": "string", "title": "Caller's result"},
        "callee_result": {"type": "string", "title": "Callee's result"},
        "talk_seconds": {"type": "integer", "title": "Talk time in seconds"},
        "call_id": {"type": "string", "title": "Call"},
        "card": {"type": "string", "title": "Link to the card"},
    },
}
"""The step in the manifest; the names of its parameters are read and written elsewhere."""

CHECKOUT_MANIFEST = Path(__file__).parents[2] / "manifest.yaml"


def load() -> dict[str, Any]:
    """Return ``manifest.yaml`` of the checkout, or the copy in the wheel."""
    if CHECKOUT_MANIFEST.exists():
        text = CHECKOUT_MANIFEST.read_text(encoding="utf-8")
    else:
        text = resources.files("bot").joinpath("manifest.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def for_http(manifest: dict[str, Any], url: str) -> dict[str, Any]:
    """Return the variant that has Slack send everything to *url* by HTTP.

    Raises:
        BadSettings: *url* is not a public https address, or has a path of its own.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.netloc or parts.query or parts.fragment:
        raise BadSettings("--url must be an https address, such as https://bot.example")
    base = url.rstrip("/").removesuffix(EVENTS_PATH).rstrip("/")
    if urlsplit(base).path:
        raise BadSettings(
            "--url must end with the host, such as https://bot.example: the bot's pages "
            "have paths of their own"
        )
    target = base + EVENTS_PATH
    changed = copy.deepcopy(manifest)
    for command in changed["features"]["slash_commands"]:
        command["url"] = target
    interactivity = changed["settings"]["interactivity"]
    interactivity |= {"request_url": target, "message_menu_options_url": target}
    changed["settings"]["event_subscriptions"]["request_url"] = target
    changed["oauth_config"]["redirect_urls"] = [base + INSTALL_CALLBACK]
    changed["settings"]["socket_mode_enabled"] = False
    return changed


def with_workflow_step(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the variant that has the step "Place a call" for Workflow Builder.

    Slack lets no app with a custom step be installed by other companies. A
    ``user_context`` is whoever runs the workflow: with an id, who builds one could have
    somebody else's phone ring.
    """
    changed = copy.deepcopy(manifest)
    changed["functions"] = {STEP: copy.deepcopy(STEP_FUNCTION)}
    changed["settings"]["function_runtime"] = "remote"
    events = changed["settings"]["event_subscriptions"]["bot_events"]
    changed["settings"]["event_subscriptions"]["bot_events"] = sorted(
        [*events, STEP_EVENT]
    )
    return changed


def printed(*, url: str | None, as_json: bool, workflow_step: bool = False) -> str:
    """Return the manifest as YAML or JSON text.

    With *url* it is the variant for HTTP; *workflow_step*: that with the step.
    """
    manifest = load()
    if workflow_step:
        manifest = with_workflow_step(manifest)
    if url is not None:
        manifest = for_http(manifest, url)
    if as_json:
        return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    text: str = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
    return text

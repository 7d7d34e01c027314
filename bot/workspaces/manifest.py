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
from bot.slack.entrances.payload import EVENTS_PATH

INSTALL_CALLBACK = "/slack/oauth_redirect"
"""Where Slack sends a browser back to after an installation."""

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
    changed["settings"]["interactivity"]["request_url"] = target
    changed["settings"]["event_subscriptions"]["request_url"] = target
    changed["oauth_config"]["redirect_urls"] = [base + INSTALL_CALLBACK]
    changed["settings"]["socket_mode_enabled"] = False
    return changed


def printed(*, url: str | None, as_json: bool) -> str:
    """Return the manifest as YAML or JSON text; with *url*, the variant for HTTP."""
    manifest = load()
    if url is not None:
        manifest = for_http(manifest, url)
    if as_json:
        return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    text: str = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True)
    return text

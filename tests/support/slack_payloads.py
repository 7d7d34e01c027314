"""Slack's payloads to Bolt with missing or wrong parts, and their HTTP bodies."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

from hypothesis import strategies as st

from bot.slack.entrances.buttons import ACTIONS
from bot.slack.entrances.commands.commands import COMMANDS
from bot.slack.entrances.events import EVENTS
from bot.slack.entrances.forms import FORMS
from bot.slack.entrances.queries import QUERIES
from bot.slack.entrances.shortcuts import SHORTCUTS
from bot.slack.texts.account import TEST_CALL_BUTTON
from bot.slack.texts.answers import CALL_ANYWAY_BUTTON
from bot.slack.texts.card_buttons import CALL_AGAIN_BUTTON

NUMBER, CALL = "<number>", "<call>"
"""Placeholders in a payload: a fresh number, and the newest call's id."""

FORM = "application/x-www-form-urlencoded"
RINGS = {CALL_ANYWAY_BUTTON, CALL_AGAIN_BUTTON, TEST_CALL_BUTTON}
Json = Any

anything: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=20)  # lone surrogates too: JSON can spell them
    | st.sampled_from(["", "\x00", "\ud800", NUMBER, CALL, "x" * 500, "T1", "null"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "value", "text", "values", "user", "team_id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
TEXTS = (
    NUMBER,
    f"{NUMBER} from {NUMBER}",
    f"{NUMBER} from mobile",
    "",
    "help",
    "connect",
    "disconnect",
    "settings",
    "last 10",
    "company last 10",
    "from",
    "911",
    f"{NUMBER}\x00",
)
PERSON = {"id": "U0ANN", "name": "ann", "username": "ann", "team_id": "T0SANDBOX"}
SPACE = {"id": "T0SANDBOX", "domain": "sandbox"}
VALUES = (
    CALL,
    NUMBER,
    "",
    "refresh",
    json.dumps({"to": NUMBER, "from": None}),
    json.dumps({"to": [NUMBER], "from": {}}),
    json.dumps([NUMBER]),
    "{",
    "\x00",
)


def command(name: str, text: str) -> Json:
    """Return a slash command from Ann."""
    return {
        "token": "t",
        "team_id": "T0SANDBOX",
        "team_domain": "sandbox",
        "channel_id": "C0SALES",
        "channel_name": "sales",
        "user_id": "U0ANN",
        "user_name": "ann",
        "command": name,
        "text": text,
        "api_app_id": "A0",
        "is_enterprise_install": "false",
        "response_url": "",
        "trigger_id": "",
    }


def pressed(action: str, value: str) -> Json:
    """Return Ann's click on a button."""
    return {
        "type": "block_actions",
        "team": SPACE,
        "user": PERSON,
        "api_app_id": "A0",
        "trigger_id": "",
        "response_url": "",
        "channel": {"id": "C0SALES"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0SALES"},
        "message": {"ts": "1.1", "text": "x", "blocks": []},
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "b",
                "value": value,
                "action_ts": "1.1",
            }
        ],
    }


def _chosen(kind: str, name: str) -> Json:
    here = {
        "channel": {"id": "C0SALES", "name": "sales"},
        "message_ts": "1.1",
        "message": {"type": "message", "user": "U0BOB", "ts": "1.1", "text": NUMBER},
        "response_url": "",
    }
    return {
        "type": kind,
        "callback_id": name,
        "trigger_id": "",
        "team": SPACE,
        "user": PERSON,
        "api_app_id": "A0",
        "action_ts": "1.1",
        **(here if kind == "message_action" else {}),
    }


def _view(kind: str, name: str) -> Json:
    chosen = {"type": "static_select", "selected_option": {"value": "+1"}}
    return {
        "type": kind,
        "team": SPACE,
        "user": PERSON,
        "api_app_id": "A0",
        "trigger_id": "",
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": name,
            "private_metadata": "",
            "root_view_id": "V1",
            "state": {
                "values": {
                    "jwt": {"jwt": {"type": "plain_text_input", "value": "eyJx.y.z"}},
                    "first": {"first": chosen},
                    "prompt": {"prompt": chosen},
                    "region": {"region": {"type": "plain_text_input", "value": "US"}},
                    "callee": {"dialer_number": chosen},
                    "channel": {
                        "channel": {
                            "type": "conversations_select",
                            "selected_conversation": "C0SALES",
                        }
                    },
                }
            },
        },
        "response_urls": [],
    }


def _query(name: str, typed: str) -> Json:
    return {
        "type": "block_suggestion",
        "team": SPACE,
        "user": PERSON,
        "api_app_id": "A0",
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "type": "modal", "private_metadata": ""},
        "action_id": name,
        "block_id": "callee",
        "value": typed,
    }


def _event(kind: str) -> Json:
    return {
        "type": "event_callback",
        "team_id": "T0SANDBOX",
        "api_app_id": "A0",
        "event": {
            "type": kind,
            "user": "U0ANN",
            "channel": "D0ANN",
            "tab": "home",
            "tokens": {"bot": [], "oauth": []},
            "event_ts": "1.1",
        },
        "event_id": "",
        "event_time": 1,
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "team_id": "T0SANDBOX",
                "enterprise_id": None,
                "user_id": "U0BOT",
                "is_enterprise_install": False,
            }
        ],
    }


whole = (
    st.builds(command, st.sampled_from([*COMMANDS, "/x"]), st.sampled_from(TEXTS))
    | st.builds(pressed, st.sampled_from([*ACTIONS, "x"]), st.sampled_from(VALUES))
    | st.builds(
        _chosen,
        st.sampled_from(["message_action", "shortcut"]),
        st.sampled_from([*SHORTCUTS, "x"]),
    )
    | st.builds(_query, st.sampled_from([*QUERIES, "x"]), st.sampled_from(TEXTS))
    | st.builds(
        _view,
        st.sampled_from(["view_submission", "view_closed"]),
        st.sampled_from([*FORMS, "x"]),
    )
    | st.builds(_event, st.sampled_from([*EVENTS, "message"]))
)


def _paths(tree: Json, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value in a payload."""
    if at:
        yield at
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in pairs if isinstance(tree, dict | list) else ():
        yield from (
            _paths(value, (*at, key))
            if isinstance(value, dict | list)
            else [(*at, key)]
        )


@st.composite
def payloads(draw: st.DrawFn) -> Json:
    """Return a payload with up to four parts removed or replaced."""
    if draw(st.integers(0, 9)) == 0:
        return draw(anything)
    tree = copy.deepcopy(draw(whole))
    for _ in range(draw(st.integers(0, 4))):
        *before, last = draw(st.sampled_from(list(_paths(tree))))
        inner = tree
        for key in before:
            inner = inner[key]
        if draw(st.booleans()):
            inner[last] = draw(anything)
        else:
            del inner[last]
        if not tree:
            break
    return tree


def encoded(payload: Json, how: str) -> tuple[str, str]:
    """Return a body as Slack would send it, and its content type."""
    text = json.dumps(payload)
    if how == "json":
        return text, "application/json"
    if how == "form" and isinstance(payload, dict):
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in payload.items()
        }
        return "&".join(f"{_form(n)}={_form(v)}" for n, v in fields.items()), FORM
    return f"payload={_form(text)}", FORM


def _form(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def asked(payload: Json) -> tuple[str, str]:
    """Return how a payload may place a call, and the text with the number to call.

    The first is ``command``, a button's name, or empty: it places no call.
    """
    if not isinstance(payload, dict):
        return "", ""
    if payload.get("command") == "/ringout":
        return "command", str(payload.get("text"))
    actions = payload.get("actions")
    if isinstance(actions, list) and actions and isinstance(actions[0], dict):
        name = str(actions[0].get("action_id"))
        if name in RINGS:
            return name, str(actions[0].get("value"))
    return "", ""

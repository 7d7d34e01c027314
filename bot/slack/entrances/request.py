"""What a person did in Slack, as a value: typed, pressed, submitted or chosen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from bot.calls.call import Place
from bot.slack.entrances.chosen_message import ChosenMessage
from bot.slack.entrances.payload import first_of, object_of, place_of, text_of
from bot.slack.posting.origin import held_by

LONGEST_KEY = 128
"""Characters: the database's column holds no more."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command, a pressed button, a submitted form or a shortcut.

    Attributes:
        key: Tells a delivery that Slack repeats from a new request: the ``trigger_id``,
            else the Socket Mode envelope's id, else a hash of the ``response_url``,
            which is a new one each time.
        text: What was typed after the command, or the value of the button or menu.
        trigger: The ``trigger_id``: it lets a modal be opened for three seconds.
        option: The text of the menu's option that was chosen.
        label: The person's name and workspace, for pages outside Slack.
        view: The id of the modal it comes from; empty for a message or the Home tab.
        state: The form's inputs as Slack sends them; may hold a credential.
        press: The same for each press of one button of one message by one person.
        dialog: The id of the lowest modal of those that it is among: the one that was
            opened by itself.
        held: What the submitted modal keeps; see `bot.slack.posting.origin`.
        message: The message whose shortcut was chosen; of a shortcut alone.
    """

    key: str = field(repr=False)
    place: Place
    text: str = field(default="", repr=False)
    response_url: str = field(default="", repr=False)
    trigger: str = field(default="", repr=False)
    option: str = field(default="", repr=False)
    label: str = ""
    view: str = ""
    state: Any = field(default=None, repr=False, compare=False)
    press: str = ""
    dialog: str = ""
    held: str = field(default="", repr=False)
    message: ChosenMessage = field(default_factory=ChosenMessage)

    @property
    def wish(self) -> str:
        """The key of a call that a question is about: its button places one call only.

        However often it is pressed: each press has its own `key`.
        """
        return self.press or self.key

    @classmethod
    def from_command(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a slash command (Slack docs, "Slash commands", payload)."""
        place = Place(
            team=text_of(body, "team_id"),
            channel=text_of(body, "channel_id"),
            user=text_of(body, "user_id"),
            enterprise=text_of(body, "enterprise_id"),
        )
        return cls(
            key=_key(body, envelope),
            place=place,
            text=text_of(body, "text"),
            response_url=text_of(body, "response_url"),
            trigger=text_of(body, "trigger_id"),
            label=_label(text_of(body, "user_name"), text_of(body, "team_domain")),
        )

    @classmethod
    def from_action(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a pressed button (Slack docs, ``block_actions`` payload)."""
        where = object_of(body, "channel") or object_of(body, "container")
        used = first_of(body, "actions")
        place = place_of(body, channel=text_of(where, "id", "channel_id"))
        return cls(
            key=_key(body, envelope),
            place=place,
            text=_chosen(used),
            response_url=text_of(body, "response_url"),
            trigger=text_of(body, "trigger_id"),
            option=text_of(
                object_of(object_of(used, "selected_option"), "text"), "text"
            ),
            label=_label_of(body),
            view=_modal(object_of(body, "view")),
            press=_press(body, place, used),
        )

    @classmethod
    def from_shortcut(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a shortcut (Slack docs, ``message_action`` and ``shortcut`` payloads).

        A global one names neither a channel nor a response_url.
        """
        channel = text_of(object_of(body, "channel"), "id")
        return cls(
            key=_key(body, envelope),
            place=place_of(body, channel=channel),
            response_url=text_of(body, "response_url"),
            trigger=text_of(body, "trigger_id"),
            label=_label_of(body),
            message=ChosenMessage.of(body),
        )

    @classmethod
    def from_view(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read a submitted modal (Slack docs, ``view_submission`` payload).

        Slack gives a response_url for a conversation that was chosen in it, if the menu
        asks for one.
        """
        view = object_of(body, "view")
        there = first_of(body, "response_urls")
        return cls(
            key=_key(body, envelope),
            place=place_of(body, channel=text_of(there, "channel_id")),
            response_url=text_of(there, "response_url"),
            view=_modal(view),
            state=view.get("state"),
            dialog=text_of(view, "root_view_id", "id"),
            held=held_by(view),
        )

    @classmethod
    def from_query(cls, body: dict[str, Any], envelope: str = "") -> Request:
        """Read what is typed in a menu that the bot fills (``block_suggestion``).

        Source: Slack docs, "Select menu element", "external data source".
        """
        return cls(
            key=_key(body, envelope),
            place=place_of(body),
            text=text_of(body, "value"),
            view=_modal(object_of(body, "view")),
        )


def _press(body: dict[str, Any], place: Place, used: dict[str, Any]) -> str:
    """Return a hash of what was pressed, where and by whom; empty if it is no message's."""
    message = text_of(object_of(body, "container"), "message_ts")
    if not message:
        return ""
    pressed = text_of(used, "action_id"), _chosen(used)
    parts = repr((place, message, *pressed))
    return hashlib.sha256(parts.encode(errors="replace")).hexdigest()


def _chosen(used: dict[str, Any]) -> str:
    """Return the value of a pressed button, or of the chosen option of a menu."""
    option = object_of(used, "selected_option")
    return text_of(used, "value") or text_of(option, "value")


def _modal(view: dict[str, Any]) -> str:
    return text_of(view, "id") if text_of(view, "type") == "modal" else ""


def _label_of(body: dict[str, Any]) -> str:
    user = text_of(object_of(body, "user"), "username", "name")
    return _label(user, text_of(object_of(body, "team"), "domain"))


def _label(user: str, team: str) -> str:
    return f"@{user or 'you'}" + (f" ({team})" if team else "")


def _key(body: dict[str, Any], envelope: str) -> str:
    trigger = text_of(body, "trigger_id")
    if trigger:
        return trigger[:LONGEST_KEY]
    if envelope:
        return f"envelope {envelope}"[:LONGEST_KEY]
    seed = text_of(body, "response_url") or repr(sorted(body.items(), key=str))
    return hashlib.sha256(seed.encode(errors="replace")).hexdigest()

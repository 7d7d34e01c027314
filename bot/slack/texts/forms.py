"""The two forms, as views and as inputs: a JWT credential, and a person's settings.

Source: Slack docs, "Modals" and "Block Kit: input block".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.calls.overview import Sheet
from bot.calls.people.person import Preferences, Shows
from bot.calls.people.phones import Phone
from bot.slack.texts.countries import COUNTRY_NAMES
from bot.slack.texts.text import Block, Message, context, foreign, section

JWT_FORM, JWT_BLOCK = "jwt_form", "jwt"
SETTINGS_FORM = "settings_form"
REFRESH_BUTTON = "refresh_phones"
LONGEST_ERROR = 300
"""Characters of an error under an input: Slack has little room there."""

MOST_OPTIONS = 100
"""Options of one select (Slack docs, "Select menu element")."""

LONGEST_OPTION, LONGEST_OPTION_VALUE = 75, 150
"""Characters of an option's text, or description, and of its value (Slack docs, "Option
object")."""

AUTOMATIC = "auto"
ALWAYS, NEVER = "always", "never"

SHOWS_CHOICES = {
    Shows.CHANNEL: "In the channel",
    Shows.PRIVATE: "In the channel, with the result only for me",
    Shows.DM: "Only in my DM",
}
MISSED_CHOICES = {
    ALWAYS: "In a direct message",
    NEVER: "Not at all",
}
PROMPT_CHOICES = {
    AUTOMATIC: "On mobiles",
    ALWAYS: "Always",
    NEVER: "Never",
}


def jwt_form(client_id: str) -> Block:
    """Return the form to paste a JWT credential into, with the steps to make one.

    RingCentral's page has the word "JWT" on its button; nobody else has to read it.
    """
    steps = (
        "1. Sign in at developers.ringcentral.com, and choose *Credentials* in the menu "
        "under your name.\n"
        "2. Create a credential there, and restrict it to this app: "
        f"`{client_id}`\n"
        "3. Copy it whole, and paste it here. I check it at once, and keep it encrypted."
    )
    entry = {
        "type": "input",
        "block_id": JWT_BLOCK,
        "label": plain("Your credential"),
        "element": {
            "type": "plain_text_input",
            "action_id": JWT_BLOCK,
            "multiline": True,
            "max_length": 3000,
        },
    }
    return form_view(
        JWT_FORM, "Connect RingCentral", [section(steps), entry], "Connect"
    )


def note(title: str, text: str) -> Block:
    """Return a modal with a sentence and nothing else."""
    return titled(title, [section(text)])


def sign_in(said: Message, form: str) -> Block:
    """Return the modal of a sign-in by the browser, to be found again by *form*."""
    return connect_first(said) | {"external_id": form}


def not_done(message: Message) -> Block:
    """Return the modal that takes a form's place if it was refused."""
    return titled("Not done", [section(message.text)])


def connect_first(said: Message) -> Block:
    """Return the modal that says how to connect before a form can be sent."""
    return titled("Connect RingCentral", said.blocks)


def titled(title: str, blocks: Sequence[Block]) -> Block:
    """Return a modal of *blocks* without a submit button."""
    return {
        "type": "modal",
        "title": plain(title),
        "close": plain("Close"),
        "blocks": list(blocks),
    }


def settings_form(sheet: Sheet, zone: str = "") -> Block:
    """Return the form of a person's settings, with their present values.

    *zone* is the time zone of their Slack profile; empty if it is not known.
    """
    chosen, region = sheet.chosen, sheet.region
    rings = [each for each in sheet.phones if each.rings]
    shows = [each for each in sheet.phones if each.shows]
    usual = f"Default ({sheet.default.short})" if sheet.default else "Default"
    prompt = {True: ALWAYS, False: NEVER, None: AUTOMATIC}[chosen.prompt]
    blocks = [
        phones_input("first", "Ring me first on", rings, chosen.first, usual),
        phones_input("caller_id", "Caller ID", shows, chosen.caller_id, "Default"),
        _radio("prompt", "Ask me to press 1 before connecting", PROMPT_CHOICES, prompt)
        | {"hint": plain("Keeps your voicemail from answering.")},
        _radio("shows", "Show my calls", SHOWS_CHOICES, chosen.shows),
        *_missed(sheet),
        {
            "type": "input",
            "block_id": "region",
            "optional": True,
            "label": plain("Home country"),
            "hint": plain(
                f"For numbers without a country code. Two letters, like US or GB; {region} "
                "if empty."
            ),
            "element": {
                "type": "plain_text_input",
                "action_id": "region",
                "max_length": 2,
                **({"initial_value": chosen.region} if chosen.region else {}),
            },
        },
        context(
            f"Times are in your time zone{_zone(zone)}. Phones come from RingCentral."
        ),
        {
            "type": "actions",
            "elements": [
                {
                    "type": "button",
                    "text": plain("Refresh phone list"),
                    "action_id": REFRESH_BUTTON,
                    "value": "refresh",
                }
            ],
        },
    ]
    return form_view(SETTINGS_FORM, "RingOut settings", blocks, "Save")


def _missed(sheet: Sheet) -> list[Block]:
    """Return the choice to be told of missed calls, for whoever has it."""
    if not sheet.can_be_told:
        return []
    chosen = ALWAYS if sheet.chosen.missed_since else NEVER
    return [_radio("missed", "Tell me about missed calls", MISSED_CHOICES, chosen)]


def read_settings(
    state: Any, phones: Sequence[Phone], old: Preferences, now: datetime
) -> tuple[Preferences, dict[str, str]]:
    """Return the settings as submitted, and errors by block id.

    Only numbers in *phones* are accepted: a submitted form may be forged. Who switches on
    missed calls is told of those from *now* on.
    """
    values = values_of(state)
    rings = {each.number.e164 for each in phones if each.rings}
    shows = {each.number.e164 for each in phones if each.shows}
    wrong: dict[str, str] = {}
    for name, allowed in (("first", rings), ("caller_id", shows)):
        if values.get(name, AUTOMATIC) not in {AUTOMATIC, "", *allowed}:
            wrong[name] = "You don't have that number any more. Choose another one."
    missed = {ALWAYS: old.missed_since or now.timestamp(), NEVER: 0.0}
    region = values.get("region", "").strip().upper()
    if region and region not in COUNTRY_NAMES:
        wrong["region"] = "No country has these two letters. Try US or GB."
    shown = values.get("shows", "")
    prompt = {ALWAYS: True, NEVER: False}.get(values.get("prompt", ""))
    chosen = replace(
        old,
        first=_or_nothing(values.get("first", "")),
        caller_id=_or_nothing(values.get("caller_id", "")),
        prompt=prompt,
        shows=Shows(shown) if shown in set(Shows) else old.shows,
        region=region,
        missed_since=missed.get(values.get("missed", ""), old.missed_since),
    )
    return chosen, wrong


def pasted(state: Any) -> str:
    """Return the pasted JWT, or an empty text."""
    return values_of(state).get(JWT_BLOCK, "")


def plain(text: str) -> Block:
    """Return a plain-text object."""
    return {"type": "plain_text", "text": text}


def values_of(state: Any) -> dict[str, str]:
    """Return each input's value by block id; *state* may have any shape."""
    found: dict[str, str] = {}
    values = state.get("values") if isinstance(state, dict) else None
    for block, inputs in (values if isinstance(values, dict) else {}).items():
        for given in (inputs if isinstance(inputs, dict) else {}).values():
            if not isinstance(given, dict):
                continue
            option = given.get("selected_option")
            value = (
                given.get("value")
                or given.get("selected_conversation")
                or given.get("selected_user")
            )
            moment = given.get("selected_date_time")
            if isinstance(moment, int):
                value = str(moment)
            if isinstance(option, dict):
                value = option.get("value")
            found[str(block)] = value if isinstance(value, str) else ""
    return found


def shown_in(state: Any, block: str) -> str:
    """Return the text of the option that was chosen in *block*; *state* may have any shape."""
    values = state.get("values") if isinstance(state, dict) else None
    inputs = values.get(block) if isinstance(values, dict) else None
    for given in inputs.values() if isinstance(inputs, dict) else ():
        option = given.get("selected_option") if isinstance(given, dict) else None
        text = option.get("text") if isinstance(option, dict) else None
        said = text.get("text") if isinstance(text, dict) else None
        if isinstance(said, str):
            return said
    return ""


def _zone(zone: str) -> str:
    return f" ({foreign(zone)})" if zone else ""


def _or_nothing(value: str) -> str:
    return "" if value == AUTOMATIC else value


def phones_input(
    name: str, label: str, phones: Sequence[Phone], chosen: str, usual: str
) -> Block:
    """Return a select of phones. The chosen one is among them even if Slack's limit cuts."""
    own = menu_option(usual, AUTOMATIC)
    if len(phones) >= MOST_OPTIONS:
        phones = sorted(phones, key=lambda phone: phone.number.e164 != chosen)
    options = [
        own,
        *(menu_option(p.name, p.number.e164) for p in phones[: MOST_OPTIONS - 1]),
    ]
    initial = next((each for each in options if each["value"] == chosen), own)
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {
            "type": "static_select",
            "action_id": name,
            "options": options,
            "initial_option": initial,
        },
    }


def _radio(name: str, label: str, words: dict[Any, str], chosen: str) -> Block:
    options = [menu_option(text, str(value)) for value, text in words.items()]
    initial = next(each for each in options if each["value"] == chosen)
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label),
        "element": {
            "type": "radio_buttons",
            "action_id": name,
            "options": options,
            "initial_option": initial,
        },
    }


def menu_option(text: str, value: str) -> Block:
    """Return an option of a menu; its text is cut to Slack's limit."""
    return {"text": plain(text[:LONGEST_OPTION]), "value": value}


def form_view(
    name: str,
    title: str,
    blocks: Sequence[Block],
    submit: str,
    close: str = "Cancel",
) -> Block:
    """Return a modal that can be submitted; *name* is its callback id."""
    return {
        "type": "modal",
        "callback_id": name,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain(close),
        "blocks": list(blocks),
    }

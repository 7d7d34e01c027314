"""The values that people enter in a view, and its state as Slack reports it.

Source: Slack docs, "Block Kit: elements", "Interaction payloads: view". Slack's client
lets nobody submit a value that an element does not allow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox.slack.answers import Json

Given = str | Sequence[str] | None
"""What a person types or chooses: a text, an option's value or several, a person's
id; None for nothing."""

VALUE_FIELDS = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
}
"""The field of the state that holds each element's value. Others have no value."""

INITIAL_FIELDS = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_channel": "initial_channel",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "value": "initial_value",
}
"""The field of an element that holds its initial value, by the field of the state."""

EXTERNAL = "external_select"
"""Its options are what the app has suggested, so they are not in the view."""

LIST_FIELDS = ("selected_options", "selected_users")


class NotAllowedError(KeyError):
    """A person can't enter this. The text is what Slack's client shows."""


def inputs(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield each element that can have a value, as (block, element)."""
    for block in blocks:
        inside = [*(block.get("elements") or ()), block.get("accessory")]
        for element in [*inside, block.get("element")]:
            if isinstance(element, dict) and element.get("type") in VALUE_FIELDS:
                yield block, element


def options_of(element: Json) -> list[Json]:
    """Return all options of a menu, those in groups included."""
    groups = element.get("option_groups") or ()
    grouped = [option for group in groups for option in group["options"]]
    return [*(element.get("options") or ()), *grouped]


def initial(element: Json) -> Json:
    """Return an element's value before the person has changed it."""
    name = VALUE_FIELDS[element["type"]]
    value = element.get(INITIAL_FIELDS[name])
    if value is None and name in LIST_FIELDS:
        value = []
    return {"type": element["type"], name: value}


def entry(element: Json, given: Given) -> Json:
    """Return an element's value after the person has entered *given*.

    Raises:
        NotAllowedError: Slack's client does not let them.
    """
    kind = element["type"]
    name = VALUE_FIELDS[kind]
    several = [] if given is None else [given] if isinstance(given, str) else [*given]
    if name in ("selected_option", "selected_options"):
        value: Any = [_option(element, one) for one in several]
    else:
        value = [_text(element, one) for one in several]
    if name not in LIST_FIELDS:
        value = value[0] if value and value[0] != "" else None
    if kind == "datetimepicker" and value is not None:
        value = int(value)
    return {"type": kind, name: value}


def state(blocks: Sequence[Json], touched: Mapping[tuple[str, str], Json]) -> Json:
    """Return the values of all inputs: the entered ones, else the initial ones."""
    values: Json = {}
    for block, element in inputs(blocks):
        at = block["block_id"], element["action_id"]
        value = touched.get(at)
        if value is None or value["type"] != element["type"]:
            value = initial(element)
        values.setdefault(at[0], {})[at[1]] = value
    return values


def find(blocks: Sequence[Json], name: str) -> tuple[Json, Json]:
    """Return the input with this action_id or block_id; KeyError if there is none."""
    for block, element in inputs(blocks):
        if name in (element["action_id"], block["block_id"]):
            return block, element
    raise KeyError(name)


def wrong(blocks: Sequence[Json], values: Json) -> dict[str, str]:
    """Return, by block, the errors for which Slack's client does not submit a view."""
    found = {}
    for block, element in inputs(blocks):
        value = values.get(block["block_id"], {}).get(element["action_id"], {})
        if block["type"] != "input":
            continue
        try:
            if _is_empty(value):
                _check_may_be_empty(block)
            elif element["type"] != EXTERNAL:
                entry(element, _bare(value))
        except NotAllowedError as error:
            found[block["block_id"]] = str(error.args[0])
    return found


def _check_may_be_empty(block: Json) -> None:
    if not block.get("optional"):
        raise NotAllowedError("Please complete this required field.")


def _bare(value: Json) -> Given:
    """Return what gives an element this value when entered: the reverse of `entry`."""
    chosen = value[VALUE_FIELDS[value["type"]]]
    if isinstance(chosen, list):
        return [_bare_option(one) for one in chosen]
    return _bare_option(chosen)


def _bare_option(chosen: Any) -> str:
    return str(chosen["value"] if isinstance(chosen, dict) else chosen)


def _is_empty(value: Any) -> bool:
    chosen = (
        VALUE_FIELDS.get(value.get("type", ""), "") if isinstance(value, dict) else ""
    )
    return not chosen or value.get(chosen) in (None, "", [])


def _option(element: Json, given: str) -> Json:
    for option in options_of(element):
        if option.get("value") == given:
            return {"text": option["text"], "value": option["value"]}
    raise NotAllowedError(f"{given!r} is no option of {element['action_id']}")


def _text(element: Json, given: str) -> str:
    """Return a text if the element allows its length; an empty one always."""
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if given and len(given) < least:
        raise NotAllowedError(f"Please enter at least {least} characters.")
    if len(given) > most:
        raise NotAllowedError(f"Please enter no more than {most} characters.")
    return given

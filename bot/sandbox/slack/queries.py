"""What a person types in a menu that the app fills, and the options that it suggests.

Source: Slack docs, "Select menu element", "Select menu of external data source"; the
payload is ``BlockSuggestion`` of Slack's own TypeScript types (slackapi/bolt-js).
"""

from __future__ import annotations

from bot.sandbox.slack.answers import Json, Problem
from bot.sandbox.slack.element_rules import USUAL_QUERY, option_faults
from bot.sandbox.slack.inputs import options_of

MOST_SUGGESTED = 100
MOST_GROUPS = 100

TOO_SHORT = "query_too_short"
"""The person has typed less than the menu asks for, so Slack asks nothing."""


def is_asked(element: Json, typed: str) -> bool:
    """Whether Slack asks the app for options to what was typed."""
    return len(typed) >= int(element.get("min_query_length", USUAL_QUERY))


def suggested(answer: Json) -> list[Json]:
    """Return the options in the app's answer.

    Raises:
        Problem: Slack would show none.
    """
    if len({"options", "option_groups"} & set(answer)) != 1:
        raise Problem("invalid_options_response")
    groups = answer.get("option_groups") or ()
    if len(groups) > MOST_GROUPS or any(
        len(each["options"]) > MOST_SUGGESTED for each in groups
    ):
        raise Problem("invalid_options_response")
    most = MOST_SUGGESTED * max(len(groups), 1)
    menu = {"type": "external_select", **answer}
    for message, pointer in option_faults(menu, "", most, least=0):
        raise Problem.invalid("invalid_options_response", f"{message} {pointer}")
    return options_of(answer)

"""Two modals of the admin's desk: the do-not-call list, and people with their limits."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from bot.policy.desk_sheet import RulesSheet, SignedInPerson
from bot.policy.rule_limits import LIMIT_FIELDS, limited, limits_of
from bot.policy.wish import DoNotCall
from bot.slack.texts import desk, desk_words
from bot.slack.texts.desk_forms import REASON_BLOCK, text_input
from bot.slack.texts.desk_rules import FIELD_LABELS
from bot.slack.texts.forms import form_view, menu_option, plain
from bot.slack.texts.text import (
    LONGEST_FOREIGN,
    Block,
    Confirmation,
    actions,
    button,
    foreign,
    section,
    sections,
    when,
)

ENTRIES_FORM, NUMBER_BLOCK, DEED_BLOCK = "do_not_call_form", "number", "deed"
PEOPLE_FORM, PERSON_BLOCK = "people_form", "person"
LIMITS_FORM = "limits_form"
DISCONNECT_PERSON_BUTTON = "disconnect_person"

PEOPLE_A_SECTION, PEOPLE_LISTED = 20, 200
LIMITED_LISTED = 100
"""People with limits of their own that are named."""

TYPE_A_NUMBER = "Type a number, such as 415 555 0142."
ONE_LIMIT = "A whole number, or empty for the limit that all have."
NO_LIMIT_THAT = "Type a whole number, such as 20, or nothing."
ONE_PERSON = "One person"
NOBODY_CHOSEN = "Choose somebody."
PERSON_DISCONNECTED = "Disconnected. They can connect again with `/ringout connect`."
PERSON_NOT_CONNECTED = "They have no account connected."


class EntryDeed(StrEnum):
    """What is done with a number in the form of the do-not-call list."""

    SEARCH = "search"
    ADD = "add"
    REMOVE = "remove"


DEED_WORDS = {
    EntryDeed.SEARCH: "Search the list",
    EntryDeed.ADD: "Put it on the list",
    EntryDeed.REMOVE: "Take it off the list",
}


def entries_form(
    entries: Sequence[DoNotCall],
    *,
    said: str = "",
    searched: str = "",
    deed: EntryDeed = EntryDeed.ADD,
) -> Block:
    """Return the form of the list, with what was done, in mrkdwn, and what was found."""
    number = text_input(
        NUMBER_BLOCK,
        "Number",
        "+1900* stands for all numbers that begin so. To search, digits or words do.",
        most=120,
        is_first=True,
    )
    options = [menu_option(text, each) for each, text in DEED_WORDS.items()]
    choice = {
        "type": "input",
        "block_id": DEED_BLOCK,
        "label": plain("What to do"),
        "element": {
            "type": "radio_buttons",
            "action_id": DEED_BLOCK,
            "options": options,
            "initial_option": menu_option(DEED_WORDS[deed], deed),
        },
    }
    reason = text_input(REASON_BLOCK, "Reason", most=LONGEST_FOREIGN)
    found = desk.listed(entries, searched).blocks or [section(desk.nothing(searched))]
    above = [section(said)] if said else []
    blocks = [*above, number, choice, reason, *found]
    return form_view(ENTRIES_FORM, "Do-not-call list", blocks, "Go", "Close")


def people_form(people: Sequence[SignedInPerson], sheet: RulesSheet) -> Block:
    """Return who is connected and who has limits, and a menu to choose somebody."""
    choice = {
        "type": "input",
        "block_id": PERSON_BLOCK,
        "label": plain("Person"),
        "hint": plain("Opens their limits, and what disconnects them."),
        "element": {"type": "users_select", "action_id": PERSON_BLOCK},
    }
    lines = [f"• {_person(each)}" for each in people[:PEOPLE_LISTED]]
    if not lines:
        lines = ["Nobody has connected an account of their own."]
    if len(people) > PEOPLE_LISTED:
        lines.append(f"and {len(people) - PEOPLE_LISTED} more.")
    listed = sections(lines, PEOPLE_A_SECTION)
    if own := limited(sheet.rules):
        named = desk_words.people(own, LIMITED_LISTED)
        listed.append(section(f"*Limits of their own:* {named}"))
    return form_view(PEOPLE_FORM, "People", [choice, *listed], "Open", "Close")


def limits_form(sheet: RulesSheet, user: str, found: SignedInPerson | None) -> Block:
    """Return the form of one person: their limits, and a button to disconnect them."""
    state = _person(found) if found else f"<@{user}> has no account of their own."
    blocks: list[Block] = [section(state)]
    own = limits_of(sheet.rules, user)
    for name in LIMIT_FIELDS:
        limit = getattr(own, name)
        text = "" if limit is None else str(limit)
        blocks.append(text_input(name, FIELD_LABELS[name], ONE_LIMIT, initial=text))
    if found is not None:
        sure = Confirmation(
            "Disconnect",
            "Their RingCentral sign-in is erased here and ended at RingCentral.",
            "Disconnect them",
        )
        end = button(
            "Disconnect", DISCONNECT_PERSON_BUTTON, user, style="danger", confirm=sure
        )
        blocks.append(actions(end))
    return form_view(LIMITS_FORM, ONE_PERSON, blocks, "Save")


def _person(found: SignedInPerson) -> str:
    name = f" as {foreign(found.name)}" if found.name else ""
    since = when(found.connected_at, "{date_short_pretty}")
    ended = " · *has to connect again*" if found.is_broken else ""
    return f"{desk_words.person(found.user)}{name} · since {since}{ended}"

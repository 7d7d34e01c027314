"""What people say of a finished call: the menu, the note's form, how both are shown."""

from __future__ import annotations

from bot.calls.after_call import takes_remarks
from bot.calls.aftermath import (
    LONGEST_CALL_NOTE,
    UNCLAIMED,
    Aftermath,
    CallBack,
    Dispositions,
    Remark,
)
from bot.calls.call import Call
from bot.calls.telling import Disposed
from bot.slack.texts.forms import form_view, plain
from bot.slack.texts.text import Block, Message, button, foreign, menu, passage, section

OUTCOME_MENU = "outcome"
NO_OUTCOME = "No outcome"
"""The row of that menu that removes what somebody has chosen."""

NOTE_FORM, NOTE_BLOCK = "note_form", "note"
CLAIM_BUTTON = "claim_call_back"
CALLED_BACK_BUTTON = "called_back"
RELEASE_BUTTON = "release_call_back"

NOW_LISTED = (
    "The number is on the do-not-call list now: nobody here can call it. "
    "Only an admin can take it off."
)
STAYS_LISTED = (
    "The outcome is changed. The number stays on the do-not-call list until an admin "
    "takes it off."
)

LONGEST_SHOWN_NOTE = 2_400
"""Characters with their escapes; a section holds 3,000 (Slack docs, "Section block")."""

LONGEST_SPOKEN_NOTE = 300
"""Characters in the card's ``text``, which a notification shows."""


def outcome_menu(call: Call, dispositions: Dispositions) -> list[Block]:
    """Return the menu of outcomes; empty if none is to be chosen for *call*."""
    if not dispositions.words or not takes_remarks(call):
        return []
    said = call.aftermath.disposition if call.aftermath else None
    options = [(word, f"{call.id} {word}") for word in dispositions.words]
    options += [(NO_OUTCOME, call.id)] if said is not None else []
    made = menu("Outcome", OUTCOME_MENU, options)
    chosen = [
        each
        for each, word in zip(made["options"], dispositions.words, strict=False)
        if said is not None and word == said.text
    ]
    return [made | ({"initial_option": chosen[0]} if chosen else {})]


def listed(done: Disposed) -> Message | None:
    """Return what to say of the do-not-call list; None if the outcome is not about it."""
    now = done.call.aftermath or Aftermath()
    if now.forbids_calls:
        return Message(NOW_LISTED)
    return Message(STAYS_LISTED) if done.before.forbids_calls else None


def claim_buttons(call: Call) -> list[Block]:
    """Return the buttons of a call that somebody has to call back; empty if nobody has."""
    whose = call.aftermath.follow_up if call.aftermath else ""
    if not whose:
        return []
    if whose == UNCLAIMED:
        return [button("I'll call back", CLAIM_BUTTON, call.id)]
    return [
        button("Called back", CALLED_BACK_BUTTON, call.id),
        button("Release", RELEASE_BUTTON, call.id),
    ]


def line(call: Call) -> str:
    """Return the outcome that somebody chose; empty if nobody did."""
    said = call.aftermath.disposition if call.aftermath else None
    if said is None:
        return ""
    return f"Outcome: *{foreign(said.text)}*{_by(call, said)}{_claim(call)}"


def _claim(call: Call) -> str:
    """Return who calls back, or has; empty if nobody does."""
    said = call.aftermath
    if said is None or not said.wants_call_back or said.claim is None:
        return ""
    does = "calls back" if said.claim.text == CallBack.TAKEN else "has called back"
    return f" · <@{said.claim.by}> {does}"


def word(call: Call) -> str:
    """Return that outcome alone, not escaped."""
    said = call.aftermath.disposition if call.aftermath else None
    return said.text if said else ""


def note_block(call: Call) -> list[Block]:
    """Return the note as a block; empty if there is none."""
    said = call.aftermath.note if call.aftermath else None
    if said is None:
        return []
    shown = passage(said.text, LONGEST_SHOWN_NOTE)
    return [section(f"*Note*{_by(call, said)}\n{shown}")]


def spoken(call: Call) -> str:
    """Return both as sentences, for ``text``; empty if there is neither."""
    said = call.aftermath or Aftermath()
    parts = []
    if said.disposition is not None:
        parts.append(f"Outcome: {foreign(said.disposition.text)}{_claim(call)}.")
    if said.note is not None:
        parts.append(f"Note: {passage(said.note.text, LONGEST_SPOKEN_NOTE)}")
    return " ".join(parts)


def note_form(call: Call) -> Block:
    """Return the form of a call's note, with the note that there is."""
    said = call.aftermath.note if call.aftermath else None
    element: Block = {
        "type": "plain_text_input",
        "action_id": NOTE_BLOCK,
        "multiline": True,
        "max_length": LONGEST_CALL_NOTE,
        "focus_on_load": True,
    }
    if said is not None:
        element["initial_value"] = said.text
    entry = {
        "type": "input",
        "block_id": NOTE_BLOCK,
        "optional": True,
        "label": plain("Note"),
        "hint": plain(
            "Everybody who sees this call's card can read it."
            if not (call.hides_result or call.is_in_dm)
            else "Only you can read it."
        ),
        "element": element,
    }
    return form_view(NOTE_FORM, "Note", [entry], "Save")


def _by(call: Call, said: Remark) -> str:
    """Return who wrote it, if it was not who placed the call."""
    return "" if said.by == call.place.user else f" · <@{said.by}>"

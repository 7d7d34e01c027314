"""How the terminal draws what the bot sends."""

from __future__ import annotations

from typing import Any

from bot.demo.screen import Screen, choices
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.workspace import Workspace
from gallery import button, option, plain


def drawn(*blocks: dict[str, Any]) -> list[str]:
    """Return the lines of a message with these blocks, without its frame."""
    message = Message(
        channel="C0SALES", ts="1.0", user="U0BOT", text="", blocks=blocks, via="ack"
    )
    return [line[4:] for line in Screen(Workspace()).message(message)[1:]]


MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [option("Show number", "number 1")],
}
SELECT = {
    "type": "static_select",
    "action_id": "call",
    "placeholder": plain("Call one of these…"),
    "options": [option("Northwind …0142", "1"), option("…0143", "2")],
}


def test_menus_are_drawn_beside_buttons() -> None:
    """A card has both in one row, and no kind of element may stop the demo."""
    row = {"type": "actions", "elements": [button("Call again", "again"), MENU, SELECT]}

    assert drawn(row) == ["[Call again] [⋯ Show number] [Call one of these…]"]


def test_what_a_menu_offers_can_be_pressed() -> None:
    """By its label, as a button is."""
    assert choices(button("Stop", "stop")) == {"Stop": ""}
    assert choices(MENU) == {"Show number": "number 1"}
    assert choices(SELECT) == {"Northwind …0142": "1", "…0143": "2"}


def test_both_kinds_of_table_are_drawn_alike() -> None:
    """With people's names in their cells."""
    person = {"type": "user", "user_id": "U0BOB"}
    by = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [person]}],
    }
    head = [{"type": "raw_text", "text": text} for text in ("With", "By")]
    rows = [head, [{"type": "raw_text", "text": "Northwind"}, by]]

    assert drawn({"type": "data_table", "rows": rows}) == drawn(
        {"type": "table", "rows": rows}
    )
    assert drawn({"type": "table", "rows": rows})[2] == "Northwind | @bob"

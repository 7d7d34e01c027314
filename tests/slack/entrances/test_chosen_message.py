"""The texts of a chosen message: of its blocks and attachments too, whatever they are."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.numbers.in_message import found_in
from bot.slack.entrances.chosen_message import DEEPEST_BLOCK, ChosenMessage
from bot.slack.entrances.request import Request
from bot.switchboard.policy import Policy
from slack_payloads import anything

NUMBER = "415 555 0142"
MRKDWN = {"type": "mrkdwn", "text": NUMBER}
PLAIN = {"type": "plain_text", "text": NUMBER}
LINK = {"type": "link", "url": "tel:+14155550142", "text": "call"}

BUTTON = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Room 101"},
    "url": "tel:+14155550142",
}

PAGE = BUTTON | {"url": "https://x.com/t/4155550142"}


def rich(*pieces: Any, kind: str = "rich_text_section") -> Any:
    """Return a rich text block of one line."""
    line = {"type": kind, "elements": list(pieces)}
    return {"type": "rich_text", "elements": [line]}


def of_blocks(*blocks: Any) -> dict[str, Any]:
    """Return a message without a text: blocks are enough for Slack."""
    return {"type": "message", "ts": "1.1", "blocks": list(blocks)}


MESSAGES = {
    "text": {"ts": "1.1", "text": NUMBER},
    "a link in rich text": of_blocks(rich(LINK)),
    "rich text": of_blocks(rich({"type": "text", "text": NUMBER})),
    "pieces of rich text": of_blocks(
        rich({"type": "text", "text": "415 555 "}, {"type": "text", "text": "0142"})
    ),
    "a quote": of_blocks(
        rich({"type": "text", "text": NUMBER}, kind="rich_text_quote")
    ),
    "a list": of_blocks(
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_list", "elements": [*rich(LINK)["elements"]]}
            ],
        }
    ),
    "a section": of_blocks({"type": "section", "text": MRKDWN}),
    "fields": of_blocks({"type": "section", "fields": [PLAIN, MRKDWN]}),
    "context": of_blocks({"type": "context", "elements": [MRKDWN]}),
    "a header": of_blocks({"type": "header", "text": PLAIN}),
    "markdown": of_blocks({"type": "markdown", "text": f"**{NUMBER}**"}),
    "a table": of_blocks(
        {"type": "table", "rows": [[{"type": "raw_text", "text": NUMBER}]]}
    ),
    "an attachment": {"ts": "1.1", "attachments": [{"text": NUMBER}]},
    "a fallback": {"ts": "1.1", "attachments": [{"fallback": NUMBER}]},
    "an attachment's field": {
        "ts": "1.1",
        "attachments": [{"fields": [{"title": "Phone", "value": NUMBER}]}],
    },
    "a button": of_blocks({"type": "actions", "elements": [BUTTON]}),
    "a button that opens a page": of_blocks({"type": "actions", "elements": [PAGE]}),
    "a button beside a text": of_blocks({"type": "section", "accessory": BUTTON}),
    "an attachment's button": {
        "ts": "1.1",
        "attachments": [{"actions": [BUTTON | {"text": "Call"}]}],
    },
    "an attachment's title": {
        "ts": "1.1",
        "attachments": [{"title": "Bob", "title_link": "tel:+14155550142"}],
    },
    "an attachment's author": {"ts": "1.1", "attachments": [{"author_name": NUMBER}]},
    "an author's link": {
        "ts": "1.1",
        "attachments": [{"author_name": "Bob", "author_link": "tel:+14155550142"}],
    },
    "a link without a label": {
        "ts": "1.1",
        "attachments": [{"title_link": "tel:+14155550142"}],
    },
    "a file's title": {"ts": "1.1", "files": [{"title": f"{NUMBER} <call>"}]},
    "a file's name": {"ts": "1.1", "files": [{"name": f"{NUMBER}.vcf"}]},
    "an attachment's blocks": {
        "ts": "1.1",
        "attachments": [{"blocks": [{"type": "section", "text": MRKDWN}]}],
    },
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_a_number_is_found_wherever_a_message_shows_it(message: dict[str, Any]) -> None:
    """Apps write blocks without a text, and people write rich text."""
    chosen = ChosenMessage.of({"message": message})
    read = partial(Policy().number, region="US")

    [found] = found_in(chosen.texts, "US", read).numbers

    assert chosen.ts == "1.1"
    assert found.number is not None
    assert found.number.e164 == "+14155550142"


@pytest.mark.parametrize(
    "block",
    [
        {
            "type": "section",
            "accessory": {"type": "button", "confirm": {"text": PLAIN}},
        },
        {"type": "actions", "elements": [{"options": [{"text": PLAIN}]}]},
        rich({"type": "user", "user_id": "U4155550142"}),
        {"type": "image", "image_url": "https://x.example/4155550142.png"},
    ],
)
def test_what_nobody_sees_in_a_message_is_not_read(block: Any) -> None:
    """Ids and hidden values are not what a person looks at."""
    texts = ChosenMessage.of({"message": of_blocks(block)}).texts

    assert texts == () or "user" in str(block)
    assert found_in(texts, "US", partial(Policy().number, region="US")).numbers == ()


@pytest.mark.parametrize(
    ("element", "written"),
    [
        ({"type": "user", "user_id": "U0BOB"}, "<@U0BOB>"),
        ({"type": "usergroup", "usergroup_id": "S0DESK"}, "<!subteam^S0DESK>"),
        ({"type": "channel", "channel_id": "C0SALES"}, "<#C0SALES>"),
        ({"type": "broadcast", "range": "here"}, "<!here>"),
        ({"type": "emoji", "name": "fire"}, ":fire:"),
        ({"type": "user"}, " "),
        ({"type": "emoji", "name": "<!here>"}, ":&lt;!here&gt;:"),
    ],
)
def test_what_rich_text_names_by_an_id_is_read_as_mrkdwn_has_it(
    element: Any, written: str
) -> None:
    """Words around a number would have a hole where somebody is mentioned."""
    block = rich({"type": "text", "text": "ring "}, element)

    [text] = ChosenMessage.of({"message": of_blocks(block)}).texts

    assert text == f"ring {written}"


def test_a_text_without_markup_stays_one() -> None:
    """What looks like a link in plain text is none: its brackets are escaped."""
    plain = {"type": "plain_text", "text": "<tel:+14155550142|x>"}
    [text] = ChosenMessage.of({"message": of_blocks(plain)}).texts

    assert text == "&lt;tel:+14155550142|x&gt;"


kinds = st.sampled_from(
    ["rich_text", "rich_text_section", "section", "context", "mrkdwn", "link", "text"]
)
names = st.sampled_from(["type", "text", "url", "elements", "fields", "blocks", "rows"])
trees = st.recursive(
    kinds | anything,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "ts"]), trees))
def test_any_message_is_read(message: dict[str, Any]) -> None:
    """Blocks come from any app, in any shape and depth; a shortcut must not fail on them."""
    request = Request.from_shortcut({"type": "message_action", "message": message})
    found_in(request.message.texts, "US", partial(Policy().number, region="US"))

    assert all(isinstance(each, str) for each in request.message.texts)


def test_no_depth_of_blocks_is_too_deep() -> None:
    """Somebody may nest them until a walk that follows all of them fails."""
    block: Any = MRKDWN
    for _ in range(5000):
        block = {"type": "section", "text": block}
    flat: Any = MRKDWN
    for _ in range(DEEPEST_BLOCK // 2):
        flat = {"elements": flat}

    assert ChosenMessage.of({"message": of_blocks(block)}).texts == ()
    assert ChosenMessage.of({"message": of_blocks(flat)}).texts == (NUMBER,)

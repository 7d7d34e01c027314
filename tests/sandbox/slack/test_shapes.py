"""The check against Slack's types: hastened, it finds what it finds by itself."""

from __future__ import annotations

from typing import Any

import pytest

from selection import VENDORS
from slack_shapes import checkers, loaded

TEXT = {"type": "plain_text", "text": "Call"}
BUTTON = {"type": "button", "action_id": "a", "text": TEXT}


def posted(*blocks: Any) -> dict[str, Any]:
    """Return the arguments of a message of *blocks*."""
    return {"channel": "C1", "text": "x", "blocks": list(blocks)}


RIGHT = posted({"type": "actions", "elements": [BUTTON]})
WRONG = {
    "an unknown block": posted({"type": "nonsense"}),
    "a button's style": posted(
        {"type": "actions", "elements": [BUTTON | {"style": "red"}]}
    ),
    "a button's text": posted(
        {"type": "actions", "elements": [BUTTON | {"text": "Call"}]}
    ),
    "an unknown field": posted({"type": "divider", "text": TEXT}),
    "no channel": {"text": "x"},
    "an unknown argument": RIGHT | {"blocs": []},
}


@pytest.mark.long_table
@pytest.mark.parametrize("args", [RIGHT, *WRONG.values()], ids=["right", *WRONG])
def test_the_same_faults_are_found(args: dict[str, Any]) -> None:
    """The compiled validators and the checker's own agree, to the word."""
    (check, _), plain = checkers(), loaded()
    if check is None or plain is None:
        pytest.skip(f"no types of Slack: {VENDORS}")

    found = check("chat.postMessage", args)

    assert found == plain.check_call("chat.postMessage", args)
    assert bool(found) is (args is not RIGHT)

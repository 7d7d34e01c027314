"""Who can mend a refused call: an administrator, the operator, or whoever typed it."""

from __future__ import annotations

import pytest

from bot.calls.call import Refusal
from bot.slack.texts import refused_call

ADMIN, APP, TYPED = "administrator", "developer console", "heck"


@pytest.mark.parametrize(
    ("refusal", "whose", "words"),
    [
        (Refusal(403, "CMN-401", permission="RingOut"), APP, "app lacks"),
        (Refusal(403, "CMN-401"), APP, "app lacks"),
        (Refusal(403, "CMN-408", permission="RingOut"), ADMIN, "Users > Roles"),
        (Refusal(403, "CMN-419", permission="RingOut"), ADMIN, "Users > Roles"),
        (Refusal(403, "CMN-408"), ADMIN, "user lacks the permission"),
        (Refusal(403, "CMN-109", feature="RingOut"), ADMIN, "“RingOut”"),
        (Refusal(403, "CMN-109"), ADMIN, "lacks a feature"),
        (Refusal(403, "CMN-402"), ADMIN, "Only a RingCentral administrator"),
        (Refusal(403, "CMN-403"), ADMIN, "this kind of extension"),
        (Refusal(403, "CMN-404"), "runs the bot", "another extension"),
        (Refusal(403, "CMN-427"), ADMIN, "feature"),
        (Refusal(403, "CMN-109", feature="InternationalCalls"), ADMIN, "International"),
        (Refusal(400, "CMN-101", parameter="to.phoneNumber"), TYPED, "callee's number"),
        (Refusal(400, "CMN-101", parameter="from"), "`from`", "ring first"),
        (Refusal(403, "CMN-101", parameter="callerId"), "runs the bot", "caller ID"),
        (Refusal(400, "XYZ-1"), TYPED, "400 XYZ-1"),
    ],
    ids=str,
)
def test_a_refusal_names_whose_it_is(refusal: Refusal, whose: str, words: str) -> None:
    """To be told to check a number that is right leads nowhere."""
    said = refused_call.why(refusal)

    assert whose in said
    assert words in said
    if whose in {ADMIN, APP}:
        assert "heck the number" not in said
    if whose == ADMIN:
        assert "app lacks" not in said

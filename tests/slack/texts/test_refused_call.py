"""Who can mend a refused call: an administrator, the operator, or whoever typed it."""

from __future__ import annotations

import pytest

from bot.calls.call import Refusal
from bot.slack.texts import refused_call

ADMIN, APP, TYPED = "RingCentral administrator", "Ask the RingOut admin", "heck"


@pytest.mark.parametrize(
    ("refusal", "whose", "words"),
    [
        (Refusal(403, "CMN-401", permission="RingOut"), APP, "This app isn't allowed"),
        (Refusal(403, "CMN-401"), APP, "This app isn't allowed"),
        (Refusal(403, "CMN-408", permission="RingOut"), ADMIN, "the user's role"),
        (Refusal(403, "CMN-419", permission="RingOut"), ADMIN, "the user's role"),
        (Refusal(403, "CMN-408"), ADMIN, "user isn't allowed"),
        (
            Refusal(403, "CMN-109", feature="RingOut"),
            ADMIN,
            "doesn't have such calls in their plan",
        ),
        (Refusal(403, "CMN-109"), ADMIN, "doesn't have such calls in their plan"),
        (Refusal(403, "CMN-402"), ADMIN, "Only a RingCentral administrator"),
        (Refusal(403, "CMN-403"), ADMIN, "this kind of extension"),
        (Refusal(403, "CMN-404"), APP, "another user's extension"),
        (Refusal(403, "CMN-427"), ADMIN, "in their plan"),
        (Refusal(403, "CMN-109", feature="InternationalCalls"), ADMIN, "International"),
        (
            Refusal(400, "CMN-101", parameter="to.phoneNumber"),
            TYPED,
            "doesn't accept this number",
        ),
        (Refusal(400, "CMN-101", parameter="from"), "`from`", "ring this phone first"),
        (
            Refusal(403, "CMN-101", parameter="callerId"),
            "/ringout settings",
            "caller ID",
        ),
        (Refusal(403, "NotEnoughFunds"), ADMIN, "enough calling credit"),
        (Refusal(400, "XYZ-1"), TYPED, "no phone rang"),
    ],
    ids=str,
)
def test_a_refusal_names_whose_it_is(refusal: Refusal, whose: str, words: str) -> None:
    """To be told to check a number that is right leads nowhere."""
    said = refused_call.why(refusal, "Ask the RingOut admin.")

    assert whose in said
    assert words in said
    if whose in {ADMIN, APP}:
        assert "heck the number" not in said
    if whose == ADMIN:
        assert "app isn't" not in said
    assert refusal.code not in said


@pytest.mark.parametrize("status", [0, 400, 401, 403, 404, 405, 409, 422])
@pytest.mark.parametrize("code", ["", "CMN-405", "CMN-418", "OAU-129", "XYZ-1"])
def test_only_a_bad_request_is_about_the_number(status: int, code: str) -> None:
    """Unless RingCentral names the number itself."""
    ask = "Ask the RingOut admin."
    said = refused_call.why(Refusal(status, code), ask)
    named = refused_call.why(Refusal(status, code, parameter="to.phoneNumber"), ask)

    assert ("Check the number" in said) == (status == 400)
    assert APP in said or "ask the RingOut admin" in said
    assert "doesn't accept this number" in named

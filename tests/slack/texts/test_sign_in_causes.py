"""A sign-in that RingCentral refuses for the account's sake is told by its cause."""

from __future__ import annotations

import pytest

from bot.accounts.connecting import _blame
from bot.errors import Refused
from bot.ringcentral.sign_in.tokens import ACCOUNT_CODES
from bot.serving import refusals as pages
from bot.slack.texts import refusals as forms
from bot.slack.texts import sign_in_causes
from bot.user_errors import Blame, CodeRefused, CredentialRefused


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("OAU-147", "locked"),
        ("OAU-148", "locked"),
        ("OAU-167", "another RingCentral service or region"),
        ("OAU-232", "doesn't find your extension"),
        ("OAU-236", "disabled"),
    ],
)
def test_the_cause_is_told_in_the_form_and_on_the_page(
    status: int, code: str, said: str
) -> None:
    """Copying a good credential again, or blaming the app, leads nowhere."""
    refused = Refused(status, code)
    blame = _blame(refused)
    in_form = forms.words(CredentialRefused(str(refused), blame))
    on_page = pages.words(CodeRefused(str(refused), blame))

    assert blame is Blame.PERSON
    for text in (in_form, on_page):
        assert said in text
        assert "copied whole" not in text
        assert "anyone" not in text


def test_any_other_refusal_keeps_its_words() -> None:
    """A credential that was cut short is still asked about."""
    refused = Refused(400, "OAU-140", oauth="invalid_grant")

    text = forms.words(CredentialRefused(str(refused), _blame(refused)))

    assert "copied whole" in text
    assert set(sign_in_causes.CAUSES) == ACCOUNT_CODES

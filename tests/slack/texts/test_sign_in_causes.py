"""A sign-in that RingCentral refuses for the account's sake is told by its cause."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.accounts.callers import Caller
from bot.accounts.connecting import _blame
from bot.calls.call import Call, End, Refusal, State, Why
from bot.errors import CredentialsRefused, NotConnected, Refused
from bot.ringcentral.sign_in.tokens import ACCOUNT_CODES
from bot.serving import refusals as pages
from bot.slack.texts import account, answers, endings, home, sign_in_causes
from bot.slack.texts import refusals as forms
from bot.slack.texts.contact import Contact
from bot.slack.texts.parties import of
from bot.switchboard.own_account import OwnAccount
from bot.switchboard.policy import Policy
from bot.user_errors import Blame, CodeRefused, CredentialRefused
from intents import ANN, a_call


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("OAU-147", "locked"),
        ("OAU-148", "locked"),
        ("OAU-167", "another RingCentral service or region"),
        ("OAU-232", "can't find your extension"),
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


CODES = sorted(ACCOUNT_CODES)


def shown(call: Call) -> str:
    """Return the note on the card of a call that is over."""
    return endings.line(call, of(call, full=False)).more


@pytest.mark.parametrize("code", CODES)
def test_the_cause_is_told_where_a_sign_in_could_not_be_renewed(code: str) -> None:
    """Whoever connects a disabled extension again is refused again."""
    cause = sign_in_causes.CAUSES[code]

    for said in (account.first(again=True, code=code), account.ended(code)):
        assert cause in said.text
        ends = {"OAU-167": "Connect another one."}
        assert said.text.endswith(ends.get(code, "After that, connect again."))
    assert "Connect again" in account.first(again=True).text
    assert "Connect again" in account.ended().text


@pytest.mark.parametrize("code", ["", *CODES])
async def test_home_says_why_a_sign_in_has_ended_as_the_direct_message_does(
    code: str,
) -> None:
    """Who opens Home instead must not connect a disabled extension again and again."""

    async def of(_: object) -> Caller:
        raise NotConnected(again=True, code=code)

    async def nothing(*_: object, **__: object) -> list[Call]:
        return []

    anything: Any = SimpleNamespace(of=of, of_person=nothing)
    own = OwnAccount(
        accounts=anything,
        connections=anything,
        connecting=None,
        disconnecting=anything,
        store=anything,
        policy=Policy(),
        client_id="",
    )

    shown = home.view(await own.overview(ANN))["blocks"]

    assert [each for each in account.ended(code).blocks if each not in shown] == []


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("owner", ["", "a1"])
def test_the_card_and_the_answer_name_the_cause_to_anybody(
    code: str, owner: str
) -> None:
    """Others read the card, and the account may be shared: no "your"."""
    call = a_call(
        state=State.DONE,
        end=End.NOT_PLACED,
        why=Why.LOGIN,
        refusal=Refusal(0, code),
        account=owner,
    )
    error = CredentialsRefused("RingCentral", f"401 {code}")

    on_card = shown(call)
    answer = answers.trouble(error, Contact()).text

    for said in (on_card, answer):
        assert sign_in_causes.FOR_OTHERS[code] in said
        assert "our " not in said.split("Ask")[0]
        assert "OAU" not in said
    assert set(sign_in_causes.FOR_OTHERS) == ACCOUNT_CODES
    assert "doesn't accept" in shown(replace(call, account="", refusal=None))

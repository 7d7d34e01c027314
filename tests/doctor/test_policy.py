"""The doctor states the policy in plain English before a call runs into it."""

from __future__ import annotations

import pytest

from bot.doctor.policy import policy
from bot.settings import reading
from bot.vault import new_key
from enough import ENOUGH
from examined import examined
from hook_receiver import HOOK_SECRET
from town import Town


def said(**changes: str) -> dict[str, str]:
    """Return the policy's lines by name."""
    settings = reading.read(ENOUGH | changes)
    return {each.name: each.what for each in policy(settings)}


def test_the_policy_of_the_fewest_settings() -> None:
    """The defaults are a policy too."""
    assert said() == {
        "who may call": "everyone, in every channel; 10 calls a minute each",
        "guests and people of other companies": "kept out",
        "who may read the company's call log": "nobody (RINGOUT_ADMINS is not set)",
        "what may be dialed": (
            "numbers in the United States (US), but no emergency and no premium-rate "
            "number; one without a country code is taken for one in the United States (US)"
        ),
        "what rings first": (
            "with the shared account its first phone that can ring; people may choose "
            "among its own phones"
        ),
        "what messages show": "phone numbers masked except for the last digits",
        "what people may say came of a call": (
            "nothing: nobody is asked (RINGOUT_OUTCOMES is not set)"
        ),
        "what is kept": "finished calls for 90 days",
        "what another system is told": "nothing (RINGOUT_HOOK_URL is not set)",
        "whom people are told to ask": (
            "“your RingOut admin” (RINGOUT_ADMIN_CONTACT is not set)"
        ),
        "how often a number may be called": (
            "people are asked before a call beyond 1 in 60s or 3 in 15m; a call beyond "
            "7 in 1h is refused"
        ),
        "how much may be called": "as much as people like",
        "when nobody is called": "there are no quiet hours",
        "numbers that nobody has called yet": "called like any other",
        "numbers outside the home region": "called like any other",
        "what admins may be asked to allow once": "nothing (RINGOUT_ASKABLE is not set)",
        "who may read who did what": "nobody; kept for 365 days",
    }


def test_each_setting_of_the_policy_changes_its_line() -> None:
    """Lists show their ids, countries their names, and numbers are masked."""
    assert said(
        RINGOUT_ALLOWED_USERS="U2,U1",
        RINGOUT_ALLOWED_CHANNELS="C1",
        RINGOUT_GUESTS="on",
        RINGOUT_ADMINS="U1",
        RINGOUT_CALLS_PER_MINUTE="1",
        RINGOUT_REGION="DE",
        RINGOUT_COUNTRIES="DE,AT",
        RINGOUT_NUMBER_TYPES="shared-cost",
        RINGOUT_FROM="+16505550101",
        RINGOUT_FROM_NUMBERS="+16505550102",
        RINGOUT_SHOW_NUMBERS="full",
        RINGOUT_OUTCOMES="channel:Sold,Later",
        RINGOUT_RETENTION_DAYS="1",
        RINGOUT_ADMIN_CONTACT="the help desk",
        RINGOUT_THROTTLE="2/1h",
        RINGOUT_CALLS_AT_ONCE="2",
        RINGOUT_CALLS_PER_DAY="50,400",
        RINGOUT_MINUTES_PER_MONTH="*,4000",
        RINGOUT_QUIET_HOURS="21:00-8:00",
        RINGOUT_FIRST_TIME="ask",
        RINGOUT_FOREIGN="refuse",
        RINGOUT_ASKABLE="quiet,cap",
        RINGOUT_ADMIN_CHANNEL="C9",
        RINGOUT_AUDITORS="S7",
        RINGOUT_AUDIT_DAYS="1",
    ) == {
        "who may call": "only U1, U2, only in C1; one call a minute each",
        "guests and people of other companies": "like members",
        "who may read the company's call log": "only U1",
        "what may be dialed": (
            "numbers in Austria (AT), Germany (DE), shared-cost numbers too, but no "
            "emergency and no premium-rate number; one without a country code is taken for one in Germany (DE)"
        ),
        "what rings first": (
            "with the shared account +1 ••• ••• 0101; people may choose among its own "
            "phones and +1 ••• ••• 0102"
        ),
        "what messages show": "whole phone numbers, to everybody in the channel",
        "what people may say came of a call": (
            "Sold, Later; asked of everybody who sees its card"
        ),
        "what is kept": "finished calls for a day",
        "what another system is told": "nothing (RINGOUT_HOOK_URL is not set)",
        "whom people are told to ask": "the help desk",
        "how often a number may be called": "a call beyond 2 in 1h is refused",
        "how much may be called": (
            "2 calls at a time each; 50 calls a day each, 400 calls a day for everybody "
            "together; 4000 minutes a month for everybody together"
        ),
        "when nobody is called": ("21:00-08:00, in the time zone of whoever is called"),
        "numbers that nobody has called yet": "only after a question",
        "numbers outside the home region": "refused",
        "what admins may be asked to allow once": "cap, quiet, in C9",
        "who may read who did what": "only S7, U1; kept for a day",
    }


def test_a_question_that_reaches_no_admin_is_said_so() -> None:
    """Who sets what may be asked for, but no channel, waits for requests in vain."""
    asked = "what admins may be asked to allow once"

    assert said(RINGOUT_ASKABLE="cap", RINGOUT_ADMINS="U1")[asked] == (
        "cap, but nobody can ask: RINGOUT_ADMIN_CHANNEL is not set"
    )
    assert said(RINGOUT_ASKABLE="cap", RINGOUT_ADMIN_CHANNEL="C9")[asked] == (
        "cap, but nobody could answer: RINGOUT_ADMINS is not set"
    )


def test_what_is_not_limited_is_said_so() -> None:
    """``*`` is the setting that may cost the most."""
    lines = said(RINGOUT_COUNTRIES="*", RINGOUT_FROM_NUMBERS="*")

    assert lines["what may be dialed"].startswith("numbers in every country, but no ")
    assert lines["what rings first"].endswith("people may choose any number")


def test_without_a_shared_account_everybody_has_their_own_phones() -> None:
    """RINGOUT_FROM is only for the shared account."""
    lines = said(
        RC_USER_JWT="", RINGOUT_SECRET_KEY=new_key(), RINGOUT_FROM="+16505550101"
    )

    assert lines["what rings first"] == "a phone of each person's own account"


def test_a_long_list_is_cut() -> None:
    """A company with thousands of users must not fill the screen."""
    people = ",".join(f"U{number:03}" for number in range(500))

    assert said(RINGOUT_ALLOWED_USERS=people)["who may call"].startswith(
        "only U000, U001, U002, U003, U004, U005, U006, U007, U008, U009, 490 more, in"
    )


async def test_the_doctor_prints_the_policy(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is printed between the other lines, without any secret."""
    settings = closed_town.settings(RINGOUT_FROM="+16505550101")

    code, out = await examined(closed_town, capsys, RINGOUT_FROM="+16505550101")

    assert code == 0
    for finding in policy(settings):
        assert f"ok    {finding.name}: {finding.what}\n" in out
    assert "6505550101" not in out
    assert settings.rc_user_jwt not in out


HOOK = {
    "RINGOUT_HOOK_URL": "https://crm.example/in",
    "RINGOUT_HOOK_SECRET": HOOK_SECRET,
}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ("last digits", "without their text", "only that there was one")),
        ({"RINGOUT_HOOK_NUMBERS": "none"}, ("without phone numbers",)),
        ({"RINGOUT_HOOK_NUMBERS": "full"}, ("with whole phone numbers",)),
        ({"RINGOUT_HOOK_NOTES": "on"}, ("a note, with their text",)),
        ({"RINGOUT_HOOK_PRIVATE_CALLS": "on"}, ("themselves all of this, too",)),
    ],
)
def test_what_leaves_the_house_is_said(
    changes: dict[str, str], told: tuple[str, ...]
) -> None:
    """A switch that was set for a trial would go on telling another system."""
    line = said(**HOOK, **changes)["what another system is told"]

    assert all(each in line for each in told)

"""The doctor prints a line per check, and what to do if it fails."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.people.names import NameSource
from bot.calls.people.person import Person
from bot.calls.voicemail import VoicemailShow
from bot.doctor import doctor
from bot.doctor.account_checks import books_in_words, hanging_up_in_words
from bot.doctor.shared_account_checks import (
    shared_hanging_up_in_words,
    shared_voicemails_in_words,
)
from bot.doctor.slack_checks import ENTRANCE_SCOPES, SlackChecks, told_missing
from bot.doctor.trace import trace
from bot.ringcentral.contacts import READ_CONTACTS
from bot.settings.unknown import Unknown
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.linked import Extension, StoredTokens
from bot.vault import Vault, new_key
from examined import examined
from town import Town

KEY = new_key()
NOWHERE = "postgresql://bot@127.0.0.1:1/calls"


async def test_a_healthy_bot_has_no_failed_line(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Settings, database, both services, phones, the log and the clock are fine."""
    code, out = await examined(closed_town, capsys)

    assert code == 0, out
    for name in (
        "settings",
        "database",
        "Slack bot token",
        "Slack scopes",
        "user groups",
        "Slack delivery",
        "Place a call",
        "Call a number",
        "workflow step",
        "RingCentral sign-in",
        "RingOut feature",
        "phones for from",
        "numbers for callerId",
        "call log",
        "company directory",
        "names",
        "clock",
    ):
        assert f"ok    {name}:" in out
    assert "6505550101" not in out
    assert closed_town.posts == 0


@pytest.mark.parametrize(
    ("any_workspace", "said"),
    [
        (False, "optional; in Workflow Builder once the app is as printed by"),
        (True, "none: Slack allows it in an app's own workspace alone"),
    ],
)
async def test_what_the_workflow_step_needs_is_told(
    any_workspace: bool,  # noqa: FBT001 - a row of the table
    said: str,
) -> None:
    """An entrance that nobody hears of is not used; who wants none is not warned."""
    settings: Any = SimpleNamespace(
        is_for_any_workspace=any_workspace, slack_bot_token="", slack_api_url=""
    )
    nothing: Any = None
    checks = SlackChecks(settings, nothing).all()

    words = await checks["workflow step"]()

    assert words.startswith(said)
    assert ("ringout-bot manifest --workflow-step" in words) is not any_workspace


async def test_a_misspelled_setting_is_warned_of(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each setting is well-formed, but one is not used: a warning, not a failure."""
    misspelled = Unknown("RINGOUT_COUNTRYS", ".env", "RINGOUT_COUNTRIES")

    code = await doctor.examine(closed_town.settings(), [misspelled])
    out = capsys.readouterr().out

    assert code == 0
    assert out.startswith(
        "warn  settings: an unknown one is ignored: RINGOUT_COUNTRYS in .env (the "
        "nearest setting is RINGOUT_COUNTRIES)\n      -> "
    )
    assert "complete and well-formed" not in out


@pytest.mark.parametrize(
    ("changes", "line", "advice"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-x"}, "FAIL  Slack bot token", "OAuth & Permissions"),
        ({"SLACK_APP_TOKEN": "xapp-x"}, "FAIL  Slack delivery", "connections:write"),
        ({"RC_USER_JWT": "eyJ.x.y"}, "FAIL  RingCentral sign-in", "RC_USER_JWT"),
        ({"DATABASE_URL": NOWHERE}, "FAIL  database", "DATABASE_URL"),
    ],
)
async def test_what_is_wrong_is_named_with_what_to_do(
    closed_town: Town,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    line: str,
    advice: str,
) -> None:
    """Exit code 1, and the other checks still run."""
    code, out = await examined(closed_town, capsys, **changes)

    assert code == 1
    assert line in out
    assert advice in out
    assert "ok    settings" in out


async def test_missing_scopes_permissions_and_phones_are_found(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Administrators often forget these."""
    town = closed_town
    town.slack.rules.scopes = {"chat:write", "commands"}
    town.ringcentral.logins.scopes = {"ReadCallLog", "ReadAccounts"}
    town.ringcentral.service.forwarding_numbers.clear()

    code, out = await examined(town, capsys)

    assert code == 1
    assert "missing: app_mentions:read, im:history, im:write, users:read" in out
    assert "these do nothing: @ringout in a channel (app_mentions:read); num" in out
    assert "Until then guests are not kept out" in out
    assert "missing: RingOut" in out
    assert "none that can ring" in out


@pytest.mark.parametrize(
    ("scope", "lacks"),
    [("app_mentions:read", "@ringout in a channel"), ("im:history", "DM with the app")],
)
async def test_a_scope_of_a_new_entrance_alone_is_a_warning(
    closed_town: Town, capsys: pytest.CaptureFixture[str], scope: str, lacks: str
) -> None:
    """An app that was installed before it goes on, and its admin learns what it lacks."""
    closed_town.slack.rules.scopes.discard(scope)

    code, out = await examined(closed_town, capsys)

    assert code == 0
    assert "warn  Slack scopes" in out
    assert f"{lacks} ({scope})" in out


@pytest.mark.parametrize("more", [[], ["commands"], ["commands", "users:read"]])
@pytest.mark.parametrize(
    "entrances", [[], ["im:history"], ["app_mentions:read", "im:history"]]
)
def test_an_entrance_is_named_whatever_else_is_not_granted(
    more: list[str], entrances: list[str]
) -> None:
    """A scope's name does not tell an admin what people can't do without it."""
    said = told_missing(sorted(more + entrances))

    for scope, what in ENTRANCE_SCOPES.items():
        assert (f"{what} ({scope})" in said) == (scope in entrances)
    assert all(each in said for each in more)


async def test_a_clock_that_is_off_is_found(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Matching calls by time would fail, and so would signatures."""
    closed_town.ringcentral.clock.skew = 3600.0

    code, out = await examined(closed_town, capsys)

    assert code == 1
    assert "FAIL  clock" in out
    assert "NTP" in out


async def test_a_trace_settles_what_nobody_has_documented(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """It shows RingOut and record ids, and the seconds from end to 404 and record."""
    town = closed_town
    await town.open()
    await town.types()
    card = await town.finished()
    await town.close()
    (call,) = re.findall(r"\bcall\\xa0([a-z]{12})\b", str(card.blocks))

    code = await trace(town.database_url, call)
    out = capsys.readouterr().out
    unknown = await trace(town.database_url, "nobody")

    assert (code, unknown) == (0, 1)
    assert town.ringcentral.calls[0].id in out
    for line in ("end to 404", "404 to record", "log records", "history"):
        assert line in out
    assert "4155550142" not in out
    store = Store(town.settings().database_url)
    stored = await store.get(call)
    store.close()
    assert stored is not None
    assert stored.records[0] in out


async def test_whether_names_can_be_read_is_said_and_fails_nothing(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """The permission is optional: people see numbers, and nobody sees an error."""
    town = closed_town
    without, said = await examined(town, capsys)
    town.ringcentral.logins.scopes.add(READ_CONTACTS)
    with_it, and_said = await examined(town, capsys)
    town.ringcentral.faults.add(
        "status", status=403, path_contains="/directory", times=None
    )
    no_directory, lastly = await examined(town, capsys)

    assert (without, with_it, no_directory) == (0, 0, 0)
    assert "ReadAccounts; not ReadContacts, which is optional" in said
    assert "ReadAccounts; ReadContacts; not CallControl" in and_said
    assert "ok    company directory: readable; 1 entries" in said
    assert "ok    company directory: can't be read (403" in lastly


@pytest.mark.parametrize(
    ("books", "words"),
    [
        ([], "0 address books, 0 company directories"),
        (
            [("address_book", ""), ("directory", ""), ("directory", "")],
            "1 address books, 2 company directories",
        ),
        (
            [
                ("address_book", "ReadContacts"),
                ("address_book", "ReadPersonalContacts"),
                ("directory", "CMN-408"),
            ],
            (
                "0 address books (2 not: ReadContacts, ReadPersonalContacts, optional), "
                "0 company directories (1 not: CMN-408, optional)"
            ),
        ),
    ],
)
def test_what_address_books_lack_is_said_in_words(
    books: list[tuple[str, str]], words: str
) -> None:
    """The operator learns which permission is missing; nobody else does."""
    found = [(NameSource(source), trouble) for source, trouble in books]

    assert books_in_words(found) == f"read by calls so far: {words}"


# People's own accounts


async def test_where_everybody_shares_an_account_it_says_so(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Operators see at once on whose phone bill calls are."""
    code, out = await examined(closed_town, capsys)

    assert code == 0
    assert "ok    whose account calls: the shared one, for everybody" in out
    assert "ok    people's sign-ins: 0 connected" in out
    assert "RingCentral app credentials" not in out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "own, connected with a JWT credential; the shared one until then"),
        ({"RINGOUT_SHARED_ACCOUNT": "off"}, "JWT credential; nobody without one"),
        (
            {"PUBLIC_URL": "https://bot.example", "PORT": "1"},
            (
                "sign-in page; the shared one until then. https://bot.example/ringcentral/"
                "callback must be among the app's redirect URIs"
            ),
        ),
    ],
)
async def test_how_people_connect_and_what_to_register_is_said(
    closed_town: Town,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    said: str,
) -> None:
    """A redirect URI that differs by one letter keeps everybody out."""
    changes |= {"RINGOUT_SECRET_KEY": KEY}

    code, out = await examined(closed_town, capsys, **changes)

    assert code == 0, out
    assert said in out
    assert "ok    RingCentral app credentials: accepted" in out
    assert ("  call log: " in out) is ("RINGOUT_SHARED_ACCOUNT" not in changes)


@pytest.mark.parametrize(
    ("granted", "said"),
    [
        ([], "needs CallControl: RingCentral grants it on request"),
        ([""], "needs CallControl: RingCentral grants it on request"),
        (["RingOut", ""], "not CallControl, so nobody is offered to hang up"),
        (["CallControl ReadPresence", ""], "offered with 1 of 1 accounts"),
        (
            ["CallControl ReadPresence", "RingOut"],
            "offered with 1 of 2 accounts; the others' sign-ins lack CallControl",
        ),
        (
            ["CallControl", "CallControl ReadPresence"],
            "offered with 2 of 2 accounts; 1 of these: not ReadPresence, so a call whose",
        ),
    ],
    ids=str,
)
def test_it_is_said_with_whose_account_one_can_hang_up(
    granted: list[str], said: str
) -> None:
    """As optional as it is: what is missing, and how to get it."""
    words = hanging_up_in_words([frozenset(each.split()) for each in granted])

    assert words.startswith(said)
    assert ("ReadPresence" in words) is ("ReadPresence" in said)
    assert ("support ticket" in words) is ("offered with" not in words)


@pytest.mark.parametrize(
    ("granted", "said"),
    [
        ("RingOut", "not CallControl, so nobody is offered to hang up"),
        ("RingOut ReadPresence", "not CallControl, so nobody is offered to hang up"),
        ("CallControl", "not ReadPresence, so a call whose session has another id"),
    ],
)
def test_what_the_shared_account_lacks_for_hanging_up_is_named(
    granted: str, said: str
) -> None:
    """With what it costs."""
    assert shared_hanging_up_in_words(granted.split()).startswith(said)
    assert shared_hanging_up_in_words(["CallControl", "ReadPresence"]) == ""


@pytest.mark.parametrize(
    ("granted", "show", "said"),
    [
        ("ReadCallLog", VoicemailShow.ON, "not ReadMessages, so cards"),
        ("ReadCallLog", VoicemailShow.OFF, ""),
        ("ReadMessages", VoicemailShow.TRANSCRIPTION, ""),
    ],
)
def test_what_the_shared_account_lacks_for_voicemails_is_named(
    granted: str, show: VoicemailShow, said: str
) -> None:
    """The operator has asked for them, and would wait in vain; else nobody needs to know."""
    found = shared_voicemails_in_words(granted.split(), show)

    assert found.startswith(said)
    assert bool(found) is bool(said)


async def test_without_a_shared_account_peoples_tokens_tell_of_hanging_up(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """That the permission is missing is no failure, and no warning."""
    soon = datetime.now(UTC) + timedelta(days=2)
    store = Store(closed_town.settings().database_url)
    await store.open()
    table = Connections(store.writer, Vault([KEY]))
    secrets = {"access": "A", "scope": "RingOut ReadAccounts"}
    kept = StoredTokens(secrets=secrets, version=1, fresh_until=soon, ends_at=soon)
    await table.put("A", Person("", "T1", "A"), "jwt", Extension("A"), kept, soon)
    store.close()

    off = {"RINGOUT_SECRET_KEY": KEY, "RINGOUT_SHARED_ACCOUNT": "off"}
    code, out = await examined(closed_town, capsys, **off)

    assert code == 0, out
    assert "ok    hanging up: not CallControl, so nobody" in out


async def test_an_app_that_ringcentral_does_not_know_is_found(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a shared account, the first person to connect would find out."""
    code, out = await examined(
        closed_town,
        capsys,
        RINGOUT_SECRET_KEY=KEY,
        RINGOUT_SHARED_ACCOUNT="off",
        RC_APP_CLIENT_SECRET="wrong",
    )

    assert code == 1
    assert "FAIL  RingCentral app credentials: 401 OAU-146" in out
    assert "RC_APP_CLIENT_SECRET" in out


async def test_peoples_sign_ins_are_counted_and_their_key_is_tried(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost key must show here, before everybody's next call fails."""
    soon = datetime.now(UTC) + timedelta(days=2)
    store = Store(closed_town.settings().database_url)
    await store.open()
    table = Connections(store.writer, Vault([KEY]))
    for user, kind, ends in (
        ("A", "oauth", soon),
        ("B", "jwt", soon),
        ("C", "jwt", None),
    ):
        kept = StoredTokens(
            secrets={"access": user}, version=1, fresh_until=soon, ends_at=ends
        )
        who = Person("", "T1", user)
        await table.put(user, who, kind, Extension(user), kept, soon)
    await table.tokens.mark_broken("C", 1, soon)
    store.close()

    good, said = await examined(closed_town, capsys, RINGOUT_SECRET_KEY=KEY)
    other, lost = await examined(closed_town, capsys, RINGOUT_SECRET_KEY=new_key())
    none, without = await examined(closed_town, capsys)

    counts = "2 connected, 1 of them ending soon; 1 broken, to be connected again"
    assert (good, other, none) == (0, 1, 1)
    assert f"ok    people's sign-ins: {counts}" in said
    for out in (lost, without):
        assert f"FAIL  people's sign-ins: no key reads 3 of 3; {counts}" in out
        assert "rotate-keys" in out


async def test_a_database_that_is_not_there_fails_each_check_that_needs_it(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """The doctor itself must not crash, so that the other checks still help."""
    code, out = await examined(closed_town, capsys, DATABASE_URL=NOWHERE)

    assert code == 1
    assert "FAIL  people's sign-ins" in out


async def test_the_doctor_counts_the_people_of_the_groups_that_settings_name(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """An admin sees whether a group is read before somebody is refused for it."""
    closed_town.env["RINGOUT_ADMINS"] = "S0ADMINS"
    groups = closed_town.slack.space.user_groups
    groups.put("S0ADMINS", ["U0ANN", "U0BOB"])
    _, fine = await examined(closed_town, capsys)
    groups.disable("S0ADMINS")
    code, gone = await examined(closed_town, capsys)

    assert "ok    user groups: with their people: S0ADMINS (2)" in fine
    assert "user groups: Slack refused: no_such_subteam" in gone
    assert code == 1

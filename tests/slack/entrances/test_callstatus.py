"""``/callstatus``: the last calls, to one person, with both results."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.calls.call import Place
from bot.sandbox.slack.messages import Private
from bot.slack.entrances.commands import callstatus
from bot.slack.entrances.request import Request
from own import PATIENT
from town import CALLEE, CALLER, Town


async def asked(town: Town, text: str = "last 10", user: str = "ann") -> Private:
    """Type the command; return what comes after the ack."""
    before = len(town.slack.private(user))
    await town.types(text, command="/callstatus", user=user)
    await town.until(lambda: len(town.slack.private(user)) > before)
    return town.slack.private(user)[-1]


def cells(message: Private) -> list[list[str]]:
    """Return the rows of its table, without head, dates and mentions."""
    table = next(block for block in message.blocks if block["type"] == "data_table")
    return [
        [cell["text"] for cell in row if cell["type"] == "raw_text"]
        for row in table["rows"][1:]
    ]


async def test_each_call_is_one_row_the_newest_first(town: Town) -> None:
    """All voice calls, whichever way they went: a RingOut's row has one word for both."""
    add = town.ringcentral.add_record
    add("ringout", caller=CALLER, callee=CALLEE, ago=timedelta(minutes=5), talk=62)
    add("inbound", caller="+14155550171", callee=CALLER, ago=timedelta(hours=2), talk=9)
    add("missed", caller="+14155550172", callee=CALLER, ago=timedelta(hours=3))

    shown = await asked(town)

    assert cells(shown) == [
        ["+1 ••• ••• 0142", "→ out", "1 min 2 s", "connected"],
        ["+1 ••• ••• 0171", "← in", "9 s", "answered"],
        ["+1 ••• ••• 0172", "← missed", "-", "no answer"],
    ]
    assert "Updated" in shown.text
    assert "4155550171" not in str(shown.blocks)


@pytest.mark.on_both
async def test_a_call_in_progress_is_first(town: Town) -> None:
    """Its record is not written yet, but it is known here."""
    town.ringcentral.add_record(
        "ringout", caller=CALLER, callee=CALLEE, ago=timedelta(minutes=5)
    )
    town.ringcentral.play(PATIENT)
    await town.types("+14155550199")
    await town.until(lambda: any("ringing" in card.text for card in town.cards()))

    rows = cells(await asked(town))

    assert rows[0] == ["+1 415-555-0199", "→ out", "in progress", "you: ringing"]
    assert len(rows) == 2


async def test_it_looks_back_until_enough_is_found(town: Town) -> None:
    """Ninety days at most, by one read: the log's default window is one day."""
    for days in (1, 20, 60, 100):
        town.ringcentral.add_record(
            "outbound", caller=CALLER, callee=CALLEE, ago=timedelta(days=days)
        )

    assert len(cells(await asked(town))) == 3
    assert len(town.ringcentral.requests_of("GET", "call-log")) == 1


async def test_asked_twice_costs_one_read(town: Town) -> None:
    """Heavy is ten a minute, and new calls need it."""
    for minutes in range(12):
        town.ringcentral.add_record(
            "outbound", caller=CALLER, callee=CALLEE, ago=timedelta(minutes=minutes)
        )
    await asked(town)
    await asked(town, "", user="bob")

    assert len(town.ringcentral.requests_of("GET", "call-log")) == 1


async def test_a_workspace_without_tables_gets_sections(town: Town) -> None:
    """A block that has not reached it yet is answered invalid_blocks, once."""
    town.slack.rules.unsupported_blocks = {"data_table", "table"}
    town.ringcentral.add_record(
        "outbound", caller=CALLER, callee=CALLEE, ago=timedelta(minutes=1)
    )

    shown = await asked(town)

    assert {block["type"] for block in shown.blocks} == {
        "section",
        "context",
        "actions",
    }
    posts = len(town.slack.calls_of("response_url"))
    await asked(town)
    assert len(town.slack.calls_of("response_url")) == posts + 1


async def test_a_report_sums_up_ones_calls_and_costs_ringcentral_nothing(
    closed_town: Town,
) -> None:
    """Privately, by the person's own day; another's is for admins."""
    town = closed_town
    await town.open(RINGOUT_ADMINS="U0ANN")
    await town.types()
    await town.reply()
    asked_before = len(town.ringcentral.requests)

    mine = await asked(town, "report")
    theirs = await asked(town, "report week <@U0BOB>")
    refused = await asked(town, "report <@U0ANN>", user="bob")
    odd = await town.types("report yesterday", command="/callstatus")

    assert mine.text.startswith("Your calls today\n• Calls: 1\n• Connected: 1\n")
    assert "Answer rate: 100 % (1 of 1 call with a known result" in mine.text
    assert "A machine may have answered, too." in mine.text
    assert "Calls of <@U0BOB> this week\n• Calls: 0\n" in theirs.text
    assert "admins" in refused.text
    assert "I don't understand “yesterday”" in str(odd.body)
    assert len(town.ringcentral.requests) == asked_before


async def test_the_companys_log_is_for_admins(closed_town: Town) -> None:
    """And for a RingCentral user who may read it; each refusal says why."""
    town = closed_town
    await town.open(RINGOUT_ADMINS="U0ANN")
    town.ringcentral.add_record(
        "outbound", caller=CALLER, callee=CALLEE, ago=timedelta(minutes=1), company=True
    )

    stranger = await town.types("company last 5", command="/callstatus", user="bob")
    denied = await asked(town, "company last 5")
    town.ringcentral.door.permissions.add("FullCompanyCallLog")
    allowed = await asked(town, "company last 5")

    assert "Only RingOut admins" in stranger.text
    assert "doesn't allow that" in denied.text
    assert "company" in allowed.text


async def test_ringcentral_out_of_reach_is_said(town: Town) -> None:
    """After the ack, in words."""
    town.ringcentral.faults.add("reset", path_contains="call-log", times=None)

    assert "can't reach RingCentral" in (await asked(town)).text


@pytest.mark.parametrize(
    "text", ["last 0", "last 51", "last week", "10", "last ten", "x"]
)
async def test_bad_input_gets_the_right_form_back(text: str) -> None:
    """Privately, in the ack, before anybody asks who it is."""
    request = Request("key", Place("T1", "C1", "U1"), text)

    reply = await callstatus.handle(request, SimpleNamespace(switchboard=None))  # type: ignore[arg-type]

    assert "last 20" in reply.ack["text"]
    assert reply.later is None


async def test_a_voicemail_is_no_conversation(town: Town) -> None:
    """It has a length in the log, which is not a talk time."""
    town.ringcentral.add_record(
        "voicemail", caller="+14155550171", callee=CALLER, ago=timedelta(1), talk=20
    )

    assert cells(await asked(town)) == [
        ["+1 ••• ••• 0171", "← missed", "-", "voicemail"]
    ]


async def test_one_read_is_enough_for_any_list(town: Town) -> None:
    """A page of the log has 250 records, and a list fifty calls at most."""
    for minutes in range(30):
        town.ringcentral.add_record(
            "outbound", caller=CALLER, callee=CALLEE, ago=timedelta(minutes=minutes)
        )

    assert len(cells(await asked(town, "last 3"))) == 3
    assert len(cells(await asked(town, "last 20"))) == 20
    assert len(cells(await asked(town, "last 1"))) == 1
    assert len(town.ringcentral.requests_of("GET", "call-log")) == 1


async def test_sections_too_tell_all_of_it(town: Town) -> None:
    """The text fallback must hold as much as the table."""
    town.slack.rules.unsupported_blocks = {"data_table", "table"}
    town.ringcentral.add_record(
        "ringout",
        caller=CALLER,
        callee=CALLEE,
        ago=timedelta(minutes=5),
        result="Busy",
    )

    shown = str((await asked(town)).blocks)

    assert "• +1 ••• ••• 0142: → out, busy, <!date" in shown
    assert "+14155550142" not in shown


def mirrored(call_id: str, caller: str, callee: str) -> dict[str, Any]:
    """Return fields of a published record: 19 s, its legs' numbers mirrored."""

    def leg(kind: str, to: str, duration: int) -> dict[str, Any]:
        return {
            "legType": f"RingOutClientTo{kind}",
            "startTime": "2026-11-20T17:03:12.000Z",
            "type": "Voice",
            "direction": "Outbound",
            "action": "RingOut PC",
            "result": "Call connected",
            "to": {"phoneNumber": to},
            "duration": duration,
        }

    return {
        "telephonySessionId": call_id,
        "action": "RingOut PC",
        "result": "Call connected",
        "duration": 19,
        "durationMs": 19_000,
        "legs": [leg("Subscriber", caller, 20), leg("Caller", callee, 19)],
    }


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
async def test_mirrored_legs_show_nobody_the_wrong_way_round(
    town: Town, *, turned: bool
) -> None:
    """The account's own phone placed the call, in whatever order they are logged."""
    ends = (CALLEE, CALLER) if turned else (CALLER, CALLEE)
    town.ringcentral.add_record(
        "ringout",
        caller=ends[0],
        callee=ends[1],
        ago=timedelta(minutes=5),
        **mirrored("s-1", CALLER, CALLEE),
    )
    bot = town.bot
    assert bot is not None
    await town.until(
        lambda: bot._telephone.accounts._shared.phones
    )  # till then its phones are unknown

    assert cells(await asked(town)) == [
        ["+1 ••• ••• 0142", "→ out", "19 s", "connected"]
    ]

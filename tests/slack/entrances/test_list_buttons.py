"""What is pressed under a list of calls: its pages, and a call from its menu."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.people.person import Person, Preferences, Shows
from bot.errors import UserError
from bot.sandbox.slack.messages import Private
from bot.slack.entrances.seals import Seals
from bot.slack.entrances.unknown_blocks import REMEMBERED_FOR, UnknownBlocks
from bot.slack.texts.text import Message
from bot.storage.people.connections import Connections
from bot.user_errors import AccessDenied, OutdatedButton
from bot.vault import Vault, new_key
from own import PATIENT, dm, prefer
from spaces import beside
from town import CALLEE, CALLER, Town

ANN, BOB = Person("", "T1", "U0ANN"), Person("", "T1", "U0BOB")
SECRETS = "app secret", "bot token"


async def listed(town: Town, text: str = "", user: str = "ann") -> Private:
    """Type the command; return the list."""
    before = len(town.slack.private(user))
    await town.types(text, command="/callstatus", user=user)
    return await told(town, before, user)


async def told(town: Town, before: int, user: str = "ann") -> Private:
    """Return the next private message."""
    await town.until(lambda: len(town.slack.private(user)) > before)
    return town.slack.private(user)[-1]


def others(message: Private) -> list[str]:
    """Return the other party of each row."""
    table = next(block for block in message.blocks if block["type"] == "data_table")
    return [row[0]["text"] for row in table["rows"][1:]]


def element(message: Private, action: str) -> dict[str, Any]:
    """Return a button or the menu."""
    return next(each for each in message.elements if each["action_id"] == action)


def past(town: Town, count: int, *, ago: int = 0, **more: Any) -> None:
    """Log calls out to numbers that end with 0100, 0101, … one a minute."""
    for minute in range(count):
        town.ringcentral.add_record(
            "outbound",
            caller=CALLER,
            callee=f"+1415555{100 + minute:04}",
            ago=timedelta(minutes=ago + minute),
            **more,
        )


async def turned(town: Town, message: Private, action: str = "list_more") -> Private:
    """Press a button that puts another page in the place of this one."""
    before = message.text
    await town.slack.click("ann", message, action)
    await town.until(lambda: message.text != before)
    return message


async def test_the_next_ten_stay_the_next_ten_when_calls_arrive(town: Town) -> None:
    """One read a page; nothing twice, nothing left out; and back to the newest."""
    past(town, 25, ago=5)
    shown = await listed(town)
    first = others(shown)
    past(town, 3)

    second = others(await turned(town, shown))
    third = others(await turned(town, shown))

    assert [each[-4:] for each in first + second + third] == [
        f"{100 + number:04}" for number in range(25)
    ]
    assert "list_more" not in str(shown.blocks)
    assert len(town.ringcentral.requests_of("GET", "call-log")) == 1
    assert "Earlier calls" in shown.text
    assert len(others(await turned(town, shown, "list_newest"))) == 10
    assert "Last 10 calls" in shown.text


async def test_a_page_beyond_the_first_read_costs_one_more(town: Town) -> None:
    """However far back it is; the log is read from there, not from its top."""
    town.ringcentral.log.longest_detailed = 20
    past(town, 45)
    shown = await listed(town, "last 15")
    seen = others(shown)

    for reads in (2, 3):
        seen += others(await turned(town, shown))
        assert len(town.ringcentral.requests_of("GET", "call-log")) <= reads

    assert [each[-4:] for each in seen] == [
        f"{100 + number:04}" for number in range(len(seen))
    ]
    assert len(seen) == 45


async def test_a_filter_that_finds_little_goes_on_by_a_button(town: Town) -> None:
    """Not by reading the whole log at once: that would starve new calls."""
    town.ringcentral.log.longest_detailed = 20
    past(town, 40)
    town.ringcentral.add_record(
        "missed", caller="+13125550177", callee=CALLER, ago=timedelta(minutes=41)
    )

    shown = await listed(town, "missed")
    assert "Searched back to" in shown.text
    await turned(town, shown)
    await turned(town, shown)

    assert "0177" in str(shown.blocks)
    assert len(town.ringcentral.requests_of("GET", "call-log")) == 3


async def test_a_number_is_looked_for_by_ringcentral(town: Town) -> None:
    """It is then found however many other calls are newer."""
    town.ringcentral.log.longest_detailed = 20
    past(town, 40)
    town.ringcentral.add_record(
        "outbound", caller=CALLER, callee="+13125550177", ago=timedelta(days=3)
    )

    shown = await listed(town, "312 555 0177 failed last 5")
    assert "No calls" in shown.text
    assert others(await listed(town, "last 5 (312) 555-0177")) == ["+1 312-555-0177"]
    [seen, *_] = town.ringcentral.requests_of("GET", "call-log")
    assert seen.query["phoneNumber"] == ["13125550177"]


async def test_a_number_of_the_log_has_one_country_in_the_whole_list(
    closed_town: Town,
) -> None:
    """The reader's home: what the menu dials is what the filter found."""
    town = closed_town
    await town.open(RINGOUT_COUNTRIES="US,MX")
    here = town.slack.workspace
    ann = Person("", here.team, here.user("ann").id)
    async with beside(town) as store:
        connections = Connections(store.writer, Vault([new_key()]))
        await connections.prefer(ann, Preferences(region="MX"))
    town.ringcentral.add_record(
        "outbound", caller=CALLER, callee="4155550142", ago=timedelta(minutes=3)
    )

    found = await listed(town, "4155550142")
    shown = await listed(town)
    [option] = element(shown, "list_call")["options"]
    before = len(town.slack.private("ann"))
    await town.slack.click("ann", shown, "list_call", value=option["value"])
    question = await told(town, before)

    assert "with +52 415 555 0142" in found.text
    assert others(shown) == ["+52 ••• ••• 0142"]
    assert "Call +52 ••• ••• 0142 in Mexico?" in question.text


async def test_today_is_the_readers_day(town: Town) -> None:
    """Slack knows their time zone, and is asked only if a day is asked for."""
    zone, offset = "Pacific/Kiritimati", 14 * 3600
    town.slack.workspace.user("ann").tz = zone
    town.slack.workspace.user("ann").tz_offset = offset
    past(town, 1)
    past(town, 1, ago=60 * 24 * 3)
    await listed(town)
    before = len(town.slack.calls_of("users.info"))

    assert len(others(await listed(town, "today yesterday"))) == 1
    await listed(town, "yesterday today last 3")
    assert len(town.slack.calls_of("users.info")) == before + 1


async def test_without_a_time_zone_days_are_utcs_and_that_is_said(town: Town) -> None:
    """The list is of use all the same."""
    town.slack.rules.scopes -= {"users:read"}
    past(town, 1)
    past(town, 1, ago=60 * 24 * 3)

    shown = await listed(town, "today yesterday")

    assert len(others(shown)) == 1
    assert "UTC" in str(shown.blocks)


async def test_nothing_that_can_be_pressed_holds_a_number(town: Town) -> None:
    """The values lie open in the message's source; a shared list is masked.

    A number that was looked for is shown to who typed it, and in no value either.
    """
    past(town, 12)
    shown = await listed(town, "last 10 415 555 0100")
    looked_for = [
        each.get("value", "") for each in element(shown, "list_call")["options"]
    ]
    menu = element(await listed(town, "last 10"), "list_call")
    values = [each["value"] for each in menu["options"]]
    values.append(element(town.slack.private("ann")[-1], "list_more")["value"])

    assert len(values) == 11
    for value in [*values, *looked_for]:
        assert "5550100" not in re.sub(r"\D", "", value)
    assert len({json.dumps(each) for each in menu["options"]}) == 10


@pytest.mark.parametrize("action", ["list_more", "list_call"])
async def test_a_value_of_somebody_elses_list_is_refused(
    town: Town, action: str
) -> None:
    """It says so, shows nothing, dials nothing."""
    past(town, 12)
    mine, his = await listed(town), await listed(town, user="bob")
    wanted = element(his, action)
    taken = wanted.get("value") or wanted["options"][0]["value"]
    blocks = [
        {
            "type": "actions",
            "block_id": "x",
            "elements": [
                {
                    "type": "button",
                    "action_id": action,
                    "text": {"type": "plain_text", "text": "x"},
                    "value": taken,
                }
            ],
        }
    ]
    before = len(town.slack.private("ann"))

    await town.slack.click("ann", mine, action, blocks=blocks)

    assert "Only the person who asked" in (await told(town, before)).text
    assert town.posts == 0


async def test_a_call_from_the_menu_is_asked_about_first(town: Town) -> None:
    """As the list shows the number, masked here; then it is dialed, once."""
    past(town, 3)
    shown = await listed(town)
    chosen = element(shown, "list_call")["options"][1]["value"]
    before = len(town.slack.private("ann"))

    await town.slack.click("ann", shown, "list_call", value=chosen)
    asked = await told(town, before)

    assert "Call +1 ••• ••• 0101 in the United States?" in asked.text
    assert town.posts == 0
    town.ringcentral.play(PATIENT)
    blocks = list(asked.blocks)
    await town.slack.click("ann", asked, "list_call_now")
    await town.until(lambda: town.posts == 1)
    await town.until(lambda: "list_call_now" not in str(asked.blocks))
    await town.slack.click("ann", asked, "list_call_now", blocks=blocks)
    await town.types("+14155550199")
    await town.until(lambda: town.posts == 2)
    assert [call.callee for call in town.ringcentral.calls] == [
        "+14155550101",
        "+14155550199",
    ]


async def test_not_now_dials_nothing(town: Town) -> None:
    """And the question is gone."""
    past(town, 1)
    shown = await listed(town)
    before = len(town.slack.private("ann"))
    await town.slack.click("ann", shown, "list_call")
    asked = await told(town, before)

    await town.slack.click("ann", asked, "call_nobody")
    await town.until(lambda: "list_call_now" not in str(asked.blocks))

    assert town.posts == 0


async def test_rules_that_have_changed_are_kept(closed_town: Town) -> None:
    """The number was allowed when the list was shown, and when it was asked about."""
    town = closed_town
    await town.open()
    past(town, 1)
    shown = await listed(town)
    before = len(town.slack.private("ann"))
    await town.slack.click("ann", shown, "list_call")
    asked = await told(town, before)
    await town.close()
    await town.open(RINGOUT_COUNTRIES="GB", RINGOUT_REGION="GB")
    before = len(town.slack.private("ann"))

    await town.slack.click("ann", asked, "list_call_now")
    said = (await told(town, before)).text

    assert town.posts == 0
    assert "United States aren't allowed" in said
    before = len(town.slack.private("ann"))
    await town.slack.click("ann", shown, "list_call")
    assert "list_call_now" not in str((await told(town, before)).blocks)


async def test_what_bob_keeps_to_himself_is_in_nobody_elses_list(
    closed_town: Town,
) -> None:
    """Not in the list, its count, its filters, its menu, nor in the company's."""
    town = closed_town
    await town.open(RINGOUT_ADMINS="U0ANN")
    town.ringcentral.door.permissions.add("FullCompanyCallLog")
    past(town, 1, ago=5)
    await prefer(town, Shows.PRIVATE, "bob")
    await town.types(CALLEE, user="bob")
    await dm(town, "Caller:", user="bob")  # its card never changes

    his = await listed(town, user="bob")
    assert len(others(his)) == 2
    for text in ("", "company", "today yesterday", "0142", "415 555 0142", "<@U0BOB>"):
        shown = await listed(town, text)
        said = re.sub(r"<!date\^\d+", "", str(shown.blocks))  # any digits
        assert "0142" not in said.replace("…0142", "").replace(
            "with +1 415-555-0142", ""
        )
        assert "2 calls" not in shown.text
    assert "0142" in str((await listed(town, "<@U0BOB>", user="bob")).blocks)


# What carries the values


@given(st.text(min_size=1))
def test_a_sealed_text_is_opened_for_its_person_alone(text: str) -> None:
    """By any process with the same secrets; twice sealed it looks different."""
    seals = Seals(*SECRETS)
    closed = seals.close(ANN, text)

    assert Seals(*SECRETS).open(ANN, closed) == text
    assert seals.close(ANN, text) != closed
    with pytest.raises(AccessDenied):
        seals.open(BOB, closed)
    with pytest.raises(OutdatedButton):
        Seals("other", "secrets").open(ANN, closed)
    in_org = Person("E1", "T1", "U0ANN")
    elsewhere = Person("E1", "T2", "U0ANN")
    assert seals.open(elsewhere, seals.close(in_org, text)) == text


@given(st.text())
def test_any_value_is_opened_or_refused(value: str) -> None:
    """A forged one too."""
    with pytest.raises(UserError):
        Seals(*SECRETS).open(ANN, value)


def test_a_sealed_number_fits_into_an_option() -> None:
    """Slack takes 150 characters, whatever the ids are."""
    longest = Person("E" * 32, "T" * 32, "U" * 32)

    assert len(Seals(*SECRETS).close(longest, "+123456789012345")) <= 150


def body(*kinds: str) -> dict[str, Any]:
    """Return a message with these blocks."""
    return {"text": "x", "blocks": [{"type": each} for each in kinds]}


def test_a_block_that_a_workspace_refused_is_not_sent_to_it_again() -> None:
    """Until it may have come there; other workspaces have it already."""
    now = [0.0]
    blocks = UnknownBlocks(lambda: now[0])
    forms = Message(
        "x",
        ({"type": "data_table"},),
        plainer=(({"type": "table"},), ({"type": "section"},)),
    ).bodies()

    assert blocks.without("T1", forms) == forms
    blocks.learn("T1", forms[:1], forms[1])
    assert blocks.without("T1", forms) == forms[1:]
    blocks.learn("T1", forms[1:2], forms[2])
    assert blocks.without("T1", forms) == forms[2:]
    assert blocks.without("T2", forms) == forms
    now[0] += REMEMBERED_FOR + 1
    assert blocks.without("T1", forms) == forms


@pytest.mark.parametrize(
    ("taken", "sent"),
    [
        (body(), 4),
        ({"text": "x"}, 4),
        (body("section"), 2),
        (body("table"), 3),
        (body("section", "table"), 3),
        (body("context"), 2),
    ],
)
def test_one_malformed_list_takes_nothing_from_the_next(
    taken: dict[str, Any], sent: int
) -> None:
    """What every workspace knows is never unlearned: else lists are bare text for a day."""
    blocks = UnknownBlocks()
    rest = ("section", "actions", "context")
    forms = [
        body("data_table", *rest),
        body("table", *rest),
        body(*rest),
        {"text": "x"},
    ]

    blocks.learn("T1", forms[:3], taken)

    assert len(blocks.without("T1", forms)) == sent
    assert blocks.without("T1", forms)[-2:] == forms[2:]


def test_a_message_without_plainer_forms_is_always_sent() -> None:
    """There is nothing else to send."""
    blocks = UnknownBlocks()
    blocks.learn("T1", [body("table")], body("section"))

    assert blocks.without("T1", [body("table")]) == [body("table")]

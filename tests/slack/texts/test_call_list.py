"""The words and tables of a list of calls, as pure functions of its rows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calls.call import Call, Place, State, Status
from bot.calls.lists.history import Direction, Row, row_of, row_of_ours
from bot.calls.lists.request import (
    MOST_LISTED,
    ListedDay,
    ListedKind,
    ListRequest,
    UnreadableList,
    read_list_request,
)
from bot.calls.lists.work_list import After, Recent
from bot.calls.log.ending import Ending
from bot.calls.log.leg import Entry, Party
from bot.calls.log.outcome import Side
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.people.names import Name, NameSource, named
from bot.calls.people.phones import Phone
from bot.sandbox.slack.content import Checker
from bot.sandbox.slack.rules import Rules
from bot.slack.texts import call_list, list_buttons, list_words
from bot.slack.texts.call_list import Viewer
from bot.slack.texts.list_parties import Parties
from bot.slack.texts.refusals import words as refusal
from bot.slack.texts.text import Message
from bot.user_errors import OutdatedButton
from builders import CALLEE, CALLER, OTHER, SENT, party, record
from intents import a_call
from slack_shapes import checkers

ANN, BOB = Place("T1", "C1", "U0ANN"), Place("T1", "C1", "U0BOB")
ALIKE = PhoneNumber("+13125550142")
"""It looks like the callee's number once both are masked."""
BY_BOB = (
    "Last call of the shared RingCentral account: with +1 415-555-0142, placed by "
    "<@U0BOB>"
)
CHECK, _ = checkers()


def a_row(**changes: Any) -> Row:
    """Return the row of an answered RingOut to the callee."""
    return replace(row_of(Entry(record())), **changes)


def to(number: PhoneNumber | str, name: str = "", **changes: Any) -> Row:
    """Return the row of a call to a number, with the name of its record."""
    text = number if isinstance(number, str) else number.e164
    return a_row(callee=Party(text, name=name), **changes)


def shown(
    *rows: Row, whole: bool = False, by_utc: bool = False, **recent: Any
) -> Message:
    """Return the list as Ann reads it, on the shared account unless it is said."""
    request = recent.pop("request", ListRequest())
    region = recent.pop("region", "US")
    page = Recent(
        request=request,
        rows=rows,
        read_at=SENT,
        looked_back=timedelta(days=90),
        region=region,
        **recent,
    )
    viewer = Viewer(
        person=ANN.person,
        whole=whole,
        seal=lambda text: f"sealed{len(text):04}",
        may_call=lambda number: number != OTHER,
        by_utc=by_utc,
    )
    message = call_list.listed(page, viewer)
    for body in message.bodies():
        check(body)
    return message


def check(body: dict[str, Any]) -> None:
    """Check a message as Slack would."""
    Checker(Rules()).blocks(body.get("blocks"))
    if CHECK is not None:
        assert CHECK("response_url", body) == []


def cells(message: Message) -> list[list[str]]:
    """Return the texts of its table, the head first."""
    table = next(each for each in message.blocks if each["type"] == "data_table")
    return [
        [cell["text"] for cell in row if cell["type"] == "raw_text"]
        for row in table["rows"]
    ]


def others(message: Message) -> list[str]:
    """Return how the other party of each row is shown."""
    return [row[0] for row in cells(message)[1:]]


def options(message: Message) -> list[str]:
    """Return the texts of the menu's options."""
    found = [
        element
        for block in message.blocks
        for element in block.get("elements", ())
        if element["type"] == "static_select"
    ]
    return [each["text"]["text"] for menu in found for each in menu["options"]]


def labels(message: Message) -> list[str]:
    """Return the labels of its buttons."""
    return [
        element["text"]["text"]
        for block in message.blocks
        for element in block.get("elements", ())
        if element["type"] == "button"
    ]


# Names and numbers


def test_ones_own_list_shows_whole_numbers() -> None:
    """They are one's own calls, and nobody else reads them."""
    rows = [to(CALLEE), to("(312) 555-0177"), to("+1415555XXXX"), to("", id="none")]

    assert others(shown(*rows, own=True)) == [
        "+1 415-555-0142",
        "+1 312-555-0177",
        "+1415555XXXX",
        "unknown",
    ]


def test_the_shared_list_masks_what_others_called() -> None:
    """As the setting says; one's own calls are whole, and all of them for admins."""
    hers, his = a_call(place=ANN), a_call(place=BOB)
    rows = [to(CALLEE, call=hers), to(OTHER, call=his), to(OTHER)]

    assert others(shown(*rows)) == [
        "+1 415-555-0142",
        "+1 ••• ••• 0177",
        "+1 ••• ••• 0177",
    ]
    assert others(shown(*rows, whole=True))[1:] == [OTHER.international] * 2


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [CALLEE.e164, "(415) 555-0142", OTHER.e164, "+1415555XXXX"]
            ),
            st.sampled_from([None, ANN, BOB]),
            st.sampled_from([Direction.OUT, Direction.IN]),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["", CALLEE.e164]),
)
def test_a_number_that_is_read_whole_is_masked_nowhere_in_the_list(
    calls: list[tuple[str, Place | None, Direction]], looked_for: str
) -> None:
    """Masked here and whole there it would look like two parties, and hides nothing."""
    rows = [
        a_row(
            id=f"r{at}",
            call=a_call(place=place) if place else None,
            direction=way,
            caller=Party(CALLER.e164 if way is Direction.OUT else number),
            callee=Party(number if way is Direction.OUT else CALLER.e164),
        )
        for at, (number, place, way) in enumerate(calls)
    ]
    request = ListRequest(e164=looked_for)
    parties = Parties.of(
        Recent(
            request=request,
            rows=tuple(rows),
            read_at=SENT,
            looked_back=timedelta(days=90),
            region="US",
        ),
        ANN.person,
        whole=False,
    )

    forms: dict[str, set[str]] = {}
    for (number, _, _), row in zip(calls, rows, strict=True):
        one = CALLEE.e164 if number.startswith("(") else number
        forms.setdefault(one, set()).add(parties.other(row))
    mine = {
        CALLEE.e164 if number.startswith("(") else number
        for number, place, _ in calls
        if place is ANN
    } | {looked_for}
    for one, said in forms.items():
        assert len(said) == 1
        assert ("•" not in said.pop()) == (one in mine)
    for each in parties.to_call(lambda _: True):
        assert each.whole is (each.number.e164 in mine)


@pytest.mark.parametrize(
    ("party_", "shown_as"),
    [
        (Party("+1415555XXXX"), "+•••••••XXXX"),
        (Party("", "101"), "ext. 101"),
        (Party("anonymous"), "anonymous"),
        (Party("", "", "Front Desk"), "Front Desk"),
        (Party(CALLEE.e164, "101", "Northwind"), "Northwind · +1 ••• ••• 0142"),
        (Party(CALLEE.e164, "", "+1 (415) 555-0142"), "+1 ••• ••• 0142"),
        (Party("", "", "14155550142"), "•••••••0142"),
        (Party("+1 415 555 01", "", ""), "+•"),
    ],
)
def test_a_party_is_its_name_and_number(party_: Party, shown_as: str) -> None:
    """A name that is a number is none: it would be shown whole."""
    [other] = others(shown(a_row(callee=party_)))

    assert other.startswith(shown_as)
    assert "555-0142" not in other
    assert not re.search(r"\d{5}", other)


@pytest.mark.parametrize(
    "name",
    [
        "Bob \u202e eciloP",
        "Bob\n*Callee:* answered",
        "Bob\u2028Baker\u0000\u200b",
        "<!channel> & <@U0BOB>",
        "B" * 500,
        "Call 415 555 0142 now",
    ],
)
def test_a_name_from_outside_is_one_clean_short_line(name: str) -> None:
    """It may not turn the row round, begin another, mention anybody or hide a number."""
    message = shown(to(OTHER, name))
    [other] = others(message)

    assert other.isprintable()
    assert len(other) < 60
    assert "5550142" not in re.sub(r"\D", "", other)
    assert "<!channel>" not in message.text
    assert "&amp;" not in other  # a cell is shown as it is


@pytest.mark.parametrize(
    ("source", "placer", "own", "seen"),
    [
        (NameSource.DIRECTORY, BOB, False, True),
        (NameSource.WRITTEN, BOB, False, True),
        (NameSource.ADDRESS_BOOK, BOB, False, False),
        (NameSource.ADDRESS_BOOK, ANN, False, True),
        (NameSource.ADDRESS_BOOK, BOB, True, True),
    ],
)
def test_a_name_of_somebodys_address_book_is_theirs(
    source: NameSource, placer: Place, *, own: bool, seen: bool
) -> None:
    """Others on the shared account do not read it."""
    call = a_call(place=placer, callee_name=named("Northwind", source))

    assert ("Northwind" in others(shown(to(CALLEE, call=call), own=own))[0]) is seen


@pytest.mark.parametrize(
    ("placer", "recent", "seen"),
    [
        (BOB, {}, False),
        (BOB, {"request": ListRequest(company=True)}, False),
        (ANN, {}, True),
        (BOB, {"own": True}, True),
        (None, {}, True),
    ],
)
@pytest.mark.parametrize(
    "known", [None, *(Name("Dr Oncology", each) for each in NameSource)]
)
def test_the_name_in_a_calls_record_is_for_whoever_placed_it(
    placer: Place | None, recent: dict[str, Any], *, seen: bool, known: Name | None
) -> None:
    """Whatever the call is named by; nor is the phone that rang first named to others."""
    call = a_call(place=placer, callee_name=known) if placer else None
    row = to(CALLEE, "Dr Oncology", call=call)
    row = replace(row, caller=Party(CALLER.e164, name="Pat Ward"))
    is_public = known is not None and known.is_public

    message = shown(row, whole=True, **recent)

    text = str(message.bodies())
    assert ("Dr Oncology" in text) is (seen or is_public)
    assert ("Pat Ward" in text) is (seen and "request" in recent)


def test_ones_own_books_name_the_other_party() -> None:
    """Also of calls from elsewhere; what the person wrote goes first."""
    names = {CALLEE: Name("Nora North", NameSource.ADDRESS_BOOK)}
    call = a_call(callee_name=named("Northwind", NameSource.WRITTEN))
    rows = [to("(415) 555-0142", "N NORTH"), to(CALLEE, call=call), to(OTHER, "Else")]

    found = others(shown(*rows, names=names, own=True))

    assert [each.split(" · ")[0] for each in found] == [
        "Nora North",
        "Northwind",
        "Else",
    ]


@pytest.mark.parametrize(
    ("region", "whole"),
    [("US", "+1 415-555-0142"), ("MX", "+52 415 555 0142"), ("GB", "4155550142")],
)
def test_numbers_of_the_log_have_the_country_by_which_it_was_read(
    region: str, whole: str
) -> None:
    """Both ends, in the table and in the menu: else another number is called."""
    rows = [a_row(caller=Party("4155550142"), callee=Party("4155550142"))]
    usual = frozenset({OTHER.e164})

    message = shown(*rows, region=region, own=True, usual=usual)

    assert others(message) == [whole]
    assert options(message) == ([whole] if whole.startswith("+") else [])
    assert cells(message)[1][1] == f"→ out from {whole}"


def test_two_numbers_that_look_alike_are_told_apart() -> None:
    """In the table, in the menu, and on every form of the list."""
    rows = [to(CALLEE), to(ALIKE), to(CALLEE), to(OTHER)]
    message = shown(*rows)

    assert others(message) == [
        "+1 ••• ••• 0142 (a)",
        "+1 ••• ••• 0142 (b)",
        "+1 ••• ••• 0142 (a)",
        "+1 ••• ••• 0177",
    ]
    assert options(message) == ["+1 ••• ••• 0142 (a)", "+1 ••• ••• 0142 (b)"]
    same_name = shown(to(CALLEE, "Northwind"), to(ALIKE, "Northwind"), own=True)
    assert options(same_name) == ["Northwind · …0142 (a)", "Northwind · …0142 (b)"]
    abroad = shown(to(CALLEE, "Ann"), to("+442079460142", "Ann"), own=True)
    assert options(abroad) == ["Ann · +1 415-555-0142", "Ann · +44 20 7946 0142"]


# Which way, how it went, by whom


def test_each_row_says_which_way_it_went() -> None:
    """By an arrow and a word; the sign never stands alone."""
    rows = [a_row(direction=each) for each in Direction]

    assert [row[1] for row in cells(shown(*rows, own=True))[1:]] == [
        "→ out",
        "← in",
        "← missed",
    ]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (Side(Ending.ANSWERED), Side(Ending.BUSY), "busy"),
        (None, Side(Ending.VOICEMAIL), "voicemail"),
        (
            Side(Ending.ANSWERED),
            Side(Ending.LINE_FAULT, "Call Failed", "Carrier is not active"),
            "line not working (Carrier is not active)",
        ),
        (Side(Ending.NOT_LOGGED), Side(Ending.ANSWERED), "answered"),
        (Side(Ending.DECLINED), Side(Ending.NOT_DIALED), "caller: declined"),
        (Side(Ending.BUSY), Side(Ending.BUSY), "caller: busy · busy"),
        (
            Side(Ending.ANSWERED),
            Side(Ending.UNKNOWN, "A & B\u202e<x>"),
            "RingCentral says “A & B<x>”",
        ),
        (Side(Ending.ANSWERED), None, "not confirmed yet"),
    ],
)
def test_one_word_tells_how_it_went(
    first: Side | None, second: Side | None, said: str
) -> None:
    """For the other party; for one's own phone only if it was the reason."""
    message = shown(a_row(caller_side=first, callee_side=second))

    assert cells(message)[1][3] == said
    if first is not None and first.ending is Ending.DECLINED:
        own = shown(a_row(caller_side=first, callee_side=second), own=True)
        assert cells(own)[1][3] == "you: declined"


def test_a_call_that_goes_on_says_how_far_it_is() -> None:
    """One's own phone first, then the other party."""
    ringing = Status("InProgress", "InProgress", "InProgress")
    calling = Status("InProgress", "Success", "InProgress")
    calls = [
        a_call(place=ANN, state=State.FOLLOWING, status=each)
        for each in (ringing, calling)
    ]

    rows = cells(shown(*map(row_of_ours, calls)))[1:]
    assert [row[2:4] for row in rows] == [
        ["in progress", "you: ringing"],
        ["in progress", "ringing"],
    ]


@pytest.mark.parametrize(
    "changes",
    [{"state": State.RECORDING}, {"state": State.FOLLOWING, "terminal_at": SENT}],
)
def test_a_call_that_has_just_ended_is_in_the_list(changes: dict[str, Any]) -> None:
    """Its record comes seconds later, and until then nothing is claimed."""
    row = row_of_ours(a_call(place=ANN, **changes))

    assert cells(shown(row))[1][2:4] == ["-", "not confirmed yet"]


def test_who_placed_it_is_said_on_a_shared_account() -> None:
    """By a mention, which the table has as an element; not of other workspaces."""
    calls: list[Call | None] = [
        a_call(place=BOB),
        a_call(place=replace(BOB, team="T2")),
        None,
    ]
    message = shown(*(a_row(call=each) for each in calls))
    table = next(each for each in message.blocks if each["type"] == "data_table")

    assert cells(message)[0][-1] == "By"
    assert [str(row[-1]).count("'user_id': 'U0BOB'") for row in table["rows"][1:]] == [
        1,
        0,
        0,
    ]
    assert message.text.count("by <@U0BOB>") == 1
    assert cells(shown(a_row(call=calls[0]), own=True))[0][-1] == "When"


def test_ones_own_phone_is_named_where_it_is_not_the_usual_one() -> None:
    """By its label if that names one phone, else by its number."""
    desk = Phone(CALLER, label="Desk", rings=True)
    phones = (desk, Phone(OTHER, label="Mobile", rings=True))
    rows = [a_row(caller=party(each)) for each in (CALLER, OTHER, ALIKE)]
    mine: dict[str, Any] = {
        "own": True,
        "phones": phones,
        "usual": frozenset({CALLER.e164}),
    }

    assert [row[1] for row in cells(shown(*rows, **mine))[1:]] == [
        "→ out",
        "→ out from Mobile",
        "→ out from +1 312-555-0142",
    ]
    twins = mine | {"phones": (replace(desk, label="Mobile"), phones[1])}
    assert cells(shown(rows[1], **twins))[1][1] == "→ out from +1 312-555-0177"
    came = a_row(
        direction=Direction.IN, caller=party(CALLEE), callee=party(OTHER), id="in"
    )
    assert cells(shown(came, **mine))[1][1] == "← in to Mobile"


def test_the_usual_phone_is_the_commonest_if_nothing_says_which() -> None:
    """As long as RingCentral has not listed the phones."""
    rows = [a_row(caller=party(each)) for each in (CALLER, OTHER, CALLER)]

    assert [row[1] for row in cells(shown(*rows))[1:]] == [
        "→ out",
        "→ out from +1 ••• ••• 0177",
        "→ out",
    ]


def test_the_companys_list_says_whose_call_it_was() -> None:
    """Every row is of somebody else."""
    row = a_row(caller=Party(CALLER.e164, "101", "Bob Baker"))
    message = shown(row, request=ListRequest(company=True), whole=True)

    assert cells(message)[0][-1] == "Who"
    assert cells(message)[1][-1] == "Bob Baker · +1 650-555-0101"


# Titles


@pytest.mark.parametrize(
    ("request_", "recent", "title"),
    [
        ({}, {"own": True}, "Your last call (past 90 days)"),
        ({"count": 1}, {"own": True}, "Your last call"),
        (
            {"count": 1},
            {},
            "Last call of the shared RingCentral account",
        ),
        ({"count": 1, "company": True}, {}, "Last call of the company"),
        (
            {"kinds": frozenset(ListedKind), "days": frozenset(ListedDay)},
            {"own": True},
            "Your last call: missed or failed, today and yesterday",
        ),
        (
            {"count": 1, "e164": CALLEE.e164, "people": frozenset({"U0BOB"})},
            {},
            BY_BOB,
        ),
        ({"ending": "0142"}, {"own": True, "after": After(SENT)}, "Your earlier calls"),
    ],
)
def test_the_title_says_which_calls_these_are(
    request_: dict[str, Any], recent: dict[str, Any], title: str
) -> None:
    """And repeats the filters, so that a slip is seen."""
    message = shown(a_row(), request=ListRequest(**request_), **recent)

    assert message.text.startswith(title)
    table = next(each for each in message.blocks if each["type"] == "data_table")
    assert "<" not in table["caption"]


@pytest.mark.parametrize(
    ("request_", "recent", "said"),
    [
        ({}, {"own": True}, "No calls in the past 90 days."),
        (
            {"kinds": frozenset({ListedKind.MISSED}), "days": frozenset({"today"})},
            {"own": True},
            "No calls: missed, today.",
        ),
        (
            {"people": frozenset({"U0BOB"})},
            {},
            "account in the past 90 days: placed by <@U0BOB>.",
        ),
        ({}, {"after": After(SENT)}, "No earlier calls of the shared"),
        ({}, {"searched_to": SENT}, "Searched back to <!date"),
    ],
)
def test_an_empty_list_says_what_was_looked_for(
    request_: dict[str, Any], recent: dict[str, Any], said: str
) -> None:
    """Else it could mean a slip."""
    assert said in shown(request=ListRequest(**request_), **recent).text


def test_days_by_utc_are_said_to_be() -> None:
    """Where Slack does not say what time it is for the reader."""
    today = ListRequest(days=frozenset({ListedDay.TODAY}))

    assert "UTC" in str(shown(a_row(), request=today, by_utc=True).blocks)
    assert "Days are" not in str(shown(a_row(), request=today).blocks)


# Buttons


def test_the_menu_offers_each_number_once_that_may_be_called() -> None:
    """Not a number that the rules refuse, nor one that the log masks."""
    rows = [to(CALLEE, "Northwind"), to(CALLEE), to(OTHER), to("+1415555XXXX"), to("")]

    assert options(shown(*rows)) == ["Northwind · …0142"]
    assert options(shown(to(OTHER))) == []
    came = a_row(direction=Direction.MISSED, caller=party(CALLEE), callee=party(CALLER))
    assert options(shown(came, own=True)) == ["+1 415-555-0142"]


@pytest.mark.parametrize(
    ("rows", "recent", "wanted"),
    [
        (10, {"more": After(SENT)}, ["Next 10"]),
        (3, {"more": After(SENT)}, ["Look further back"]),
        (0, {"more": After(SENT)}, ["Look further back"]),
        (3, {"after": After(SENT)}, ["Newest"]),
        (10, {"after": After(SENT), "more": After(SENT)}, ["Next 10", "Newest"]),
        (3, {}, []),
    ],
)
def test_pages_are_turned_by_buttons(
    rows: int, recent: dict[str, Any], wanted: list[str]
) -> None:
    """As far as there is anything to see."""
    assert labels(shown(*[a_row()] * rows, **recent)) == wanted


requests = st.builds(
    ListRequest,
    count=st.integers(1, MOST_LISTED),
    company=st.booleans(),
    days=st.frozensets(st.sampled_from(ListedDay)),
    kinds=st.frozensets(st.sampled_from(ListedKind)),
    people=st.frozensets(st.sampled_from(["U0ANN", "U0BOB"])),
    number=st.just(""),
    e164=st.sampled_from(["", CALLEE.e164]),
    ending=st.sampled_from(["", "0142"]),
    since=st.sampled_from([None, SENT]),
    until=st.sampled_from([None, SENT + timedelta(seconds=1.5)]),
)


@given(requests, st.sampled_from([None, After(SENT, "R1"), After(SENT)]))
def test_a_button_keeps_the_whole_request(
    request_: ListRequest, after: After | None
) -> None:
    """The next page has the same filters, and the same day, though it is past midnight."""
    assert list_buttons.load(list_buttons.dump(request_, after)) == (request_, after)


@given(st.text() | st.just("{}") | st.just("[]") | st.just('{"count": "x"}'))
def test_a_button_of_another_version_is_said_to_be_old(text: str) -> None:
    """Whatever it holds."""
    with pytest.raises(OutdatedButton):
        list_buttons.load(text)


# Sizes


def test_fifty_of_the_longest_rows_fit_into_every_form() -> None:
    """Slack would answer invalid_blocks, and the person would see no list."""
    long = Party("+4930123456789012", name="N" * 500)
    rows = [
        a_row(
            id=str(number),
            callee=replace(long, number=f"+1415555{number:04}"),
            caller=Party(f"+1650555{number:04}", name="N" * 500),
            call=a_call(place=replace(BOB, user="U" * 12)),
            caller_side=Side(Ending.UNKNOWN, "R" * 300),
            callee_side=Side(Ending.UNKNOWN, "R" * 300),
            talked=timedelta(hours=12, minutes=34),
        )
        for number in range(MOST_LISTED)
    ]
    phones = (Phone(CALLER, label="L" * 300, rings=True),)

    for request in (ListRequest(count=50), ListRequest(count=50, company=True)):
        message = shown(*rows, request=request, phones=phones, whole=True)
        assert len(cells(message)) == MOST_LISTED + 1
        assert len(message.text) < 4_000


def test_long_lists_turn_their_pages_in_the_client() -> None:
    """The newest calls stay in view: ten rows at a time."""
    table = shown(*[a_row()] * 30).blocks[1]
    few = shown(*[a_row()] * 3).blocks[1]

    assert (table["page_size"], few["page_size"]) == (10, 3)


# What was not understood


@pytest.mark.parametrize(
    "text",
    [
        "foo\u202e<!channel>",
        "last ten",
        "last 99",
        "last 1 last 2",
        "1234567 today 7654321",
    ],
)
def test_what_is_not_understood_is_answered_with_what_would_be(text: str) -> None:
    """With a command that can be typed, and nothing that Slack would act on."""
    with pytest.raises(UnreadableList) as raised:
        read_list_request(text)
    said = refusal(raised.value)

    assert "/callstatus" in said
    assert said.isprintable()
    assert "<" not in list_words.LIST_HELP.text

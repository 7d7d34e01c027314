"""Long lists of phone numbers must be read to the end, however they are paged."""

from __future__ import annotations

import pytest

from bot.calls.numbers.phone import PhoneNumber
from bot.calls.overview import Sheet
from bot.calls.people.person import Preferences
from bot.calls.people.phones import Phone
from bot.doctor import doctor
from bot.sandbox.ringcentral.person import Person, company_number
from bot.slack.texts.forms import MOST_OPTIONS, read_settings, settings_form
from fakes import FakeClock
from office import ANN, Office
from town import Town

MOBILE, DIRECT = "+15105550177", "+15105550199"


def grow(person: Person, numbers: int = 250) -> None:
    """Give somebody's company many numbers; their own direct number comes last."""
    direct = next(n for n in person.phone_numbers if n["usageType"] == "DirectNumber")
    person.phone_numbers[:] = [
        company_number()
        | {"id": n, "phoneNumber": f"+1415222{n:04d}", "usageType": "CompanyNumber"}
        for n in range(numbers)
    ]
    person.phone_numbers.append(direct | {"phoneNumber": DIRECT})
    person.forwarding_numbers[:0] = [
        {
            "id": str(n),
            "phoneNumber": f"+1415333{n:04d}",
            "label": f"Phone {n}",
            "type": "Work",
            "features": ["CallForwarding"],
        }
        for n in range(120)
    ]
    person.forwarding_numbers.append(
        person.forwarding_numbers[0]
        | {"id": "9", "phoneNumber": MOBILE, "label": "My cell", "type": "Mobile"}
    )


@pytest.mark.parametrize("page", [1000, 100, 64])
async def test_the_last_number_of_a_long_list_is_found(
    office: Office, page: int
) -> None:
    """In a large company a person's direct number may come after hundreds of others.

    RingCentral may put fewer on a page than it is asked for; each page is one request.
    """
    ann = office.double.person("ann")
    ann.page = page
    grow(ann)

    await office.connect()
    caller = await office.accounts.of(ANN)

    found = caller.choose(MOBILE, DIRECT, "US")
    assert (found.caller, found.caller_id) == (PhoneNumber(MOBILE), PhoneNumber(DIRECT))
    assert await office.accounts.direct_number(ANN) == PhoneNumber(DIRECT)
    asked = office.double.requests_of("GET", "/phone-number")
    assert len(asked) == -(-251 // page)
    assert {seen.first("perPage") for seen in asked} == {"1000"}


async def test_a_list_without_an_end_is_left_some_time(office: Office) -> None:
    """Each page uses up the person's own rate limit."""
    ann = office.double.person("ann")
    ann.page = 10
    grow(ann)

    await office.connect()

    assert len(office.double.requests_of("GET", "/phone-number")) == 8
    assert len(office.double.requests_of("GET", "/forwarding-number")) == 8


def test_the_form_keeps_a_choice_that_it_has_no_room_for() -> None:
    """A select menu holds 100 options: saving must not unset a choice beyond them."""
    phones = [
        Phone(PhoneNumber(f"+1415222{n:04d}"), rings=True, shows=True)
        for n in range(MOST_OPTIONS + 50)
    ]
    last = phones[-1].number.e164
    chosen = Preferences(first=last, caller_id=last)

    form = settings_form(Sheet(tuple(phones), chosen, "US"))

    state = {}
    for block in form["blocks"][:2]:
        element = block["element"]
        assert len(element["options"]) == MOST_OPTIONS
        assert element["initial_option"] in element["options"]
        state[block["block_id"]] = {"a": {"selected_option": element["initial_option"]}}
    kept, wrong = read_settings({"values": state}, phones, chosen, FakeClock().now())
    assert (kept.first, kept.caller_id, wrong) == (last, last, {})


async def test_the_doctor_names_a_few_of_many(
    closed_town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that fills the terminal would hide the check that failed."""
    grow(closed_town.ringcentral.service)

    code = await doctor.examine(closed_town.settings(), ())
    out = capsys.readouterr().out

    assert code == 0
    assert ", 112 more" in out
    assert ", 241 more" in out

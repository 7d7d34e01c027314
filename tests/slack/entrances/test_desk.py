"""The buttons and forms of the admin's desk."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.admin.desk import Desk
from bot.admin.people import DeskPeople
from bot.admin.rules import DeskRules
from bot.calls.call import Place
from bot.calls.overview import DisconnectResult
from bot.calls.people.person import Person
from bot.policy.rule_limits import limits_of
from bot.policy.rules import PolicyRules
from bot.sandbox.slack.view_rules import check
from bot.slack.entrances import desk
from bot.slack.entrances.handled import Handled
from bot.slack.entrances.request import Request
from bot.slack.texts.contact import NO_CONTACT
from bot.storage.calls.store import Store
from bot.storage.desk_rows import DeskRows
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, OutdatedButton, RulesChangedMeanwhile
from fakes import FakeClock

ADMIN, STRANGER = Place("T1", "", "U0ADMIN"), Place("T1", "", "U0BOB")
OUTER = PolicyRules(countries=frozenset({"US", "GB"}))


@dataclass
class Front:
    """The handlers, with a desk on a store of its own."""

    services: Any
    opened: list[tuple[dict[str, Any], str]] = field(default_factory=list)
    disconnected: list[tuple[Person, str]] = field(default_factory=list)
    told: list[tuple[Person, str, DisconnectResult]] = field(default_factory=list)

    async def open(self, place: Place, trigger: str, view: Any, held: str = "") -> str:
        """Keep a view that was opened."""
        del place, trigger
        self.opened.append((view, held))
        return "V1"

    async def update(self, place: Place, view_id: str, view: Any) -> None:
        """Keep a view that was changed."""
        del place
        self.opened.append((view, view_id))

    async def disconnect(self, person: Person, by: str) -> DisconnectResult | None:
        """End the connection of everybody but U0BOB, who has none."""
        self.disconnected.append((person, by))
        if person.user == STRANGER.user:
            return None
        return DisconnectResult(is_revoked=True, is_retried=True, by_credential=False)

    async def tell(self, person: Person, by: str, ended: DisconnectResult) -> None:
        """Keep whom somebody was told that they are disconnected."""
        self.told.append((person, by, ended))


@pytest.fixture
def front(store: Store) -> Front:
    """The desk of one workspace, with one admin."""
    writer, clock = store.writer, FakeClock()
    policy = Policy(admins=frozenset({"T1:U0ADMIN"}))
    states, rows = PolicyStates(writer), DeskRows(writer)
    made = Front(SimpleNamespace(contact=NO_CONTACT))
    made.services.views = made
    made.services.desk = Desk(
        states, DoNotCallList(writer), Audit(writer), policy, clock
    )
    made.services.desk_rules = DeskRules(states, OUTER, policy, clock)
    made.services.desk_people = DeskPeople(
        rows,
        policy,
        disconnect=made.disconnect,
        tell=made.tell,
        changed=lambda _: None,
    )
    return made


def submitted(held: str = "", **given: str) -> Request:
    """Return a form that the admin submits."""
    state = {"values": {name: {name: {"value": each}} for name, each in given.items()}}
    return Request("key", ADMIN, state=state, held=held)


def pressed(value: str = "", place: Place = ADMIN) -> Request:
    """Return a press of a button."""
    return Request("key", place, value, trigger="t", view="V1")


async def test_a_number_is_added_searched_and_removed_in_one_form(front: Front) -> None:
    """It stays open, and shows what was done and what the list has."""

    async def go(number: str, deed: str, reason: str = "") -> str:
        form = submitted(number=number, deed=deed, reason=reason)
        return str((await desk.submit_entries(form, front.services)).ack)

    added = await go("415 555 0142", "add", "asked us to stop")
    found = await go("STOP", "search")
    nothing = await go("0199", "search")
    wrong = await desk.submit_entries(
        submitted(number="bob", deed="add"), front.services
    )
    removed = await go("+14155550142", "remove")

    assert "is on the do-not-call list. Nobody here can call it." in added
    assert "asked us to stop" in found
    assert "Nothing on the do-not-call list for “0199”." in nothing
    assert set(wrong.ack["errors"]) == {"number"}
    assert "is off the do-not-call list" in removed


async def test_no_digit_of_a_reason_becomes_the_numbers(front: Front) -> None:
    """Number and reason are typed apart: a wrong number stays wrong, and is said to be."""

    async def add(number: str, reason: str) -> Any:
        form = submitted(number=number, deed="add", reason=reason)
        return (await desk.submit_entries(form, front.services)).ack

    short = await add("415 555 014", "2 complaints")
    none = await add("", "415 555 0142 asked us to stop")
    whole = await add("+1 415 555 0142", "2 complaints")
    star = await add("+14155550143", "* see the list")

    assert set(short["errors"]) == set(none["errors"]) == {"number"}
    assert "· 2 complaints ·" in str(whole)
    assert "415-555-0143* ·" in str(star)


async def test_a_number_off_the_list_may_still_be_covered_by_another_entry(
    front: Front,
) -> None:
    """Else the admin reads that it is off, and the next call is refused all the same."""

    async def go(number: str, deed: str) -> str:
        form = submitted(number=number, deed=deed)
        return str((await desk.submit_entries(form, front.services)).ack)

    await go("+1415*", "add")
    await go("415 555 0142", "add")
    number, beginning = await go("415 555 0142", "remove"), await go("+1415*", "remove")

    assert "off the do-not-call list. It still can't be called: +1415… is on" in number
    assert "off the do-not-call list." in beginning
    assert "still" not in beginning


async def test_what_admins_type_never_makes_a_view_too_large(front: Front) -> None:
    """Escaping makes a reason five times as long; Slack would refuse the whole form."""
    for number in range(60):
        await front.services.desk.add(ADMIN, f"415 555 {1000 + number}", "&" * 300)

    await desk.open_entries(pressed(), front.services)
    view, _ = front.opened[0]

    check(view)
    assert "There are more." in str(view)


async def test_a_person_gets_limits_by_the_form_that_shows_them(front: Front) -> None:
    """Who is chosen, and of which version the rules were, is kept by the form."""
    chosen = {"values": {"person": {"person": {"selected_user": "U0ANN"}}}}
    shown = await desk.submit_people(
        Request("key", ADMIN, state=chosen), front.services
    )
    wrong = await desk.submit_limits(
        submitted("0 U0ANN", calls_per_day="few"), front.services
    )
    saved = await desk.submit_limits(
        submitted("0 U0ANN", calls_per_day="3", calls_at_once=""), front.services
    )
    sheet = await front.services.desk_rules.sheet(ADMIN)
    nobody = await desk.submit_people(Request("key", ADMIN), front.services)

    assert "0 U0ANN" in shown.ack["view"]["private_metadata"]
    assert set(wrong.ack["errors"]) == {"calls_per_day"}
    assert saved == Handled()
    assert limits_of(sheet.rules, "U0ANN").calls_per_day == 3
    assert set(nobody.ack["errors"]) == {"person"}


async def test_a_rules_form_changes_only_the_rules_that_it_shows(front: Front) -> None:
    """A form that somebody has made of another one does no more than that one."""
    given = {"countries": "GB", "calls_per_minute": "1"}
    await desk.submit_rules(submitted("0 numbers", **given), front.services)
    sheet = await front.services.desk_rules.sheet(ADMIN)

    assert sheet.rules == replace(OUTER, countries=frozenset({"GB"}))
    with pytest.raises(RulesChangedMeanwhile):
        await desk.submit_rules(submitted("0 numbers", **given), front.services)
    with pytest.raises(RulesChangedMeanwhile):
        await desk.undo(pressed("0"), front.services)
    await desk.undo(pressed("1"), front.services)
    assert (await front.services.desk_rules.sheet(ADMIN)).rules == OUTER


async def test_an_admin_disconnects_somebody_of_their_own_workspace(
    front: Front,
) -> None:
    """The audit names the admin; a person of another workspace is out of reach.

    Who is disconnected is told; an admin who disconnects themselves has seen it.
    """
    await desk.disconnect(pressed("U0ANN"), front.services)
    await desk.disconnect(pressed("U0BOB"), front.services)
    told = list(front.told)
    await desk.disconnect(pressed("U0ADMIN"), front.services)

    assert front.disconnected[:2] == [
        (Person("", "T1", "U0ANN"), "U0ADMIN"),
        (Person("", "T1", "U0BOB"), "U0ADMIN"),
    ]
    assert [(person.user, by) for person, by, _ in told] == [("U0ANN", "U0ADMIN")]
    assert front.told == told
    assert "Disconnected." in str(front.opened[0])
    assert "They have no account connected." in str(front.opened[1])


@pytest.mark.parametrize(
    "handle",
    [
        desk.open_rules,
        desk.open_entries,
        desk.open_people,
        desk.undo,
        desk.disconnect,
        desk.submit_people,
        desk.submit_limits,
        desk.submit_rules,
        desk.submit_pause,
    ],
)
async def test_nobody_but_an_admin_gets_anything_from_the_desk(
    front: Front, handle: Any
) -> None:
    """A press of a button that is on somebody else's Home can be forged."""
    values = {"person": {"person": {"selected_user": "U0ANN"}}}
    text = "numbers" if handle is desk.open_rules else "1"
    held = "0 numbers"
    asked = replace(
        pressed(text, STRANGER), state={"values": values}, held=held, view="V1"
    )

    with pytest.raises(AccessDenied):
        await handle(asked, front.services)
    assert (front.opened, front.disconnected) == ([], [])


@pytest.mark.parametrize("held", ["", "1", "x numbers", "1 ", "-1 numbers"])
async def test_a_form_that_this_version_cannot_read_is_outdated(
    front: Front, held: str
) -> None:
    """An earlier version's form may still be open after an upgrade."""
    with pytest.raises(OutdatedButton):
        await desk.submit_rules(submitted(held), front.services)
    with pytest.raises(OutdatedButton):
        await desk.open_rules(pressed("later"), front.services)


async def test_calls_that_are_paused_already_stay_as_they_are(front: Front) -> None:
    """The second admin learns who was first; the first reason stays."""
    first = await desk.submit_pause(submitted(reason="phones down"), front.services)
    second = await desk.submit_pause(submitted(reason="again"), front.services)

    assert first == Handled()
    assert "phones down" in str(second.ack)

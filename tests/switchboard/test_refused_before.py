"""Who is refused before a number is even read is in the audit, too."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bot.missed.deeds import MissedDeeds
from bot.policy.rules import Rule
from bot.policy.wish import CallEntrance
from bot.policy.workspace import AuditRow, WorkspaceId
from bot.slack.entrances.entrance import admitted
from bot.slack.entrances.request import Request
from bot.slack.entrances.wanted import BY_BUTTON, ENTRANCES, entrance_of
from bot.slack.texts import asking, card_buttons, dialer
from bot.slack.texts.faults import Wanted
from bot.storage.calls.store import Store
from bot.storage.missed.cards import MissedCards
from bot.storage.policy.audit import Audit, AuditFilter
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, AccessRule
from fakes import FakeClock
from gated_office import Office
from intents import ANN, NOON

CLOSED = Policy(users=frozenset({"U7"}))
ELSEWHERE = Policy(channels=frozenset({"C7"}))


async def rows(store: Store) -> list[AuditRow]:
    """Return the whole audit."""
    return await Audit(store.writer).read(WorkspaceId.of(ANN), AuditFilter(), 10)


@pytest.mark.parametrize(
    ("policy", "rule"), [(CLOSED, Rule.USERS), (ELSEWHERE, Rule.CHANNELS)]
)
async def test_a_question_that_is_refused_is_in_the_audit(
    store: Store, policy: Policy, rule: Rule
) -> None:
    """``/ringout @bob``, a mention and a message's form ask before they place a call."""
    office = Office(store, policy)
    ways = (CallEntrance.COMMAND, CallEntrance.MENTION, CallEntrance.MESSAGE)
    for way in ways:
        with pytest.raises(AccessDenied):
            await office.switchboard.region_of(ANN, way)
    with pytest.raises(AccessDenied):
        await office.switchboard.region_of(ANN)  # a list's filter is no wish to call

    found = await rows(store)
    assert sorted(each.entrance for each in found) == sorted(ways)
    assert {each.rule for each in found} == {rule}


async def test_a_call_back_that_is_refused_is_in_the_audit(store: Store) -> None:
    """The card is looked at before a call is placed."""
    office = Office(store, CLOSED)
    deeds = MissedDeeds(
        MissedCards(store.writer),
        office.switchboard,
        CLOSED,
        FakeClock(NOON),
        changed=lambda: None,
    )
    with pytest.raises(AccessDenied):
        await deeds.call_back(ANN, "card")

    [row] = await rows(store)
    assert (row.entrance, row.rule) == (CallEntrance.CALL_BACK, Rule.USERS)


@pytest.mark.parametrize(
    ("name", "text", "entrance"),
    [
        ("/ringout", "415 555 0142", CallEntrance.COMMAND),
        ("/ringout", "again", CallEntrance.COMMAND),
        ("/ringout", "<@U2>", CallEntrance.COMMAND),
        ("/ringout", "settings", None),
        ("/callstatus", "last 10", None),
        (card_buttons.CALL_AGAIN_BUTTON, "c1", CallEntrance.AGAIN),
        (asking.CALL_DOUBTFUL_BUTTON, "{}", CallEntrance.BUTTON),
        (dialer.DIALER_FORM, "", CallEntrance.DIALER),
        (card_buttons.MORE_MENU, "c1", None),
    ],
)
async def test_a_guest_who_wants_to_call_is_in_the_audit(
    store: Store, name: str, text: str, entrance: CallEntrance | None
) -> None:
    """An admin sees who keeps trying; who only looks at settings is no matter."""
    office = Office(store, Policy())

    async def refuse(*_: object) -> None:
        raise AccessDenied(AccessRule.GUESTS)

    async def handle(_request: Request, _services: Any) -> None:
        raise AssertionError

    office.services.admission = SimpleNamespace(check=refuse)
    with pytest.raises(AccessDenied):
        await admitted(name, handle)(Request("key", ANN, text), office.services)

    found = [(each.entrance, each.rule) for each in await rows(store)]
    assert found == ([(entrance, Rule.GUESTS)] if entrance else [])


def test_every_button_that_calls_has_an_entrance() -> None:
    """A button that is forgotten would be refused without a trace."""
    for name, wanted in BY_BUTTON.items():
        assert (entrance_of(name, "") is not None) == (wanted is Wanted.CALL)
    assert BY_BUTTON.keys() >= ENTRANCES.keys()

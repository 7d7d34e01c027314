"""Rules that admins change at their desk: what is saved, by whom, and undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.admin.rules import DeskRules
from bot.calls.call import Place
from bot.policy.rule_fields import FieldFlaw
from bot.policy.rule_limits import limits_of
from bot.policy.rules import CallCap, PolicyRules
from bot.policy.workspace import WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied, RulesChangedMeanwhile
from fakes import FakeClock

OUTER = PolicyRules(countries=frozenset({"US", "GB"}), calls_per_day=CallCap(40))
ADMIN, OTHER = Place("T1", "", "U0ADMIN"), Place("T1", "", "U0OTHER")
STRANGER, ELSEWHERE = Place("T1", "", "U0BOB"), Place("T2", "", "U0ADMIN")


@pytest.fixture
def rules(store: Store) -> DeskRules:
    """The desk of a workspace with two admins, on one more process."""
    admins = frozenset({"T1:U0ADMIN", "T1:U0OTHER"})
    return DeskRules(
        PolicyStates(store.writer),
        OUTER,
        Policy(admins=admins),
        FakeClock(),
    )


async def test_a_change_is_saved_audited_and_undone_once(
    rules: DeskRules, store: Store
) -> None:
    """A wrong rule keeps fifty people from their work: one press brings the old back."""
    before = await rules.sheet(ADMIN)
    wrong = await rules.save(ADMIN, 0, {"countries": "GB", "calls_per_day": "20"})
    after = await rules.sheet(OTHER)
    rows = await Audit(store.writer).read(WorkspaceId.of(ADMIN))

    assert (before.rules, before.can_undo, wrong) == (OUTER, False, {})
    assert after.rules.countries == frozenset({"GB"})
    assert after.rules.calls_per_day == CallCap(20)
    assert (after.changed_by, after.can_undo) == ("U0ADMIN", True)
    assert [row.detail for row in rows] == ["countries, calls_per_day"]
    await rules.undo(OTHER, after.version)
    undone = await rules.sheet(ADMIN)
    assert (undone.rules, undone.can_undo) == (OUTER, False)
    with pytest.raises(RulesChangedMeanwhile):
        await rules.undo(OTHER, undone.version)


async def test_nothing_is_saved_or_undone_over_a_change_made_meanwhile(
    rules: DeskRules,
) -> None:
    """Two admins at once: the second would undo a change that they have not seen."""
    await rules.save(ADMIN, 0, {"countries": "GB"})
    await rules.save(OTHER, 1, {"countries": "US"})

    for attempt in (
        rules.undo(ADMIN, 1),
        rules.save(ADMIN, 1, {"countries": "GB"}),
        rules.limit(ADMIN, 1, "U0BOB", {"calls_per_day": "3"}),
    ):
        with pytest.raises(RulesChangedMeanwhile):
            await attempt
    assert (await rules.sheet(ADMIN)).rules.countries == frozenset({"US"})


async def test_what_is_wider_than_the_operator_allows_is_not_saved(
    rules: DeskRules,
) -> None:
    """Nor what else was typed in the same form."""
    wrong = await rules.save(ADMIN, 0, {"countries": "FR", "calls_per_minute": "3"})
    sheet = await rules.sheet(ADMIN)

    assert wrong == {"countries": FieldFlaw.TOO_WIDE}
    assert (sheet.rules, sheet.version) == (OUTER, 0)


async def test_a_form_that_changes_nothing_is_no_change(rules: DeskRules) -> None:
    """Undo would otherwise bring back what holds anyway, and not the change before."""
    await rules.save(ADMIN, 0, {"countries": "GB"})
    await rules.save(ADMIN, 1, {"countries": "GB"})

    assert (await rules.sheet(ADMIN)).version == 1


async def test_a_person_has_limits_of_their_own(rules: DeskRules) -> None:
    """They hold for that person alone, and an empty form takes them away."""
    limits = {"calls_per_day": "3", "calls_at_once": ""}
    assert await rules.limit(ADMIN, 0, "U0BOB", limits) == {}
    saved = await rules.sheet(ADMIN)
    wrong = await rules.limit(ADMIN, 1, "U0BOB", {"calls_per_day": "few"})
    await rules.limit(ADMIN, 1, "U0BOB", {})

    assert limits_of(saved.rules, "U0BOB").calls_per_day == 3
    assert limits_of(saved.rules, "U0ANN").calls_per_day is None
    assert wrong == {"calls_per_day": FieldFlaw.UNREADABLE}
    assert (await rules.sheet(ADMIN)).rules == replace(OUTER, sections=())


@pytest.mark.parametrize("place", [STRANGER, ELSEWHERE])
async def test_only_admins_of_the_workspace_may(rules: DeskRules, place: Place) -> None:
    """Whoever has pressed a button of somebody else's Home, or forged one, is refused."""
    for attempt in (
        rules.sheet(place),
        rules.save(place, 0, {"countries": "GB"}),
        rules.limit(place, 0, "U0BOB", {}),
        rules.undo(place, 0),
    ):
        with pytest.raises(AccessDenied):
            await attempt


async def test_who_may_call_and_where_is_saved_and_undone(rules: DeskRules) -> None:
    """A list of the wrong people is as easily taken back as any other rule."""
    given = {"users": "U1, S1", "channels": "C1"}

    assert await rules.save(ADMIN, 0, {"users": "Ann"}) != {}
    assert await rules.save(ADMIN, 0, given) == {}
    saved = await rules.sheet(ADMIN)
    await rules.undo(ADMIN, saved.version)

    assert saved.rules.users == frozenset({"U1", "S1"})
    assert saved.rules.channels == frozenset({"C1"})
    assert (await rules.sheet(ADMIN)).rules == OUTER

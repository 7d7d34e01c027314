"""Whoever is shown a number of another person's call is in the audit, before they see it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.calls.call import Call
from bot.policy.workspace import AuditAction, AuditRow, WorkspaceId
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit, AuditFilter
from bot.switchboard.calls import Switchboard
from bot.switchboard.policy import Policy
from bot.user_errors import AccessDenied
from fakes import FakeClock
from intents import a_call, add_call


async def revealed(store: Store, user: str) -> list[AuditRow]:
    """Have *user* ask for the number of U1's call; return the audit."""
    call = a_call()
    await add_call(store, call, most=99, again=True)
    nothing: Any = None

    def unused(_: Call) -> None:
        raise AssertionError

    switchboard = Switchboard(
        store=store,
        accounts=nothing,
        policy=Policy(admins=frozenset({"U9"})),
        names=nothing,
        facts=nothing,
        history=nothing,
        clock=FakeClock(),
        me="me",
        begin=nothing,
        changed=unused,
        closing=asyncio.Event(),
    )
    place = replace(call.place, user=user)
    try:
        await switchboard.reveal(place, call.id)
    finally:
        shown = AuditFilter(action=AuditAction.REVEAL)
        rows = await Audit(store.writer).read(WorkspaceId.of(place), shown)
    return rows


async def test_an_admin_who_sees_a_number_is_in_the_audit(store: Store) -> None:
    """Cards hide it from the channel for a reason."""
    [row] = await revealed(store, "U9")

    assert (row.user, row.action, row.call) == ("U9", AuditAction.REVEAL, "c1")


async def test_who_placed_the_call_sees_nothing_new(store: Store) -> None:
    """They typed the number: a row for it would only hide the others."""
    assert await revealed(store, "U1") == []


async def test_who_may_not_see_it_is_refused(store: Store) -> None:
    """And nothing is said to have been shown."""
    with pytest.raises(AccessDenied):
        await revealed(store, "U2")

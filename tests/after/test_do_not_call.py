"""``Do not call`` as an outcome: on the list before it is confirmed, and it stays there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.after.remarks import Remarks
from bot.calls.aftermath import Dispositions
from bot.calls.call import Call, End, State
from bot.clock import RealClock
from bot.errors import StoreUnavailable
from bot.policy.wish import DoNotCall
from bot.policy.workspace import AuditAction, WorkspaceId
from bot.slack.texts import after as texts
from bot.storage.calls.store import Store
from bot.storage.policy.audit import Audit, AuditFilter
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.outcomes import ListsOutcomes
from bot.switchboard.policy import Policy
from intents import NOON, a_call, add_call

WORDS = Dispositions(("Spoke", "Do not call"))
DNC, SPOKE, NONE = "Do not call", "Spoke", ""

LISTINGS = AuditFilter(action=AuditAction.DO_NOT_CALL)


class Nowhere(ListsOutcomes):
    """A list that can't be written."""

    def store(self, *_: Any) -> bool:
        """Fail as a database does that goes away."""
        raise StoreUnavailable


def remarks_of(store: Store, teller: ListsOutcomes) -> Remarks:
    """Return what keeps outcomes, in a bot whose list is kept by *teller*."""
    store._teller = teller
    return Remarks(store, Policy(), WORDS, RealClock())


async def over(store: Store) -> Call:
    """Store a call that is over."""
    call = a_call(state=State.DONE, end=End.RECORDED)
    await add_call(store, call, most=99, again=True)
    return call


async def listed(store: Store, call: Call) -> DoNotCall | None:
    """Return the entry that covers the call's number."""
    where = WorkspaceId.of(call.place)
    return await DoNotCallList(store.writer).covering(where, call.callee.e164)


async def test_the_outcome_puts_the_number_on_the_list_with_who_and_which_call(
    store: Store,
) -> None:
    """Somebody who asks never to be called again asks the person on the phone."""
    call = await over(store)

    await remarks_of(store, ListsOutcomes()).choose(call.place, call.id, DNC)

    entry = await listed(store, call)
    [row] = await Audit(store.writer).read(WorkspaceId.of(call.place), LISTINGS)
    assert entry is not None
    assert (entry.by, entry.is_prefix) == (call.place.user, False)
    assert (row.user, row.action, row.call) == (call.place.user, "do-not-call", "c1")
    assert row.number == call.callee.e164


async def test_what_is_not_on_the_list_is_not_confirmed(store: Store) -> None:
    """An outcome that is shown without its entry lets the next person call."""
    call = await over(store)

    with pytest.raises(StoreUnavailable):
        await remarks_of(store, Nowhere()).choose(call.place, call.id, DNC)

    stored = await store.get(call.id)
    assert stored is not None
    assert stored.aftermath is None


@pytest.mark.parametrize(
    ("chosen", "entries", "said"),
    [
        ((SPOKE,), 0, (None,)),
        ((DNC,), 1, (texts.NOW_LISTED,)),
        ((DNC, NONE), 1, (texts.NOW_LISTED, texts.STAYS_LISTED)),
        ((DNC, SPOKE), 1, (texts.NOW_LISTED, texts.STAYS_LISTED)),
        ((SPOKE, DNC, DNC), 1, (None, texts.NOW_LISTED, texts.NOW_LISTED)),
    ],
)
async def test_only_an_admin_takes_a_number_off_again(
    store: Store, chosen: tuple[str, ...], entries: int, said: tuple[str | None, ...]
) -> None:
    """A wrong press is undone by somebody who may; the person is told so."""
    call = await over(store)
    remarks = remarks_of(store, ListsOutcomes())

    heard = [texts.listed(await remarks.choose(call.place, call.id, w)) for w in chosen]

    assert (await listed(store, call) is not None) == bool(entries)
    assert tuple(each and each.text for each in heard) == said
    rows = await Audit(store.writer).read(WorkspaceId.of(call.place), LISTINGS)
    assert len(rows) == entries


async def test_a_number_that_is_listed_already_is_confirmed_too(store: Store) -> None:
    """Two calls to one number may end alike; the first entry's reason stays."""
    call = await over(store)
    where = WorkspaceId.of(call.place)
    entry = DoNotCall(digits=call.callee.e164, reason="asked us by letter")
    await DoNotCallList(store.writer).add(where, entry, NOON, "U9")

    done = await remarks_of(store, ListsOutcomes()).choose(call.place, call.id, DNC)

    found = await listed(store, call)
    assert texts.listed(done) is not None
    assert found is not None
    assert (found.reason, found.by) == ("asked us by letter", "U9")


@pytest.mark.parametrize("word", ["do not call", "DO NOT CALL"])
async def test_the_operators_own_spelling_means_the_same(
    store: Store, word: str
) -> None:
    """Words of the company's own replace the usual ones, and this one has to work."""
    call = await over(store)
    remarks = Remarks(store, Policy(), Dispositions((word,)), RealClock())
    store._teller = ListsOutcomes()

    await remarks.choose(call.place, call.id, word)

    assert await listed(store, call) is not None

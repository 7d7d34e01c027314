"""States that cost a row only once they come back: used once, by whichever process."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, closing
from typing import Any

import pytest

from bot.calls.people.person import Person
from bot.ringcentral.sign_in import oauth
from bot.storage.calls.store import Store
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.vault import Vault, new_key
from intents import NOON

OLD, NEW = new_key(), new_key()
NOBODY = Person("", "", "")


async def test_a_state_is_good_once_in_all_processes_and_through_a_rotation(
    store: Store,
) -> None:
    """One process gives it out; the others, with any of the keys, take it once."""
    state, cookie = PendingSignIns(store.writer, Vault([OLD])).begin_unstored("x", NOON)
    with ExitStack() as stack:
        writers = [store.writer]
        if store.url.startswith("postgresql"):
            for name in ("other", "third"):
                beside = stack.enter_context(closing(Store(store.url, name)))
                await beside.open()
                writers.append(beside.writer)
        tables = [
            PendingSignIns(writer, Vault(keys))
            for writer in writers
            for keys in ([OLD], [NEW, OLD], [OLD, NEW])
        ]

        used = await asyncio.gather(
            *(
                each.use_unstored("x", state, NOBODY, NOON, browser=cookie)
                for each in tables
            )
        )
        found = [
            await each.succeeded("x", state, NOON, browser=cookie) for each in tables
        ]
        await tables[0].succeed("x", state, NOBODY, "done")
        told = [
            await each.succeeded("x", state, NOON, browser=cookie) for each in tables
        ]

    assert all(each.is_unstored("x", state, NOON, cookie) for each in tables)
    assert sorted(used) == [False] * (len(tables) - 1) + [True]
    assert found == [None] * len(tables)
    assert [each and each.label for each in told] == ["done"] * len(tables)


async def test_states_cookies_and_secrets_have_256_random_bits(store: Store) -> None:
    """Nobody guesses one, in base64 of 43 characters; a hash of it tells nobody more."""
    table = PendingSignIns(store.writer, Vault([OLD]))
    pairs = [
        table.begin_unstored("x", NOON),
        await table.begin("y", NOBODY, NOON),
    ]

    made = [text.partition(".")[0] for pair in pairs for text in pair]
    made += [oauth.new_secret() for _ in range(2)]

    assert min(map(len, made)) >= 43
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("keys", [[NEW], []])
def test_once_the_old_key_is_gone_a_state_is_nothing(keys: list[str]) -> None:
    """Whoever stole it can't make states with it any more."""
    nowhere: Any = None
    state, cookie = PendingSignIns(nowhere, Vault([OLD])).begin_unstored("x", NOON)

    later = PendingSignIns(nowhere, Vault(keys))
    assert not later.is_unstored("x", state, NOON, cookie)

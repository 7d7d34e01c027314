"""Installations in the database: tokens are found, replaced, deleted or unreadable."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.calls.people.installation import Installation
from bot.storage.calls.store import Store
from bot.storage.people.installations import Installations
from bot.storage.people.tables import installations
from bot.vault import Undecryptable, Vault, new_key
from installed import in_
from intents import NOON
from properties import dear

KEY = new_key()


@pytest.fixture
def kept(store: Store) -> Installations:
    """Return the table in an empty database, SQLite and PostgreSQL in turn."""
    return Installations(store.writer, Vault([KEY]))


async def test_each_workspace_finds_its_own_token(kept: Installations) -> None:
    """Another workspace's token would post somebody's calls to strangers."""
    await kept.put(in_("T1"))
    await kept.put(in_("T2"))

    assert await kept.find("", "T1") == in_("T1")
    assert await kept.find("", "T2") == in_("T2")
    for stranger in (("", "T3"), ("E1", "T3"), ("", ""), ("E1", "")):
        assert await kept.find(*stranger) is None


async def test_an_organization_serves_each_of_its_workspaces(
    kept: Installations,
) -> None:
    """An organization's row has no team; only its own workspaces may find it."""
    await kept.put(in_("", "E1"))

    for team in ("T1", "T2", ""):
        found = await kept.find("E1", team)
        assert found == in_("", "E1")
    assert await kept.find("E2", "T1") is None
    assert await kept.find("", "T1") is None


async def test_of_a_workspaces_and_its_organizations_token_the_newer_counts(
    kept: Installations,
) -> None:
    """Slack revokes the older token, except one from before the workspace joined."""
    await kept.put(in_("T1"))
    assert await kept.find("E1", "T1") == in_("T1")
    wide = in_("", "E1", installed_at=NOON + timedelta(hours=1))
    await kept.put(wide)

    assert await kept.find("E1", "T1") == wide

    own = in_("T1", "E1", installed_at=NOON + timedelta(hours=2))
    await kept.put(own)
    assert await kept.find("E1", "T1") == own
    assert await kept.find("E1", "T2") == wide


async def test_installing_again_replaces_the_token(kept: Installations) -> None:
    """Slack may have revoked the old token, and the scopes may have changed."""
    await kept.put(in_("T1"))
    fresh = in_("T1", token="xoxb-new", scopes="commands")

    await kept.put(fresh)

    assert await kept.find("", "T1") == fresh
    assert await kept.counted() == 1


async def test_an_installation_is_somewhere(kept: Installations) -> None:
    """A row without a workspace or organization would match everybody."""
    with pytest.raises(ValueError, match="somewhere"):
        await kept.put(in_(""))


async def test_who_leaves_has_no_token_any_more_and_can_come_back(
    kept: Installations, store: Store
) -> None:
    """The row stays until its data is deleted; installing again still works."""
    await kept.put(in_("T1"))
    await kept.put(in_("T2"))

    gone = await kept.leave("", "T1", NOON)
    again = await kept.leave("", "T1", NOON)

    assert (gone, again) == (True, False)
    assert await kept.find("", "T1") is None
    assert await kept.find("", "T2") == in_("T2")
    assert await kept.left() == [("", "T1")]
    rows = await store.writer.run(
        lambda c: {r.team: r.token for r in c.execute(select(installations))}
    )
    assert rows["T1"] == ""
    await kept.put(in_("T1"))
    await kept.erase("", "T1")  # begun before it was installed again
    assert await kept.find("", "T1") == in_("T1")
    assert await kept.left() == []

    await kept.leave("", "T1", NOON)
    await kept.erase("", "T1")
    assert (await kept.left(), await kept.counted()) == ([], 1)


async def test_a_refused_token_takes_no_newer_one_with_it(kept: Installations) -> None:
    """Slack's refusal of the old token may arrive after a new one was stored."""
    await kept.put(in_("T1", token="xoxb-new"))

    assert not await kept.leave("", "T1", NOON, token="xoxb-old")
    assert await kept.find("", "T1") is not None
    assert await kept.leave("", "T1", NOON, token="xoxb-new")


async def test_a_dump_of_the_table_holds_no_token(
    kept: Installations, store: Store
) -> None:
    """Whoever gets hold of a backup must not be able to post as the bot."""
    await kept.put(in_("T1", token="xoxb-very-secret"))

    dump = await store.writer.run(
        lambda c: str([tuple(row) for row in c.execute(select(installations))])
    )

    assert "T1" in dump
    assert "very-secret" not in dump
    assert "very-secret" not in repr(in_("T1", token="xoxb-very-secret"))


async def test_without_the_key_nothing_is_found_and_it_is_said(
    kept: Installations, store: Store
) -> None:
    """A lost key must be reported to the operator, not treated as an uninstall."""
    await kept.put(in_("T1"))
    other = Installations(store.writer, Vault([new_key()]))

    with pytest.raises(Undecryptable):
        await other.find("", "T1")
    assert await other.newest(10) == [("T1", None)]
    assert await kept.newest(10) == [("T1", in_("T1"))]


PLACES = [
    ("", "T1"),
    ("", "T2"),
    ("E1", "T1"),
    ("E1", "T2"),
    ("E1", ""),
    ("E2", "T1"),
    ("E2", ""),
]
STEPS = st.lists(st.tuples(st.sampled_from(["put", "leave"]), st.sampled_from(PLACES)))


@dear(30)  # each example opens its own databases
@given(steps=STEPS)
def test_whatever_is_installed_or_left_nobody_gets_a_strangers_token(
    migrated: Path, steps: list[tuple[str, tuple[str, str]]]
) -> None:
    """Compared with a plain list: its own token, its organization's, or none."""

    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copyfile(migrated, f"{folder}/calls.db")
            store = Store(f"sqlite:///{folder}/calls.db")
            kept = Installations(store.writer, Vault([KEY]))
            there: dict[tuple[str, str], Installation] = {}
            for number, (step, place) in enumerate(steps):
                if step == "put":
                    at = NOON + timedelta(seconds=number)
                    there[place] = in_(place[1], place[0], installed_at=at)
                    await kept.put(there[place])
                else:
                    left = await kept.leave(*place, NOON)
                    assert left == (there.pop(place, None) is not None)
            for enterprise, team in PLACES:
                fits = [
                    made
                    for (e, t), made in there.items()
                    if (t == team and e in (enterprise, ""))
                    or (e, t) == (enterprise, "")
                ]
                newest = max(fits, key=lambda made: made.installed_at, default=None)
                assert await kept.find(enterprise, team) == newest
            store.close()

    asyncio.run(play())

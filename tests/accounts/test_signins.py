"""A sign-in works once and in one browser only, whatever people do in any order.

Compared with a model that is a dictionary.
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
)
from sqlalchemy import func, select

from bot.accounts.connecting import STATE, TICKET
from bot.calls.people.person import Person
from bot.storage.calls.store import Store
from bot.storage.people.connections import Connections
from bot.storage.people.pending_sign_ins import (
    GOOD_FOR,
    PendingSignIn,
    PendingSignIns,
    hashed,
)
from bot.storage.people.tables import pending_sign_ins
from bot.vault import Vault, new_key
from fakes import FakeClock
from properties import dear

PEOPLE = [
    Person("", "T1", "U1"),
    Person("", "T1", "U2"),
    Person("E1", "T1", "U1"),
    Person("E1", "T2", "U1"),
]
BROWSERS = ["", "one", "another"]


@dataclass(frozen=True)
class Begun:
    """A sign-in as the model knows it."""

    made: PendingSignIn
    used: bool = False


@cache
def _with_tables() -> bytes:
    """Return a database with nothing in it, which is made once for all examples."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "calls.db"
        store = Store(f"sqlite:///{file}")
        asyncio.run(store.open())
        store.close()
        return file.read_bytes()


class Life(RuleBasedStateMachine):
    """Tickets and states are created, viewed, used, stolen, deleted, and expire."""

    secrets = Bundle("secrets")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "calls.db"
        file.write_bytes(_with_tables())
        self.store = Store(f"sqlite:///{file}")
        self.loop.run_until_complete(self.store.open())
        vault = Vault([new_key()])
        self.sign_ins = PendingSignIns(self.store.writer, vault)
        self.connections = Connections(self.store.writer, vault)
        self.clock = FakeClock()
        self.model: dict[str, Begun] = {}

    def teardown(self) -> None:
        """Close the database."""
        self.store.close()
        self.loop.close()
        self.folder.cleanup()

    def good(self, kind: str, secret: str, now: datetime) -> PendingSignIn | None:
        """Return what a secret is valid for, according to the model."""
        begun = self.model.get(secret)
        if begun is None or begun.used or begun.made.kind != kind:
            return None
        return begun.made if begun.made.ends_at > now else None

    @rule(
        target=secrets,
        kind=st.sampled_from([TICKET, STATE]),
        person=st.sampled_from(PEOPLE),
        browser=st.sampled_from(BROWSERS),
    )
    def begin(self, kind: str, person: Person, browser: str) -> str:
        """Somebody asks for a link, or continues to RingCentral."""
        made = PendingSignIn(
            kind, person, "@somebody", self.clock.now() + GOOD_FOR, browser, "verifier"
        )
        secret = self.loop.run_until_complete(self.sign_ins.add(made))
        self.model[secret] = Begun(made)
        return secret

    @rule(secret=secrets, kind=st.sampled_from([TICKET, STATE]))
    def look(self, secret: str, kind: str) -> None:
        """A page is opened, which must not change anything."""
        now = self.clock.now()
        found = self.loop.run_until_complete(self.sign_ins.look(kind, secret, now))
        wanted = self.good(kind, secret, now)

        assert (found is None) == (wanted is None)
        if found is not None and wanted is not None:
            assert found == replace(wanted, browser="")

    @rule(
        secret=secrets,
        kind=st.sampled_from([TICKET, STATE]),
        browser=st.sampled_from(BROWSERS),
    )
    def use(self, secret: str, kind: str, browser: str) -> None:
        """A browser presents the secret, the right browser or another."""
        now = self.clock.now()
        found = self.loop.run_until_complete(
            self.sign_ins.use(kind, secret, now, browser=browser)
        )
        wanted = self.good(kind, secret, now)
        is_right = wanted is not None and wanted.browser == browser

        assert (found is not None) == is_right
        if is_right:
            self.model[secret] = replace(self.model[secret], used=True)

    @rule(secret=secrets, kind=st.sampled_from([TICKET, STATE]))
    def use_hash(self, secret: str, kind: str) -> None:
        """A thief presents a hash from the database, which must not work."""
        stolen = self.sign_ins.use(kind, hashed(secret), self.clock.now())
        assert self.loop.run_until_complete(stolen) is None

    @rule(minutes=st.sampled_from([1, 5, 9, 11, 60 * 24]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.clock.pass_by(minutes * 60)

    @rule()
    def forget(self) -> None:
        """Sign-ins older than a day are deleted."""
        before = self.clock.now() - timedelta(days=1)
        gone = self.loop.run_until_complete(self.sign_ins.delete_ended(before))
        old = [key for key, each in self.model.items() if each.made.ends_at < before]
        for key in old:
            del self.model[key]

        assert gone == len(old)

    @rule(
        enterprise=st.sampled_from(["", "E1"]),
        team=st.sampled_from(["", "T1", "T2"]),
        user=st.sampled_from(["", "U1"]),
    )
    def leave(self, enterprise: str, team: str, user: str) -> None:
        """A workspace, an organization or a user leaves."""
        self.loop.run_until_complete(
            self.connections.erase_within(enterprise, team, user, self.clock.now())
        )
        for key, each in list(self.model.items()):
            who = each.made.person
            if (
                who.enterprise == enterprise
                and (who.team == team or (not team and bool(enterprise)))
                and user in ("", who.user)
            ):
                del self.model[key]

    @rule(target=secrets, secret=secrets)
    def guess(self, secret: str) -> object:
        """Somebody guesses a secret that is almost right."""
        wrong = secret[:-1] + ("A" if secret[-1] != "A" else "B")
        for kind in (TICKET, STATE):
            tried = self.sign_ins.use(kind, wrong, self.clock.now())
            assert self.loop.run_until_complete(tried) is None
        return multiple()

    @invariant()
    def nothing_else_is_there(self) -> None:
        """The table has exactly the rows of the model."""
        query = select(func.count()).select_from(pending_sign_ins)
        held = self.store.writer.run(lambda c: c.scalar(query))
        assert self.loop.run_until_complete(held) == len(self.model)


TestLife = Life.TestCase
TestLife.settings = dear(20, steps=30)

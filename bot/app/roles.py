"""The part of the assembly for who may do what: the policy, and the groups it names."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from bot.app.tempo import Tempo
from bot.background import Background
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.policy.file import ids_in, narrowed
from bot.policy.workspace import WorkspaceId
from bot.settings.outer_bound import rules_of
from bot.settings.settings import Settings
from bot.slack.entrances.events import EventHandler
from bot.storage.calls.store import Store
from bot.storage.people.user_groups import UserGroups
from bot.storage.policy.states import PolicyStates
from bot.switchboard.policy import policy_of
from bot.workspaces.groups import GroupMembers, Groups
from bot.workspaces.workspaces import Workspaces

log = logging.getLogger(__name__)

GROUPS_WITHIN = 3.0
"""Seconds that a start waits for Slack to say who is in the groups that rules name."""


class Roles:
    """The operator's rules, and what reads the members of the groups in them."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._background: Background | None = None
        self._changed: Callable[[Person], None] | None = None
        self._members = GroupMembers()
        self._groups: Groups | None = None
        self.policy = policy_of(settings, self._members.of)

    async def arrive(
        self, slack: Workspaces, background: Background, tempo: Tempo
    ) -> None:
        """Read the groups; wait a few seconds for that at most."""
        policy, self._background = self.policy, background
        self._groups = groups = Groups(
            UserGroups(self._store.writer, self._store.me),
            self._members,
            slack.spaces,
            self._clock,
            named=lambda: policy.users | policy.admins | policy.auditors,
            teams=slack.teams,
            every=tempo.groups,
            saved=self._saved_ids,
            changed=self._tell,
            **({"saved_every": timedelta(0)} if policy.admins else {}),
        )
        if not await background.begin(groups.look(), GROUPS_WITHIN, name="groups"):
            log.info("Slack does not say yet who is in the user groups of the rules")

    def tell_by(self, changed: Callable[[Person], None]) -> None:
        """Call *changed* with each person who joins or leaves a group."""
        self._changed = changed

    def _tell(self, person: Person) -> None:
        if self._changed is not None:
            self._changed(person)

    def look_again(self) -> None:
        """Read the groups' members again: rules or members have changed."""
        if self._background is not None and self._groups is not None:
            self._background.start(self._groups.look_again(), name="groups")

    async def _saved_ids(self) -> set[str]:
        """Return the people and groups in workspaces' own rules, each with its workspace."""
        outer = rules_of(self._settings)
        found: set[str] = set()
        for where, text in (await PolicyStates(self._store.writer).all_rules()).items():
            for each in ids_in(narrowed(outer, text)):
                is_whole = ":" in each
                found.add(
                    each if is_whole else f"{where.team or where.enterprise}:{each}"
                )
        return found

    def events(self) -> dict[str, EventHandler]:
        """Return the handlers of Slack's events about groups."""
        return {} if self._groups is None else self._groups.events()

    def admins_of(self, where: WorkspaceId) -> list[str]:
        """Return the Slack ids of a workspace's admins, as far as they are known."""
        admins = self.policy.admins
        return sorted(self._members.named_by(admins, where.enterprise, where.team))

    def tasks(self) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks to run until the bot stops, by name."""
        return {} if self._groups is None else {"user groups": self._groups.run()}

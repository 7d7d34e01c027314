"""Keeps who is in the user groups that the rules name: by events, else by looks.

Without a named group nothing runs: no request, no transaction.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.calls.people.user_group import UserGroup, groups_in, name_groups
from bot.clock import Clock
from bot.errors import ChatBusy, ChatError, ChatRefused, StoreUnavailable
from bot.slack.entrances.event import SlackEvent
from bot.slack.entrances.events import AfterAck, EventHandler
from bot.slack.posting.spaces import NOT_INSTALLED, Spaces
from bot.slack.posting.user_groups import NO_SUCH_GROUP, members_of
from bot.storage.people.user_groups import GroupsByUser, UserGroups

log = logging.getLogger(__name__)

LOOK_FOR_GROUPS_EVERY = 10.0
"""Seconds until a change that another process has read is known here, too, if its signal
was lost, or there are none."""

READ_AGAIN = timedelta(minutes=5)
"""If no event comes. Slack allows 20 reads a minute and workspace (Slack docs,
"usergroups.users.list", Tier 2)."""

READ_UNKNOWN_AGAIN = timedelta(hours=1)
"""A group that this workspace does not have: perhaps another one's. One that is enabled
again is reported by an event."""

SAVED_RULES_EVERY = timedelta(minutes=5)
"""How often rules are looked for that workspaces have saved, where nobody has an admin's
desk: they come from the command line then."""

READ_AT_ONCE = 10
"""Groups in a look."""

MOST_ASKED_ABOUT = 1_000
"""Workspaces of organizations that are remembered as asked about."""


SavedIds = Callable[[], Awaitable[Collection[str]]]


class GroupMembers:
    """Who is in which groups, as far as this process knows."""

    def __init__(self) -> None:
        self._by_team: Mapping[str, GroupsByUser] = {}
        self.asked: dict[str, str] = {}
        """The organizations of workspaces from which people came, by workspace."""

    def of(self, place: Place) -> frozenset[str]:
        """Return the groups (``S…``) that a person is in."""
        if place.team not in self.asked and len(self.asked) < MOST_ASKED_ABOUT:
            self.asked[place.team] = place.enterprise
        return self._by_team.get(place.team, {}).get(place.user, frozenset())

    def named_by(self, ids: Collection[str], enterprise: str, team: str) -> set[str]:
        """Return the people of a workspace whom *ids* of people and groups name."""
        groups = {each.id for each in groups_in(ids, enterprise, team)}
        known = self._by_team.get(team, {})
        found = {user for user, their in known.items() if their & groups}
        for each in ids:
            user = each.rpartition(":")[2]
            forms = {user, f"{team}:{user}", f"{enterprise}:{user}"}
            if each in forms and not name_groups([each]):
                found.add(user)
        return found

    def learn(self, by_team: Mapping[str, GroupsByUser]) -> set[tuple[str, str]]:
        """Replace what is known; return whose groups have changed: workspace and person."""
        before, self._by_team = self._by_team, by_team
        return {
            (team, user)
            for team in before.keys() | by_team.keys()
            for user, _ in before.get(team, {}).items() ^ by_team.get(team, {}).items()
        }


class Groups:
    """Reads the members of named groups.

    *named* returns the ids of people and groups in the operator's rules, *saved* those in
    the rules that workspaces have saved, each with its workspace; *teams* the workspaces
    that the bot serves, as far as they are listed: each with its organization. *changed* is
    called with each person who has joined or left a group.
    """

    def __init__(
        self,
        rows: UserGroups,
        members: GroupMembers,
        spaces: Spaces,
        clock: Clock,
        *,
        named: Callable[[], Collection[str]],
        teams: Callable[[], Awaitable[list[tuple[str, str]]]],
        every: float = LOOK_FOR_GROUPS_EVERY,
        saved: SavedIds | None = None,
        saved_every: timedelta = SAVED_RULES_EVERY,
        changed: Callable[[Person], None] = lambda _: None,
    ) -> None:
        self._changed = changed
        self._reading = asyncio.Lock()
        """Held while the database is read: a later answer replaces an earlier one."""
        self._saved = saved
        self._saved_every = saved_every
        self._saved_ids: frozenset[str] = frozenset()
        self._saved_at: datetime | None = None
        self._rows = rows
        self._members = members
        self._spaces = spaces
        self._clock = clock
        self._named = named
        self._teams = teams
        self._every = every

    async def run(self) -> None:
        """Look for groups that are due, and for what other processes have read, forever."""
        while True:
            await self._clock.sleep(self._every)
            await self.look()

    async def look(self) -> None:
        """Do one look, if any group is named. Never raises."""
        try:
            await self._read_saved()
            if name_groups(self._all_named()):
                await self._look()
        except (StoreUnavailable, ChatBusy):
            log.info("reading user groups waits for the database or Slack")
        except Exception:  # the next look may succeed
            log.exception("reading user groups failed")

    async def look_again(self) -> None:
        """Do a look, also for rules that were saved just now. Never raises."""
        self._saved_at = None
        await self.look()

    def events(self) -> dict[str, EventHandler]:
        """Return the handlers of Slack's events about user groups."""
        return {
            "subteam_members_changed": self._reported,
            "subteam_updated": self._reported,
        }

    async def _reported(self, event: SlackEvent) -> AfterAck | None:
        """Have a named group read again; the event does not name all members."""
        named = groups_in(self._all_named(), event.enterprise, event.team)
        group = UserGroup(event.enterprise, event.team, event.group)
        if group not in named:
            return None
        await self._rows.expect(group, self._clock.now())
        return self.look

    def _all_named(self) -> frozenset[str]:
        return self._saved_ids.union(self._named())

    async def _read_saved(self) -> None:
        async with self._reading:
            now, last = self._clock.now(), self._saved_at
            if self._saved and (last is None or now - last >= self._saved_every):
                self._saved_at = now  # before the read, during which rules may change
                try:
                    self._saved_ids = frozenset(await self._saved())
                except BaseException:
                    self._saved_at = last
                    raise

    async def _look(self) -> None:
        teams = {team: org for org, team in await self._teams() if team}
        served = self._members.asked | teams
        now, wanted = self._clock.now(), self._wanted(served)
        for group in await self._rows.lease_due(wanted, now, READ_AT_ONCE):
            await self._read(group, now)
        async with self._reading:
            differ = self._members.learn(await self._rows.by_team())
        for team, user in differ:
            self._changed(Person(served.get(team, ""), team, user))

    def _wanted(self, served: Mapping[str, str]) -> set[UserGroup]:
        named = self._all_named()
        found: set[UserGroup] = set()
        for team, enterprise in served.items():
            found |= groups_in(named, enterprise, team)
        return found

    async def _read(self, group: UserGroup, leased: datetime) -> None:
        try:
            client = await self._spaces.client(group.enterprise, group.team)
            members = await members_of(client, group)
        except ChatError as error:
            await self._failed(group, leased, error)
        else:
            await self._rows.put(group, members, leased, leased + READ_AGAIN)

    async def _failed(
        self, group: UserGroup, leased: datetime, error: ChatError
    ) -> None:
        """Keep the last members, unless Slack says that there is no such group."""
        word = type(error).__name__
        if isinstance(error, ChatRefused):
            word = error.error
        if word == NO_SUCH_GROUP:
            again = leased + READ_UNKNOWN_AGAIN
            await self._rows.put(group, (), leased, again, word)
            return
        if word == NOT_INSTALLED:
            self._members.asked.pop(group.team, None)
        again = leased + READ_AGAIN
        is_new = await self._rows.put_off(group, leased, again, word[:64])
        if is_new and isinstance(error, ChatRefused):
            log.warning("Slack does not say who is in %s: %s", group.key, word)

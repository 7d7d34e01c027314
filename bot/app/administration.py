"""The part of the assembly for admins: their desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from bot.accounts.disconnecting import Disconnecting
from bot.admin.alerts import Alerts
from bot.admin.asking import AskingAdmins
from bot.admin.desk import Desk
from bot.admin.home import DeskHome
from bot.admin.people import DeskPeople
from bot.admin.request_posts import RequestPosts
from bot.admin.rules import DeskRules
from bot.app.people import People
from bot.app.roles import Roles
from bot.app.tempo import Tempo
from bot.calls.call import Place
from bot.calls.people.person import Person
from bot.clock import Clock
from bot.cluster.member import Member
from bot.policy.workspace import WorkspaceId
from bot.settings.outer_bound import rules_of
from bot.settings.settings import Settings
from bot.slack.posting.homes import Homes
from bot.slack.posting.marks import Marks
from bot.slack.texts.contact import Contact
from bot.storage.calls.store import Store
from bot.storage.desk_rows import DeskRows
from bot.storage.policy.admin_requests import AdminRequests
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.storage.reports.findings import Findings
from bot.switchboard.calls import Switchboard
from bot.workspaces.workspaces import Workspaces


class Administration:
    """Makes what admins do at their desk; Homes are told of changes once they are there.

    *report* is what ``/readyz`` tells, *budget* the use and the limit of each rate group.
    """

    def __init__(
        self,
        settings: Settings,
        roles: Roles,
        store: Store,
        clock: Clock,
        disconnecting: Disconnecting,
        people: People,
        *,
        report: Callable[[], Awaitable[dict[str, Any]]],
        budget: Callable[[], Mapping[str, tuple[int, int]]],
    ) -> None:
        self._roles, policy = roles, roles.policy
        self._settings = settings
        self._store = store
        self._clock = clock
        self._posts: RequestPosts | None = None
        self._homes: Homes | None = None
        states = PolicyStates(store.writer, store.me)
        rows, audit = DeskRows(store.writer), Audit(store.writer)
        self.desk = Desk(
            states,
            DoNotCallList(store.writer),
            audit,
            policy,
            clock,
            changed=self._changed,
            end_waits=store.end_waits,
        )
        self.rules = DeskRules(
            states, rules_of(settings), policy, clock, changed=self._changed
        )
        self.people = DeskPeople(
            rows,
            policy,
            disconnect=disconnecting.disconnect,
            tell=people.disconnected,
            changed=self._show,
        )
        self.home = DeskHome(
            states, self.rules, rows, audit, policy, report=report, budget=budget
        )

    def handlers(
        self, slack: Workspaces, switchboard: Switchboard
    ) -> tuple[Desk, DeskRules, DeskPeople, AskingAdmins]:
        """Return what handles what people do at the desk, and what they ask admins."""
        rows = AdminRequests(self._store.writer)
        self._posts = RequestPosts(
            rows,
            Marks(slack.spaces, self._clock),
            self._clock,
            Contact(self._settings.ringout_admin_contact),
            full=self._settings.full_numbers,
        )
        asking = AskingAdmins(
            rows, switchboard, self._roles.policy, self._clock, wake=self._posts.wake
        )
        return self.desk, self.rules, self.people, asking

    def tasks(
        self, slack: Workspaces, tempo: Tempo
    ) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the tasks to run until the bot stops; none where there are no admins."""
        found: dict[str, Coroutine[Any, Any, None]] = {}
        if not self._roles.policy.admins:
            return found
        alerts = Alerts(
            Findings(self._store.writer),
            Marks(slack.spaces, self._clock),
            self._clock,
            admins_of=self._roles.admins_of,
            every=tempo.alerts,
        )
        found["alerts"] = alerts.run()
        if self._posts is not None and self._roles.policy.admin_channels:
            found["requests to admins"] = self._posts.run()
        return found

    def show_by(self, homes: Homes, member: Member) -> None:
        """From now on, publish Homes again on each change, here or in another process."""
        self._homes = homes
        self._roles.tell_by(homes.changed)
        member.hear_policy_by(self._heard)

    def _changed(self, place: Place) -> None:
        """Show a change to whoever made it, and to the admins."""
        self._show(place.person)
        self._heard(WorkspaceId.of(place))

    def _heard(self, where: WorkspaceId | None) -> None:
        """Take a change of a workspace's rules, its pause, or who is in its groups."""
        self._roles.look_again()
        if where is not None:
            for user in self._roles.admins_of(where):
                self._show(Person(where.enterprise, where.team, user))

    def _show(self, person: Person) -> None:
        if self._homes is not None:
            self._homes.changed(person)

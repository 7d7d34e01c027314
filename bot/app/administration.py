"""The part of the assembly for admins: their desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from bot.accounts.disconnecting import Disconnecting
from bot.admin.alerts import Alerts
from bot.admin.desk import Desk
from bot.admin.home import DeskHome
from bot.admin.people import DeskPeople
from bot.admin.rules import DeskRules
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
from bot.storage.calls.store import Store
from bot.storage.desk_rows import DeskRows
from bot.storage.policy.audit import Audit
from bot.storage.policy.do_not_call import DoNotCallList
from bot.storage.policy.states import PolicyStates
from bot.storage.reports.findings import Findings
from bot.workspaces.workspaces import Workspaces


def alerts_of(
    roles: Roles, store: Store, slack: Workspaces, clock: Clock, tempo: Tempo
) -> dict[str, Coroutine[Any, Any, None]]:
    """Return the task that tells admins of what looks odd; none where there are none."""
    if not roles.policy.admins:
        return {}
    alerts = Alerts(
        Findings(store.writer),
        Marks(slack.spaces, clock),
        clock,
        admins_of=roles.admins_of,
        every=tempo.alerts,
    )
    return {"alerts": alerts.run()}


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
        *,
        report: Callable[[], Awaitable[dict[str, Any]]],
        budget: Callable[[], Mapping[str, tuple[int, int]]],
    ) -> None:
        self._roles, policy = roles, roles.policy
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
            changed=self._show,
        )
        self.home = DeskHome(
            states, self.rules, rows, audit, policy, report=report, budget=budget
        )

    def show_by(self, homes: Homes, member: Member) -> None:
        """Publish Homes anew from now on when something changes, here or elsewhere."""
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

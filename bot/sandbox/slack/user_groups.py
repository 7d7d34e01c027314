"""User groups: ``usergroups.users.list``, and what Slack reports of their changes.

Source: Slack docs, "usergroups.users.list", "subteam_members_changed" and
"subteam_updated".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.answers import Args, Json, Method, Problem
from bot.sandbox.slack.workspace import Workspace

GROUPS_SCOPE = "usergroups:read"


@dataclass(slots=True)
class UserGroup:
    """A group: its people, and whether it is disabled."""

    id: str
    handle: str
    users: list[str] = field(default_factory=list)
    is_disabled: bool = False
    updated: int = 1_700_000_000


@dataclass(slots=True)
class UserGroups:
    """The groups of one workspace.

    Attributes:
        groups: By id.
        is_free_plan: Whether the workspace has none, as on Slack's free plan.
    """

    workspace: Workspace
    groups: dict[str, UserGroup] = field(default_factory=dict)
    is_free_plan: bool = False

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        return {"usergroups.users.list": Method(self._users, GROUPS_SCOPE)}

    def put(self, group: str, users: list[str]) -> Json:
        """Let *users*, by id, be the people of a group; return the event about it."""
        known = self.groups.setdefault(group, UserGroup(group, group.lower()))
        added = [each for each in users if each not in known.users]
        removed = [each for each in known.users if each not in users]
        before, known.users = known.updated, list(users)
        known.updated += 1
        return {
            "type": "subteam_members_changed",
            "subteam_id": group,
            "team_id": self.workspace.team,
            "date_previous_update": before,
            "date_update": known.updated,
            "added_users": added,
            "added_users_count": len(added),
            "removed_users": removed,
            "removed_users_count": len(removed),
        }

    def disable(self, group: str) -> Json:
        """Disable a group; return the event about it."""
        known = self.groups[group]
        known.is_disabled = True
        known.updated += 1
        return {"type": "subteam_updated", "subteam": self._shown(known)}

    def _shown(self, group: UserGroup) -> Json:
        return {
            "id": group.id,
            "team_id": self.workspace.team,
            "is_usergroup": True,
            "name": group.handle,
            "description": "",
            "handle": group.handle,
            "is_external": False,
            "date_create": 1_700_000_000,
            "date_update": group.updated,
            "date_delete": group.updated if group.is_disabled else 0,
            "auto_type": None,
            "created_by": self.workspace.users[0].id,
            "updated_by": self.workspace.users[0].id,
            "deleted_by": None,
            "prefs": {"channels": [], "groups": []},
            "users": list(group.users),
            "user_count": len(group.users),
        }

    def _users(self, args: Args) -> Json:
        if self.is_free_plan:
            raise Problem("plan_upgrade_required")
        group = self.groups.get(args.required("usergroup"))
        if self.workspace.is_org_wide and not args.text("team_id"):
            raise Problem.invalid(
                "invalid_arguments", "missing required field: team_id"
            )
        if group is None or (group.is_disabled and not args.flag("include_disabled")):
            raise Problem("no_such_subteam")
        return {"ok": True, "users": list(group.users)}

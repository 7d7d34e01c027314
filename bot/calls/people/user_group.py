"""Slack's user groups, which the operator's lists of people may name beside people."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

GROUP_ID = re.compile(r"S[A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A user group of one workspace.

    Attributes:
        enterprise: The workspace's organization; empty if it belongs to none.
        team: The workspace's id, which is unique in all of Slack.
        id: The group's own id, ``S…``.
    """

    enterprise: str
    team: str
    id: str

    @property
    def key(self) -> str:
        """What names the group among those of all workspaces."""
        return f"{self.team}:{self.id}"


def groups_in(ids: Collection[str], enterprise: str, team: str) -> frozenset[UserGroup]:
    """Return the groups that *ids* may mean in a workspace.

    An id may have its workspace (``T1:S1``) or organization (``E1:S1``) before it.
    """
    found = set()
    for each in ids:
        group = each.rpartition(":")[2]
        forms = {group, f"{team}:{group}", f"{enterprise}:{group}"}
        if each in forms and GROUP_ID.fullmatch(group):
            found.add(UserGroup(enterprise, team, group))
    return frozenset(found)


def name_groups(ids: Collection[str]) -> bool:
    """Return whether any of *ids* is a user group's."""
    return any(GROUP_ID.fullmatch(each.rpartition(":")[2]) for each in ids)

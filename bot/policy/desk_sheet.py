"""What the admin's desk shows, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.policy.rule_fields import narrowest
from bot.policy.rules import PolicyRules
from bot.policy.wish import DoNotCall, Pause
from bot.policy.workspace import AuditRow, PolicyState


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """A pause that holds; *is_new*: whether this request has begun it."""

    pause: Pause
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What was taken off the do-not-call list.

    Attributes:
        was_there: Whether it was on the list.
        covered_by: The entry because of which it still can't be called.
    """

    entry: DoNotCall
    was_there: bool
    covered_by: DoNotCall | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Rows of the audit, the newest first.

    Attributes:
        since: Older rows are left out.
        before: The id of the row after which the page begins; None on the first one.
        has_more: Whether there are more rows than these since then.
    """

    rows: tuple[AuditRow, ...]
    since: datetime
    before: int | None = None
    has_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInPerson:
    """Somebody who has connected a RingCentral account.

    Attributes:
        name: The account's owner, as RingCentral says; not escaped.
        is_broken: Whether their sign-in has ended, and they have to connect again.
    """

    user: str
    name: str
    connected_at: datetime
    is_broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesSheet:
    """A workspace's rules, with what may be changed.

    Attributes:
        outer: The operator's, which are never widened.
        rules: The workspace's own, as they were saved; perhaps wider than *outer* by now.
        version: Goes up with each change; one that was made meanwhile is not overwritten.
        can_undo: Whether the last change can be undone.
    """

    outer: PolicyRules
    rules: PolicyRules
    version: int = 0
    can_undo: bool = False
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def in_force(self) -> PolicyRules:
        """The rules as they count: those that the operator has tightened since, narrowed."""
        return narrowest(self.outer, self.rules)

    @classmethod
    def of(
        cls, outer: PolicyRules, rules: PolicyRules, state: PolicyState
    ) -> RulesSheet:
        """Return the sheet of the rules that are stored as *state*."""
        return cls(
            outer=outer,
            rules=rules,
            version=state.version,
            can_undo=state.previous is not None,
            changed_by=state.changed_by,
            changed_at=state.changed_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSheet:
    """What the desk on an admin's Home shows.

    Attributes:
        health: Whether each part of the bot works, by its name, as ``/readyz`` tells.
        budgets: Requests sent of late by the shared account, and the limit, by rate group.
        open_calls: Calls of this workspace that are going on.
        signed_in, broken: How many people are connected, and whose sign-in has ended.
        hooks_waiting: Events that another system is still owed.
        blocked: Entries of the do-not-call list.
        decisions: The last rows of the audit.
    """

    rules: RulesSheet
    pause: Pause | None = None
    health: Mapping[str, bool] = field(default_factory=dict)
    budgets: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    open_calls: int = 0
    signed_in: int = 0
    broken: tuple[str, ...] = ()
    hooks_waiting: int = 0
    blocked: int = 0
    decisions: tuple[AuditRow, ...] = ()

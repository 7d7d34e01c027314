"""Numbers that nobody may call, and the pause, in which nobody may call at all."""

from __future__ import annotations

from collections.abc import Iterator

from bot.policy.decision import Objection
from bot.policy.rules import Rule, Ruling
from bot.policy.wish import Counts


def do_not_call(counts: Counts) -> Iterator[Objection]:
    """Object to a number on the do-not-call list."""
    entry = counts.do_not_call
    if entry:
        yield Objection(
            rule=Rule.DO_NOT_CALL,
            ruling=Ruling.REFUSE,
            at=entry.added_at,
            who=entry.by,
            text=entry.reason,
        )


def paused(counts: Counts) -> Iterator[Objection]:
    """Object while the workspace's calls are paused."""
    pause = counts.pause
    if pause:
        yield Objection(
            rule=Rule.PAUSED,
            ruling=Ruling.REFUSE,
            at=pause.since,
            who=pause.by,
            text=pause.reason,
        )

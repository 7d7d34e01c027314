"""How often a number may be called, whoever calls it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.policy.decision import Objection
from bot.policy.rules import Limit, PolicyRules, Rule
from bot.policy.wish import Counts, Earlier, Wish


def throttle(
    wish: Wish, now: datetime, counts: Counts, rules: PolicyRules
) -> Iterator[Objection]:
    """Object where the number has had as many calls as a limit allows.

    Numbers of colleagues and of the company are exempt.
    """
    if not counts.earlier or wish.is_exempt:
        return
    newest_first = sorted(counts.earlier, key=lambda each: each.at, reverse=True)
    for limit in rules.throttle:
        span = timedelta(seconds=limit.seconds)
        within = [each for each in newest_first if now - each.at < span]
        if len(within) >= limit.most:
            yield _objection(limit, within)


def _objection(limit: Limit, within: list[Earlier]) -> Objection:
    last = within[0]
    return Objection(
        rule=Rule.THROTTLE,
        ruling=limit.ruling,
        found=len(within),
        limit=limit.most,
        seconds=limit.seconds,
        at=last.at,
        who=last.by,
        until=within[limit.most - 1].at + timedelta(seconds=limit.seconds),
    )

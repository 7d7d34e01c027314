"""One person's own limits at the desk."""

from __future__ import annotations

from bot.policy.rule_limits import limits_of, with_limit
from bot.policy.rules import PolicyRules, Section

IN_SALES = Section(
    who=frozenset({"UANN"}), where=frozenset({"CSALES"}), calls_per_day=40
)
BOTH = Section(who=frozenset({"UANN", "UBOB"}), calls_per_day=9)


def test_a_persons_limits_leave_what_is_written_for_them_elsewhere() -> None:
    """A section for one channel, or for several people, is the policy file's."""
    rules = PolicyRules(sections=(IN_SALES, BOTH))

    limited, wrong = with_limit(rules, "UANN", {"calls_per_day": "3"})
    freed, _ = with_limit(limited, "UANN", {"calls_per_day": ""})

    assert wrong == {}
    assert limited.sections[:2] == (IN_SALES, BOTH)
    assert limits_of(limited, "UANN").calls_per_day == 3
    assert limits_of(rules, "UANN").calls_per_day is None
    assert freed == rules

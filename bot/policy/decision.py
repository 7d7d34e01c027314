"""What the rules say to a wish to call: each for itself, and all together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.policy.rules import Rule, Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What one rule says to a wish, with the values that its words need.

    Attributes:
        found: How many were counted: calls, or minutes. For quiet hours, how many time
            zones the number may be in.
        limit: How many the rule allows.
        seconds: Within how many seconds they are counted.
        at: When the last call was, when the pause began, or when the entry was made; for
            quiet hours, first-time and foreign numbers the time now in the callee's zone,
            if that is known.
        who: The Slack id of who placed that call, paused, or made the entry.
        until: When it may be tried again, if that is known.
        text: What a person wrote as the reason (not escaped), the number's region (ISO), a
            `Tariff`, a `Doubt`, or for quiet hours the name of the time zone.
        kind: For first-time and foreign numbers, what kind it is: `NumberKind`.
        is_everybodys: Whether the cap is the one for all people together.
    """

    rule: Rule
    ruling: Ruling
    found: int = 0
    limit: int = 0
    seconds: int = 0
    at: datetime | None = None
    who: str = ""
    until: datetime | None = None
    text: str = ""
    kind: str = ""
    is_everybodys: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What all rules together say.

    Attributes:
        objections: What spoke against the call: of a refusal the one that decided; of a
            question all that the person is asked about, in one question; of a call that
            is allowed none.
        warnings: Caps that are used by 80 % or more.
        openable: Of a refusal all that refuse, one of each rule, if an admin may be asked
            to open every one of them; else none.
    """

    ruling: Ruling = Ruling.ALLOW
    objections: tuple[Objection, ...] = ()
    warnings: tuple[Objection, ...] = ()
    openable: tuple[Objection, ...] = ()

    @property
    def rule(self) -> Rule | None:
        """The rule that decided; None if nothing spoke against the call."""
        return self.objections[0].rule if self.objections else None

    @property
    def rules(self) -> frozenset[Rule]:
        """All rules that objected."""
        return frozenset(each.rule for each in self.objections)


ALLOWED = Decision()

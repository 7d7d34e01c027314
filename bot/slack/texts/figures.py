"""Sums over calls, as lines that people read."""

from __future__ import annotations

from bot.calls.figures import Figures
from bot.calls.log.outcome import measurable
from bot.slack.texts.text import foreign, spoken

MOST_OUTCOMES_TOLD = 25
"""As many as an operator can offer; earlier words may be left from before."""

MAY_BE_MACHINE = "A machine may have answered, too."


def calls_line(sums: Figures) -> str:
    """Return how many calls there were, and of how many nothing else is counted."""
    parts = {
        "not placed": sums.not_placed,
        "still going on": sums.going_on,
        "private, only counted": sums.private,
    }
    said = ", ".join(f"{count} {name}" for name, count in parts.items() if count)
    return f"Calls: {sums.calls}" + (f" ({said})" if said else "")


def rate_line(sums: Figures) -> str:
    """Return the answer rate, with what it is a rate of."""
    if sums.answer_rate is None:
        return "Answer rate: not known yet."
    calls = "call" if sums.judged == 1 else "calls"
    return (
        f"Answer rate: {sums.answer_rate} % ({sums.answered} of {sums.judged} {calls} "
        f"with a known result). {MAY_BE_MACHINE}"
    )


def lines(sums: Figures, to_call_back: int) -> list[str]:
    """Return all sums, a line each; outcomes only if there are any."""
    said = [
        calls_line(sums),
        f"Connected: {sums.connected}",
        rate_line(sums),
    ]
    if measurable(sums.talked):
        said.append(f"Talk time: {spoken(sums.talked)}")
    if sums.outcomes:
        said.append(f"Outcomes: {_outcomes(sums)}")
    return [*said, f"To call back: {to_call_back}"]


def _outcomes(sums: Figures) -> str:
    ranked = sorted(sums.outcomes.items(), key=lambda each: (-each[1], each[0]))
    told = ", ".join(
        f"{foreign(word)} {count}" for word, count in ranked[:MOST_OUTCOMES_TOLD]
    )
    left = sum(count for _, count in ranked[MOST_OUTCOMES_TOLD:])
    return f"{told}, others {left}" if left else told

"""Settings of properties whose examples cost much."""

from __future__ import annotations

from hypothesis import settings

STEPS = settings().stateful_step_count


def dear(most: int, *, steps: int = STEPS) -> settings:
    """Return settings of *most* examples, or of fewer where the run tries fewer."""
    few = min(most, settings().max_examples)
    return settings(max_examples=few, stateful_step_count=steps)

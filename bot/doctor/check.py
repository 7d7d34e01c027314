"""A check of the doctor, and the line that its result becomes in the report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.errors import BotError, DevelopmentDatabase

NAMED_AT_MOST = 10

Check = Callable[[], Awaitable[str]]
"""Returns in words what it found. Raises `CheckFailed`."""


class CheckFailed(Exception):
    """A check that failed: *what* was found, and *then* what to do.

    *is_warning*: the bot works all the same, and the doctor's exit code is not 1 for it.
    """

    def __init__(self, what: str, then: str, *, is_warning: bool = False) -> None:
        super().__init__(what)
        self.then = then
        self.is_warning = is_warning


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; *then* says what to do, and is empty if all is well."""

    name: str
    what: str
    then: str = ""
    is_warning: bool = False

    @property
    def is_failure(self) -> bool:
        """Whether the doctor's exit code is 1."""
        return bool(self.then) and not self.is_warning

    @property
    def lines(self) -> str:
        """Return the finding as it is printed."""
        mark = "warn" if self.is_warning else "FAIL" if self.is_failure else "ok  "
        then = f"      -> {printable(self.then)}\n" if self.then else ""
        return f"{mark}  {printable(f'{self.name}: {self.what}')}\n{then}"


async def found(name: str, check: Check) -> Finding:
    """Run a check and return its result, an exception included.

    Raises:
        DevelopmentDatabase: The other checks need not run.
    """
    try:
        return Finding(name, await check())
    except CheckFailed as failed:
        return Finding(name, str(failed), failed.then, failed.is_warning)
    except DevelopmentDatabase:
        raise
    except (BotError, OSError) as error:
        return Finding(name, str(error), "Check the address and the network.")


def few(found: Sequence[str]) -> str:
    """Return the first ten, and how many more there are."""
    left = len(found) - NAMED_AT_MOST
    more = [f"{left} more"] if left > 0 else []
    return ", ".join([*found[:NAMED_AT_MOST], *more])


def printable(text: str) -> str:
    """Return *text* without control characters: names come from outside."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)

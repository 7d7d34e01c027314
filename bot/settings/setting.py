"""A row of `bot.settings.settings`, which says all there is to say about a setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

T = TypeVar("T")

Texts = Mapping[str, str]
"""Every setting's text by its name, stripped; empty if it is not set."""


class Malformed(ValueError):
    """A text can't be read. Its message follows the setting's name: "must be …"."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """How a setting is read, and what the docs say about it."""

    who: str
    """Who needs it: the caption of a table in the docs."""
    read: Callable[[str], T]
    """Turns the text into the value. Raises `Malformed`."""
    default: str | Callable[[Texts], str]
    """The text to read if it is not set; may follow from the other settings."""
    shown: str
    """The default in words, for the docs; empty if its text will do."""
    example: str
    """What ``.env.example`` has, if not the default."""

    def default_text(self, texts: Texts) -> str:
        """Return the text to read if the setting is not set."""
        return self.default if isinstance(self.default, str) else self.default(texts)


def setting(
    who: str,
    read: Callable[[str], T],
    default: str | Callable[[Texts], str] = "",
    *,
    shown: str = "",
    example: str = "",
    secret: bool = False,
) -> T:
    """Declare a field of `Settings`; its name in capitals is the variable's name.

    The text below the field is its help. A *secret* stays out of the repr. Returns a
    dataclass field, typed as its value so that mypy compares *read* with the annotation.
    """
    row = Setting(who, read, default, shown, example)
    return cast("T", field(repr=not secret, metadata={Setting: row}))

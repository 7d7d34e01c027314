"""One row of `bot.settings.settings`: all there is to say of one setting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar, cast

T = TypeVar("T")

Texts = Mapping[str, str]
"""The text of every setting by its name, stripped; empty where it is not set."""


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """How a setting is read, and what the docs say of it."""

    who: str
    """Who needs it: the caption of their part of the docs' table."""
    read: Callable[[str], T]
    """Turns the text into the value. Raises `Malformed`."""
    help: str
    default: str | Callable[[Texts], str]
    """The text to read where it is not set, or a function of the other settings."""
    shown: str
    """The default in words, where its text does not tell."""
    example: str
    """What ``.env.example`` has, if not the default."""

    def default_text(self, texts: Texts) -> str:
        """Return the text to read where the setting is not set."""
        return self.default if isinstance(self.default, str) else self.default(texts)


def setting(
    who: str,
    read: Callable[[str], T],
    text: str,
    default: str | Callable[[Texts], str] = "",
    *,
    shown: str = "",
    example: str = "",
    secret: bool = False,
) -> T:
    """Declare a field of `Settings`; its name in capitals is the variable's.

    *text* is the help. A *secret* stays out of the repr. The return type lets mypy
    compare what *read* returns with the field's annotation.
    """
    row = Setting(who, read, text, default, shown, example)
    return cast("T", field(repr=not secret, metadata={Setting: row}))

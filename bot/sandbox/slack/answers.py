"""Calls of Web API methods: their arguments, answers and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MESSAGES = "response_metadata"


class Problem(Exception):
    """A call fails with the Slack error *word*."""

    def __init__(self, word: str, **more: Any) -> None:
        super().__init__(word)
        self.word = word
        self.more = more

    @classmethod
    def invalid(cls, word: str, message: str) -> Problem:
        """Return a problem with a message, as Slack gives for invalid arguments."""
        return cls(word, **{MESSAGES: {"messages": [f"[ERROR] {message}"]}})

    def in_view(self) -> Problem:
        """Return the same for a view's blocks: Slack has another error word there."""
        found = self.more.get(MESSAGES, {}).get("messages", [])
        told = [each.replace("json-pointer:", "json-pointer:/view") for each in found]
        return Problem("invalid_arguments", **{MESSAGES: {"messages": told}})

    @property
    def body(self) -> Json:
        """The JSON of the answer."""
        return {"ok": False, "error": self.word, **self.more}


@dataclass(frozen=True, slots=True)
class Args:
    """A call's arguments, which are all strings if it is a form, and its token."""

    values: Mapping[str, Any]
    token: str = field(default="", repr=False)

    def text(self, name: str) -> str:
        """Return the argument as a string; empty if missing."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Return the argument as a string; `Problem` if it is missing or empty."""
        value = self.text(name)
        if not value:
            raise Problem.invalid(
                "invalid_arguments", f"missing required field: {name}"
            )
        return value

    def flag(self, name: str) -> bool:
        """Return whether the argument is ``true`` or ``1``."""
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, default: int, most: int) -> int:
        """Return the argument as an integer, lowered to *most*; `Problem` below 1."""
        text = self.text(name) or str(default)
        if not text.isdigit() or not int(text):
            raise Problem("invalid_limit" if name == "limit" else "invalid_arguments")
        return min(int(text), most)

    def value(self, name: str) -> Any:
        """Return the argument unchanged; None if missing."""
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method, and the scope and kind of token that it needs."""

    answer: Callable[[Args], Json]
    scope: str = ""
    token: str = "bot"  # noqa: S105 - a kind of token


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: `garbage` if given, else `body` as JSON, else `text`."""

    status: int = 200
    body: Json | None = None
    text: str = ""
    garbage: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """Slack's error word; empty if the call succeeded."""
        if self.body is not None:
            return str(self.body.get("error", ""))
        return "" if self.text == "ok" else self.text

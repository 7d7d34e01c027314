"""How a Web API method is asked and how it refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MESSAGES = "response_metadata"


class Problem(Exception):
    """A method refuses, with Slack's word for it."""

    def __init__(self, word: str, **more: Any) -> None:
        super().__init__(word)
        self.word = word
        self.more = more

    @classmethod
    def invalid(cls, word: str, message: str) -> Problem:
        """Return one that also says what is wrong, as Slack does for arguments."""
        return cls(word, **{MESSAGES: {"messages": [f"[ERROR] {message}"]}})

    def in_view(self) -> Problem:
        """Return the same for blocks of a view, which have another word for it."""
        found = self.more.get(MESSAGES, {}).get("messages", [])
        told = [each.replace("json-pointer:", "json-pointer:/view") for each in found]
        return Problem("invalid_arguments", **{MESSAGES: {"messages": told}})

    @property
    def body(self) -> Json:
        """The answer's JSON."""
        return {"ok": False, "error": self.word, **self.more}


@dataclass(frozen=True, slots=True)
class Args:
    """A call's arguments, those of a form are all text; and the token it came with."""

    values: Mapping[str, Any]
    token: str = field(default="", repr=False)

    def text(self, name: str) -> str:
        """Return the argument as text; empty if it was not given."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def required(self, name: str) -> str:
        """Return the argument, or refuse the call as Slack does without it."""
        value = self.text(name)
        if not value:
            raise Problem.invalid(
                "invalid_arguments", f"missing required field: {name}"
            )
        return value

    def flag(self, name: str) -> bool:
        """Return whether the argument is true, in any of its spellings."""
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, default: int, most: int) -> int:
        """Return the argument as a whole number from 1 to *most*."""
        text = self.text(name) or str(default)
        if not text.isdigit() or not int(text):
            raise Problem("invalid_limit" if name == "limit" else "invalid_arguments")
        return min(int(text), most)

    def value(self, name: str) -> Any:
        """Return the argument as it is; None if it was not given."""
        return self.values.get(name)


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method: what it does, and what its caller must have."""

    answer: Callable[[Args], Json]
    scope: str = ""
    token: str = "bot"  # noqa: S105 - the kind of token, not one


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: JSON, or a text if there is one, or `garbage` in their stead."""

    status: int = 200
    body: Json | None = None
    text: str = ""
    garbage: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """Slack's word for what is wrong; empty if nothing is."""
        if self.body is not None:
            return str(self.body.get("error", ""))
        return "" if self.text == "ok" else self.text

"""Where settings come from: the environment, ``slack run``, and ``.env``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import unknown
from bot.settings.settings import NAMES

FROM_SLACK_CLI = {
    "SLACK_BOT_TOKEN": "SLACK_CLI_XOXB",
    "SLACK_APP_TOKEN": "SLACK_CLI_XAPP",
}
"""What ``slack run`` calls the tokens of the app that it has just installed."""

NOT_FILLED_IN = {"", "xoxb-", "xapp-"}
"""What ``.env.example`` has where a token belongs."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The process's environment, and what is written in ``.env``."""

    environment: Mapping[str, str]
    written: Mapping[str, str | None]

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: Path) -> Sources:
        """Read *folder*'s ``.env``, if there is one."""
        return cls(environment, dotenv_values(folder / ".env"))

    @property
    def texts(self) -> dict[str, str]:
        """The environment, over what ``slack run`` gives, over ``.env``."""
        given = {
            ours: self.environment.get(theirs)
            for ours, theirs in FROM_SLACK_CLI.items()
        }
        return {
            name: text
            for source in (self.written, given, self.environment)
            for name, text in source.items()
            if text is not None and text not in NOT_FILLED_IN
        }

    @property
    def unknown(self) -> list[unknown.Unknown]:
        """The names that are no settings, though somebody may have meant one."""
        return [
            *unknown.written(self.written, NAMES),
            *unknown.set_in(self.environment, NAMES),
        ]

"""Where settings come from: the environment, ``slack run``, and ``.env``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import BadSettings
from bot.settings import unknown
from bot.settings.settings import NAMES

FROM_SLACK_CLI = {
    "SLACK_BOT_TOKEN": "SLACK_CLI_XOXB",
    "SLACK_APP_TOKEN": "SLACK_CLI_XAPP",
}
"""What ``slack run`` calls the tokens of the app that it has just installed."""

NOT_FILLED_IN = {"", "xoxb-", "xapp-"}
"""What ``.env.example`` has in place of a secret."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The environment of the process, and the content of ``.env``."""

    environment: Mapping[str, str] = field(repr=False)
    written: Mapping[str, str | None] = field(repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str], folder: Path) -> Sources:
        """Read the ``.env`` in *folder*, if there is one.

        Raises:
            BadSettings: It can't be read.
        """
        file = folder / ".env"
        if file.is_dir():  # python-dotenv would take it for none
            raise BadSettings(".env can't be read: it is a folder")
        try:
            return cls(environment, dotenv_values(file))
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise BadSettings(f".env can't be read: {why}") from None

    @property
    def texts(self) -> dict[str, str]:
        """Each name's text. ``slack run`` wins over ``.env``, the environment over both."""
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
        """Names that may be misspelled settings."""
        return [
            *unknown.written(self.written, NAMES),
            *unknown.set_in(self.environment, NAMES),
        ]

"""The environment, read once: every setting, its default, what it means.

`SETTINGS` is the schema; the README's table and ``.env.example`` are held to it by a
test. `.env` in the working directory is read through python-dotenv; the real
environment wins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import phonenumbers
from dotenv import dotenv_values

from bot.calls.following import Timing
from bot.calls.phone import PhoneNumber, parse
from bot.errors import BadSettings, UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything from the environment. Secrets stay out of the repr."""

    slack_bot_token: str = field(repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 3000
    slack_api_url: str = "https://slack.com/api/"
    rc_server_url: str = "https://platform.ringcentral.com"
    rc_app_client_id: str = field(repr=False)
    rc_app_client_secret: str = field(repr=False)
    rc_user_jwt: str = field(repr=False)
    database_url: str = field(default="sqlite:///ringout.db", repr=False)
    """May hold a password, so it is kept out of the repr too."""
    ringout_from: PhoneNumber | None = None
    ringout_region: str = "US"
    ringout_countries: frozenset[str] | None = frozenset({"US"})
    """ISO regions that may be dialled; None for all."""
    ringout_show_numbers: str = "masked"
    ringout_allowed_users: frozenset[str] = frozenset()
    ringout_allowed_channels: frozenset[str] = frozenset()
    ringout_admins: frozenset[str] = frozenset()
    ringout_calls_per_minute: int = 10
    ringout_retention_days: int = 90
    timing: Timing = field(default_factory=Timing)

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached by Socket Mode, without a public address."""
        return bool(self.slack_app_token)

    @property
    def full_numbers(self) -> bool:
        """Whether channels may show whole phone numbers."""
        return self.ringout_show_numbers == "full"


NAMES = (
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "HOST", "PORT",
    "SLACK_API_URL", "RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET",
    "RC_USER_JWT", "DATABASE_URL", "RINGOUT_FROM", "RINGOUT_REGION",
    "RINGOUT_COUNTRIES", "RINGOUT_SHOW_NUMBERS", "RINGOUT_ALLOWED_USERS",
    "RINGOUT_ALLOWED_CHANNELS", "RINGOUT_ADMINS", "RINGOUT_CALLS_PER_MINUTE",
    "RINGOUT_RETENTION_DAYS",
    "RINGOUT_POLL_SECONDS", "RINGOUT_LOG_DELAY_SECONDS", "RINGOUT_LOG_GIVE_UP_SECONDS",
)  # fmt: skip
"""Every variable that is read, in the order of the README's table."""


FROM_SLACK_CLI = {
    "SLACK_BOT_TOKEN": "SLACK_CLI_XOXB",
    "SLACK_APP_TOKEN": "SLACK_CLI_XAPP",
}
"""What ``slack run`` calls the tokens of the app that it has just installed."""

NOT_FILLED_IN = {"", "xoxb-", "xapp-"}
"""What ``.env.example`` has where a token belongs."""


def environment(real: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return *real*, over what ``slack run`` gives, over *folder*'s ``.env``."""
    written = dotenv_values(folder / ".env")
    given = {ours: real.get(theirs) for ours, theirs in FROM_SLACK_CLI.items()}
    return {
        name: value
        for source in (written, given, real)
        for name, value in source.items()
        if value is not None and value not in NOT_FILLED_IN
    }


def read(env: Mapping[str, str]) -> Settings:
    """Turn the environment into settings.

    Raises:
        BadSettings: Names everything that is missing or malformed, not just the first.
    """
    reader = _Reader(env)
    values = reader.values()
    if reader.complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in reader.complaints)
        raise BadSettings(
            f"The settings need attention:\n{lines}\n"
            "Set them in the environment or in .env; the README's table explains each."
        )
    return Settings(**values)


class _Reader:
    """Reads one variable after the other, and keeps every complaint."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.complaints: list[str] = []

    def values(self) -> dict[str, Any]:
        """Return the fields of `Settings`; look at `complaints` afterwards."""
        region = self._region()
        return {
            "slack_bot_token": self._slack_token("SLACK_BOT_TOKEN", "xox"),
            "slack_app_token": self._slack_token("SLACK_APP_TOKEN", "xapp-"),
            "slack_signing_secret": self._signing_secret(),
            "host": self._text("HOST") or "127.0.0.1",
            "port": self._whole("PORT", 3000, low=0, high=65535),
            "slack_api_url": self._url("SLACK_API_URL", "https://slack.com/api/") + "/",
            "rc_server_url": self._url(
                "RC_SERVER_URL", "https://platform.ringcentral.com"
            ),
            "rc_app_client_id": self._needed("RC_APP_CLIENT_ID"),
            "rc_app_client_secret": self._needed("RC_APP_CLIENT_SECRET"),
            "rc_user_jwt": self._needed("RC_USER_JWT"),
            "database_url": self._database(),
            "ringout_from": self._from(region),
            "ringout_region": region,
            "ringout_countries": self._countries(region),
            "ringout_show_numbers": self._shown(),
            "ringout_allowed_users": self._ids("RINGOUT_ALLOWED_USERS", "UW"),
            "ringout_allowed_channels": self._ids("RINGOUT_ALLOWED_CHANNELS", "CGD"),
            "ringout_admins": self._ids("RINGOUT_ADMINS", "UW"),
            "ringout_calls_per_minute": self._whole("RINGOUT_CALLS_PER_MINUTE", 10),
            "ringout_retention_days": self._whole("RINGOUT_RETENTION_DAYS", 90),
            "timing": Timing(
                poll=self._seconds("RINGOUT_POLL_SECONDS", 2.0, low=0.01),
                log_delay=self._seconds("RINGOUT_LOG_DELAY_SECONDS", 20.0),
                log_give_up=self._seconds("RINGOUT_LOG_GIVE_UP_SECONDS", 900.0),
            ),
        }

    def _text(self, name: str) -> str:
        return self._env.get(name, "").strip()

    def _needed(self, name: str) -> str:
        value = self._text(name)
        if not value:
            self.complaints.append(f"{name} is missing")
        return value

    def _slack_token(self, name: str, prefix: str) -> str:
        needed = name == "SLACK_BOT_TOKEN"
        value = self._needed(name) if needed else self._text(name)
        if value and not value.startswith(prefix):
            self.complaints.append(f"{name} must begin with {prefix}")
        return value

    def _signing_secret(self) -> str:
        value = self._text("SLACK_SIGNING_SECRET")
        if not value and not self._text("SLACK_APP_TOKEN"):
            self.complaints.append(
                "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) is missing"
            )
        return value

    def _url(self, name: str, default: str) -> str:
        value = self._text(name) or default
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            self.complaints.append(f"{name} must be an http(s) address")
        return value.rstrip("/")

    def _database(self) -> str:
        value = self._text("DATABASE_URL") or "sqlite:///ringout.db"
        if not re.match(r"(sqlite|postgres(ql)?)(\+\w+)?://", value):
            self.complaints.append(
                "DATABASE_URL must be sqlite:///path or postgresql://…"
            )
        return value

    def _region(self) -> str:
        value = (self._text("RINGOUT_REGION") or "US").upper()
        if value not in phonenumbers.SUPPORTED_REGIONS:
            self.complaints.append("RINGOUT_REGION must be an ISO region such as US")
            return "US"
        return value

    def _countries(self, region: str) -> frozenset[str] | None:
        text = self._text("RINGOUT_COUNTRIES")
        names = frozenset(part.strip().upper() for part in text.split(",")) - {""}
        if not names:
            return frozenset({region})
        if "*" in names:
            return None
        unknown = sorted(names - set(phonenumbers.SUPPORTED_REGIONS))
        if unknown:
            self.complaints.append(
                "RINGOUT_COUNTRIES has unknown regions: " + ", ".join(unknown)
            )
        return names

    def _from(self, region: str) -> PhoneNumber | None:
        text = self._text("RINGOUT_FROM")
        if not text:
            return None
        try:
            number = parse(text, region=region)
        except UserError:
            number = None
        if number is None or not text.startswith("+"):
            self.complaints.append("RINGOUT_FROM must be E.164, such as +16505550101")
        return number

    def _shown(self) -> str:
        value = (self._text("RINGOUT_SHOW_NUMBERS") or "masked").lower()
        if value not in {"masked", "full"}:
            self.complaints.append("RINGOUT_SHOW_NUMBERS must be masked or full")
        return value

    def _ids(self, name: str, kinds: str) -> frozenset[str]:
        values = frozenset(part.strip() for part in self._text(name).split(",")) - {""}
        bad = sorted(v for v in values if not re.fullmatch(rf"[{kinds}][A-Z0-9]+", v))
        if bad:
            self.complaints.append(f"{name} must hold Slack ids, not {', '.join(bad)}")
        return values

    def _whole(self, name: str, default: int, low: int = 1, high: int = 10_000) -> int:
        text = self._text(name) or str(default)
        value = int(text) if re.fullmatch(r"\d{1,6}", text) else -1
        if not low <= value <= high:
            self.complaints.append(f"{name} must be a whole number, {low} to {high}")
        return value

    def _seconds(self, name: str, default: float, low: float = 0.0) -> timedelta:
        text = self._text(name) or str(default)
        value = float(text) if re.fullmatch(r"\d{1,6}(\.\d+)?|\.\d+", text) else -1.0
        if value < low:
            self.complaints.append(f"{name} must be seconds, {low:g} or more")
            return timedelta(seconds=default)
        return timedelta(seconds=value)

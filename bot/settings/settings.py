"""The environment, read once: every setting, its default, what it means.

`SETTINGS` is the schema; the table of docs/admin.md and ``.env.example`` are held to it by
a test. `.env` in the working directory is read through python-dotenv; the real
environment wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from bot.calls.following import Timing
from bot.calls.phone import PhoneNumber
from bot.errors import BadSettings
from bot.settings.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything from the environment. Secrets stay out of the repr."""

    slack_bot_token: str = field(repr=False)
    """Empty where each workspace has its own, by its installation."""
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    slack_client_id: str = ""
    slack_client_secret: str = field(default="", repr=False)
    slack_authorize_url: str = "https://slack.com/oauth/v2/authorize"
    public_url: str = ""
    """Where people's browsers reach the bot's server; empty if they can't."""
    host: str = "127.0.0.1"
    port: int | None = None
    """None: no server, which only Socket Mode can do without."""
    slack_api_url: str = "https://slack.com/api/"
    rc_server_url: str = "https://platform.ringcentral.com"
    rc_app_client_id: str = field(repr=False)
    rc_app_client_secret: str = field(repr=False)
    rc_user_jwt: str = field(default="", repr=False)
    ringout_shared_account: bool = True
    """Whether people without an account of their own call by ``rc_user_jwt``."""
    ringout_secret_key: tuple[str, ...] = field(default=(), repr=False)
    """What tokens are encrypted with; the first encrypts, all decrypt."""
    database_url: str = field(default="sqlite:///ringout.db", repr=False)
    """May hold a password, so it is kept out of the repr too."""
    ringout_from: PhoneNumber | None = None
    ringout_from_numbers: tuple[PhoneNumber, ...] | None = ()
    """What may ring first besides the shared account's own phones; None: anything."""
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
    ringout_log_format: str = "auto"
    otlp_endpoint: str = field(default="", repr=False)
    """Where traces go; empty for none. May hold a password, as the database's."""

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached by Socket Mode, without a public address."""
        return bool(self.slack_app_token)

    @property
    def is_for_any_workspace(self) -> bool:
        """Whether workspaces install the app by themselves, each with its own token."""
        return bool(self.slack_client_id)

    @property
    def lets_connect(self) -> bool:
        """Whether people can connect RingCentral accounts of their own."""
        return bool(self.ringout_secret_key)

    @property
    def full_numbers(self) -> bool:
        """Whether channels may show whole phone numbers."""
        return self.ringout_show_numbers == "full"


NAMES = (
    "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "HOST", "PORT",
    "PUBLIC_URL", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_API_URL",
    "SLACK_AUTHORIZE_URL", "RC_SERVER_URL", "RC_APP_CLIENT_ID", "RC_APP_CLIENT_SECRET",
    "RC_USER_JWT", "RINGOUT_SHARED_ACCOUNT", "RINGOUT_SECRET_KEY", "DATABASE_URL", "RINGOUT_FROM", "RINGOUT_FROM_NUMBERS", "RINGOUT_REGION",
    "RINGOUT_COUNTRIES", "RINGOUT_SHOW_NUMBERS", "RINGOUT_ALLOWED_USERS",
    "RINGOUT_ALLOWED_CHANNELS", "RINGOUT_ADMINS", "RINGOUT_CALLS_PER_MINUTE",
    "RINGOUT_RETENTION_DAYS",
    "RINGOUT_POLL_SECONDS", "RINGOUT_LOG_DELAY_SECONDS", "RINGOUT_LOG_GIVE_UP_SECONDS",
    "RINGOUT_LOG_FORMAT", "OTEL_EXPORTER_OTLP_ENDPOINT",
)  # fmt: skip
"""Every variable that is read, in the order of docs/admin.md's table."""


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
    reader = Reader(env)
    values = reader.values()
    if reader.complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in reader.complaints)
        raise BadSettings(
            f"The settings need attention:\n{lines}\n"
            "Set them in the environment or in .env; docs/admin.md explains each."
        )
    return Settings(**values)

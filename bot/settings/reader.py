"""Reading one variable after the other: each complaint is kept, and told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import phonenumbers

from bot.calls.following import Timing
from bot.calls.phone import PhoneNumber, parse
from bot.errors import UserError
from bot.vault import is_key


class Reader:
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
            "slack_client_id": self._text("SLACK_CLIENT_ID"),
            "slack_client_secret": self._client_secret(),
            "slack_authorize_url": self._url(
                "SLACK_AUTHORIZE_URL", "https://slack.com/oauth/v2/authorize"
            ),
            "public_url": self._public_url(),
            "host": self._text("HOST") or "127.0.0.1",
            "port": self._port(),
            "slack_api_url": self._url("SLACK_API_URL", "https://slack.com/api/") + "/",
            "rc_server_url": self._url(
                "RC_SERVER_URL", "https://platform.ringcentral.com"
            ),
            "rc_app_client_id": self._needed("RC_APP_CLIENT_ID"),
            "rc_app_client_secret": self._needed("RC_APP_CLIENT_SECRET"),
            "rc_user_jwt": self._text("RC_USER_JWT"),
            "ringout_shared_account": self._shared_account(),
            "ringout_secret_key": self._secret_keys(),
            "database_url": self._database(),
            "ringout_from": self._from(region),
            "ringout_from_numbers": self._from_numbers(region),
            "ringout_region": region,
            "ringout_countries": self._countries(region),
            "ringout_show_numbers": self._one_of(
                "RINGOUT_SHOW_NUMBERS", "masked", "full"
            ),
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
            "ringout_log_format": self._one_of(
                "RINGOUT_LOG_FORMAT", "auto", "json", "text"
            ),
            "otlp_endpoint": self._url("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        }

    def _text(self, name: str) -> str:
        return self._env.get(name, "").strip()

    def _port(self) -> int | None:
        if self._text("SLACK_APP_TOKEN") and not self._text("PORT"):
            return None
        return self._whole("PORT", 3000, low=0, high=65535)

    def _needed(self, name: str) -> str:
        value = self._text(name)
        if not value:
            self.complaints.append(f"{name} is missing")
        return value

    def _slack_token(self, name: str, prefix: str) -> str:
        needed = name == "SLACK_BOT_TOKEN" and not self._text("SLACK_CLIENT_ID")
        value = self._needed(name) if needed else self._text(name)
        if name == "SLACK_BOT_TOKEN" and value and not needed:
            self.complaints.append(
                "SLACK_BOT_TOKEN is for one workspace, SLACK_CLIENT_ID for any: leave "
                "one out"
            )
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

    def _client_secret(self) -> str:
        """Read what an app for any workspace needs; it needs more than that."""
        value = self._text("SLACK_CLIENT_SECRET")
        if bool(value) != bool(self._text("SLACK_CLIENT_ID")):
            self.complaints.append(
                "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET belong together"
            )
        if value and self._text("SLACK_APP_TOKEN"):
            self.complaints.append(
                "SLACK_CLIENT_ID is for signed HTTP: leave out SLACK_APP_TOKEN"
            )
        if value:
            for name in ("PUBLIC_URL", "RINGOUT_SECRET_KEY"):
                if not self._text(name):
                    self.complaints.append(f"{name} is missing (for SLACK_CLIENT_ID)")
        return value

    def _public_url(self) -> str:
        value = self._url("PUBLIC_URL", "")
        local = re.match(r"http://(localhost|127\.0\.0\.1)(:\d+)?(/|$)", value)
        if value and not value.startswith("https://") and not local:
            self.complaints.append("PUBLIC_URL must begin with https://")
        if re.match(r"https?://[^/]+/", value):  # the pages and their cookies have one
            self.complaints.append(
                "PUBLIC_URL must end with the host, such as https://bot.example: the "
                "bot's pages have paths of their own"
            )
        if value and not self._text("PORT") and self._text("SLACK_APP_TOKEN"):
            self.complaints.append("PUBLIC_URL needs a server: PORT is missing")
        return value

    def _shared_account(self) -> bool:
        """Whether people without an account of their own may use the shared one."""
        given = bool(self._text("RC_USER_JWT"))
        if not given and not self._text("RINGOUT_SECRET_KEY"):
            self.complaints.append(
                "RC_USER_JWT is missing (or RINGOUT_SECRET_KEY, for people to connect "
                "their own accounts)"
            )
        strangers = bool(self._text("SLACK_CLIENT_ID"))
        default = ("on", "off") if given and not strangers else ("off", "on")
        wanted = self._one_of("RINGOUT_SHARED_ACCOUNT", *default) == "on"
        if wanted and strangers:
            self.complaints.append(
                "RINGOUT_SHARED_ACCOUNT=on would let any workspace call by it: leave it "
                "out with SLACK_CLIENT_ID"
            )
        if wanted and not given:
            self.complaints.append("RC_USER_JWT is missing (RINGOUT_SHARED_ACCOUNT=on)")
        return wanted

    def _secret_keys(self) -> tuple[str, ...]:
        keys = tuple(
            key.strip()
            for key in self._text("RINGOUT_SECRET_KEY").split(",")
            if key.strip()
        )
        if not all(is_key(key) for key in keys):
            self.complaints.append(
                "RINGOUT_SECRET_KEY must hold keys as `ringout-bot new-key` prints them"
            )
        return keys

    def _url(self, name: str, default: str) -> str:
        value = self._text(name) or default
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
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

    def _from_numbers(self, region: str) -> tuple[PhoneNumber, ...] | None:
        texts = [each.strip() for each in self._text("RINGOUT_FROM_NUMBERS").split(",")]
        if texts == ["*"]:
            return None
        found = []
        for text in filter(None, texts):
            try:
                number = parse(text, region=region)
            except UserError:
                number = None
            if number is None or not text.startswith("+"):
                self.complaints.append("RINGOUT_FROM_NUMBERS must hold E.164, or be *")
                break
            found.append(number)
        return tuple(found)

    def _one_of(self, name: str, *words: str) -> str:
        """Return one of *words*; the first is the default."""
        value = (self._text(name) or words[0]).lower()
        if value not in words:
            self.complaints.append(f"{name} must be {' or '.join(words)}")
        return value

    def _ids(self, name: str, kinds: str) -> frozenset[str]:
        values = frozenset(part.strip() for part in self._text(name).split(",")) - {""}
        many = bool(self._text("SLACK_CLIENT_ID"))
        form = rf"([TE][A-Z0-9]+:){{{int(many)},1}}[{kinds}][A-Z0-9]+"
        bad = ", ".join(sorted(v for v in values if not re.fullmatch(form, v)))
        if bad:
            example = f", with their workspace (T0123:{kinds[0]}0123)" if many else ""
            self.complaints.append(f"{name} must hold Slack ids{example}, not {bad}")
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

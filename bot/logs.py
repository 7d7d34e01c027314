"""Logs without secrets and numbers: a last net below the care of each line."""

from __future__ import annotations

import logging
import re
from types import TracebackType

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
SECRETS = re.compile(
    r"xox[a-z.]*-[\w-]+|xapp-[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
)
NUMBERS = re.compile(r"\+?\(?\d(?:[ ().\u00a0-]{0,2}\d){6,}")
"""Seven digits or more in a row, as numbers are written; times of day are shorter."""

FOREIGN = ("slack_bolt", "slack_sdk", "bot.slack.bolt", "ringcentral", "urllib3")
"""Loggers of packages that print payloads and headers: bodies, tokens, numbers."""

LONGEST = 120

_Error = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


def redact(text: str) -> str:
    """Return *text* without tokens and phone numbers."""
    return NUMBERS.sub("•••", SECRETS.sub("•••", text))


class Redacted(logging.Formatter):
    """Formats a record, its traceback included, and redacts what it says."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line; its own time stamp stays readable."""
        record.message = redact(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        """Return the traceback without what the error met."""
        return redact(super().formatException(ei))


class NoBodies(logging.Filter):
    """Of other packages, lets warnings through, cut to the first line, no tracebacks.

    A filter of the handler: Bolt gives each of its loggers a level of its own.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether *record* is to be logged at all."""
        if not record.name.startswith(FOREIGN):
            return True
        if record.levelno < logging.WARNING:
            return False
        first = str(record.getMessage()).splitlines()[:1]
        record.msg, record.args = "".join(first)[:LONGEST], ()
        record.exc_info = record.exc_text = None
        return True


def set_up(level: int = logging.INFO) -> None:
    """Log to standard error, redacted."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacted(FORMAT))
    handler.addFilter(NoBodies())
    logging.basicConfig(level=level, handlers=[handler], force=True)

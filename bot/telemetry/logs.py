"""Log formats. They remove tokens and phone numbers that a log call let through."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from types import TracebackType

from bot.telemetry import call_context
from bot.telemetry.throttle import Throttle

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
TOKENS = re.compile(
    r"xox[a-z.]*-[\w-]+|xapp-[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
)
NUMBERS = re.compile(r"\+?\(?\d(?:[ ().\u00a0-]{0,2}\d){6,}")
"""Seven digits or more, with the separators of phone numbers. Times have fewer."""

FOREIGN = (
    "slack_bolt",
    "slack_sdk",
    "ringcentral",
    "urllib3",
    "opentelemetry",
)
"""Loggers of packages that log payloads and headers, with tokens and numbers in them."""

CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
CONTROLS |= {code: f"\\u{code:04x}" for code in (0x2028, 0x2029)}
"""Line breaks and terminal control characters, which are shown as escapes."""

FOREIGN_LENGTH = 120
"""Characters that are kept of another package's message."""

_Error = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


def redact(text: str) -> str:
    """Return *text* without tokens and phone numbers.

    The id of the present call stays whole, even if part of it looks like a number.
    """
    call = call_context.call_id()
    parts = text.split(call) if call else [text]
    return call.join(NUMBERS.sub("•••", TOKENS.sub("•••", part)) for part in parts)


class Redacted(logging.Formatter):
    """Formats a record as a line of text, redacted, followed by its traceback."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line. The time stamp is not redacted."""
        record.message = redact(record.message).translate(CONTROLS)
        line = super().formatMessage(record)
        call = call_context.call_id()
        return f"{line} (call {call})" if call and call not in line else line

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        """Return the traceback, redacted, each line indented.

        An error's text can contain line breaks, and no line of it may pass for a log line.
        """
        lines = redact(super().formatException(ei)).splitlines()
        return "\n".join(f"    {line.translate(CONTROLS)}" for line in lines)


class Json(Redacted):
    """Formats a record as one line of JSON, each of its fields redacted."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, message, and any call and error."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if call_context.call_id():
            fields["call"] = call_context.call_id()
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return json.dumps(fields)


class NoBodies(logging.Filter):
    """Cuts other packages' warnings to one line without traceback; drops the rest.

    It filters the handler, because Bolt sets the level of each of its loggers itself.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether *record* is logged."""
        if not record.name.startswith(FOREIGN):
            return True
        if record.levelno < logging.WARNING:
            return False
        first = str(record.getMessage()).splitlines()[:1]
        record.msg, record.args = "".join(first)[:FOREIGN_LENGTH], ()
        record.exc_info = record.exc_text = None
        return True


def set_up(form: str = "auto", level: int = logging.INFO) -> None:
    """Log to standard error in the *form* ``json``, ``text``, or ``auto``.

    ``auto`` is text if standard error is a terminal, otherwise JSON.
    """
    handler = logging.StreamHandler()
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(Redacted(FORMAT) if as_text else Json())
    handler.addFilter(NoBodies())
    handler.addFilter(Throttle())
    logging.basicConfig(level=level, handlers=[handler], force=True)

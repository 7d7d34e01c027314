"""Log formats. They remove what `redaction` finds in a message or a traceback."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType

from bot.telemetry import call_context
from bot.telemetry.redaction import Redaction
from bot.telemetry.throttle import Throttle

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
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


class Redacted(logging.Formatter):
    """Formats a record as a line of text, redacted, followed by its traceback.

    The id of the present call stays whole, even if part of it looks like a number.
    """

    def __init__(self, form: str = FORMAT, redaction: Redaction | None = None) -> None:
        super().__init__(form)
        self._redaction = redaction or Redaction()

    def _redacted(self, text: str) -> str:
        return self._redaction(text, kept=call_context.call_id())

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line. The time stamp is not redacted."""
        record.message = self._redacted(record.message).translate(CONTROLS)
        line = super().formatMessage(record)
        call = call_context.call_id()
        return f"{line} (call {call})" if call and call not in line else line

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        """Return the traceback, redacted, each line indented.

        An error's text can contain line breaks, and no line of it may pass for a log line.
        """
        lines = self._redacted(super().formatException(ei)).splitlines()
        return "\n".join(f"    {line.translate(CONTROLS)}" for line in lines)


class JsonFormatter(Redacted):
    """Formats a record as one line of JSON, each of its fields redacted."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, message, and any call and error."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": self._redacted(record.getMessage()),
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


def set_up(
    form: str = "auto", level: int = logging.INFO, secrets: Iterable[str] = ()
) -> None:
    """Log to standard error in the *form* ``json``, ``text``, or ``auto``.

    ``auto`` is text if standard error is a terminal, otherwise JSON. No line has any of
    the *secrets*.
    """
    redaction = Redaction(secrets)
    handler = logging.StreamHandler()
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(
        Redacted(redaction=redaction) if as_text else JsonFormatter(redaction=redaction)
    )
    handler.addFilter(NoBodies())
    handler.addFilter(Throttle())
    logging.basicConfig(level=level, handlers=[handler], force=True)

"""Logs without secrets and numbers: a last net below the care of each line."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from types import TracebackType

from bot.telemetry import call_context

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
SECRETS = re.compile(
    r"xox[a-z.]*-[\w-]+|xapp-[\w-]+|eyJ[\w-]+\.[\w-]+\.[\w-]+"
    r"|(?i:bearer|basic)\s+[\w.~+/=-]{8,}"
)
NUMBERS = re.compile(r"\+?\(?\d(?:[ ().\u00a0-]{0,2}\d){6,}")
"""Seven digits or more in a row, as numbers are written; times of day are shorter."""

FOREIGN = (
    "slack_bolt",
    "slack_sdk",
    "ringcentral",
    "urllib3",
    "opentelemetry",
)
"""Loggers of packages that print payloads and headers: bodies, tokens, numbers."""

CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
CONTROLS |= {code: f"\\u{code:04x}" for code in (0x2028, 0x2029)}
"""What begins a new line, or speaks to a terminal: written out, never done."""

LONGEST = 120

_Error = (
    tuple[type[BaseException], BaseException, TracebackType | None]
    | tuple[None, None, None]
)


def redact(text: str) -> str:
    """Return *text* without tokens and phone numbers.

    The id of the call at hand stays whole: one in ten looks like a number in part.
    """
    call = call_context.call_id()
    parts = text.split(call) if call else [text]
    return call.join(NUMBERS.sub("•••", SECRETS.sub("•••", part)) for part in parts)


class Redacted(logging.Formatter):
    """Formats a record, its traceback included, and redacts what it says."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the line; its own time stamp stays readable."""
        record.message = redact(record.message).translate(CONTROLS)
        line = super().formatMessage(record)
        call = call_context.call_id()
        return f"{line} (call {call})" if call and call not in line else line

    def formatException(self, ei: _Error) -> str:  # noqa: N802 - logging's name
        """Return the traceback without what the error met, each line indented.

        So none of its lines, whatever an error says, looks like a line of the log.
        """
        lines = redact(super().formatException(ei)).splitlines()
        return "\n".join(f"    {line.translate(CONTROLS)}" for line in lines)


class Json(Redacted):
    """Formats a record as one line of JSON, each of its fields redacted."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time, level, logger, message; call and error if any."""
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


def set_up(form: str = "auto", level: int = logging.INFO) -> None:
    """Log to standard error, redacted: as *form* ``json``, ``text``, or ``auto``.

    ``auto`` is text for a person at a terminal, and JSON for whoever collects it.
    """
    handler = logging.StreamHandler()
    as_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(Redacted(FORMAT) if as_text else Json())
    handler.addFilter(NoBodies())
    logging.basicConfig(level=level, handlers=[handler], force=True)

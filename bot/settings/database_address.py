"""Reads the address of the database strictly.

Libraries complain of a malformed one with tracebacks, or with a piece of the password that
they took for a host. No message here repeats any of it.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL
from sqlalchemy.exc import ArgumentError

from bot.settings.setting import Malformed

EXPECTED_ADDRESS = "must be sqlite:///path or postgresql://user:password@host:port/name"

IN_MEMORY = ":memory:"
"""SQLite's name for a database without a file, for tests alone: it is lost at the end."""

_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?:///(?!file:)(?P<file>.*)")
_SCHEME = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://")
_POSTGRES = re.compile(
    rf"{_SCHEME.pattern}"
    r"(?:(?P<user>[^:/?#@\[\]\s]*)(?::(?P<password>[^/?#@\[\]\s]*))?@)?"
    r"(?P<hosts>[^/?#@\s]*)"
    r"(?:/(?P<name>[^/?#@\s]*))?"
    r"(?:\?(?P<query>[^#\s]*))?"
)
_HOST = re.compile(r"(?:\[(?P<ip>[^\[\]]*)\]|(?P<name>[^:\[\]]*))(?::(?P<port>.*))?")
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WHOLE = re.compile(r"-?[0-9]{1,9}")

WHOLE_NUMBERS = {
    "connect_timeout",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "tcp_user_timeout",
}
PARAMETER_WORDS = {
    "channel_binding": {"disable", "prefer", "require"},
    "gssencmode": {"disable", "prefer", "require"},
    "load_balance_hosts": {"disable", "random"},
    "sslmode": {
        *("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    },
    "sslnegotiation": {"direct", "postgres"},
    "target_session_attrs": {
        *("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
    },
}
"""The words that a parameter may have (PostgreSQL docs, libpq, "Parameter Key Words").
libpq would only look at them as it connects."""


def read(given: str) -> str:
    """Read the setting: an address whose SQLite file, if it is one, can be opened.

    Returns the text as it is.

    Raises:
        Malformed: It can't be right.
    """
    url = address(given)
    if url.get_backend_name() == "sqlite":
        if url.database in {"", IN_MEMORY}:
            raise Malformed(f"{EXPECTED_ADDRESS}; the path is missing")
        trouble = _trouble(Path(url.database or ""))
        if trouble:
            raise Malformed(f"names a file that can't be used: {trouble}")
    return given


def read_direct(given: str) -> str:
    """Read the setting of PostgreSQL's own address, or an empty text; return it.

    Raises:
        Malformed: It can't be right.
    """
    if given and address(given).get_backend_name() == "sqlite":
        raise Malformed("must be postgresql://user:password@host:port/name")
    return given


def address(given: str) -> URL:
    """Return the address of a database; psycopg is the driver for PostgreSQL.

    Several hosts, in whichever form, are in its query as libpq takes them, with commas:
    ``?host=one,two&port=5432,5432``.

    Raises:
        Malformed: It can't be right.
    """
    if not given.isprintable():  # a line break, or bytes that are no UTF-8
        raise Malformed(f"{EXPECTED_ADDRESS}, without control characters")
    if _HALF_ESCAPE.search(given):
        raise Malformed(f"{EXPECTED_ADDRESS}; a % itself is written %25")
    try:
        sqlite = _SQLITE.fullmatch(given)
        return _sqlite(sqlite["file"]) if sqlite else _postgres(given)
    except UnicodeDecodeError:
        raise Malformed(f"{EXPECTED_ADDRESS}; what follows a % must be UTF-8") from None


def conninfo(url: URL) -> str:
    """Return PostgreSQL's address as libpq takes it, for a connection past SQLAlchemy."""
    return make_conninfo(**_connect_args(url))


def _sqlite(text: str) -> URL:
    file = unquote(text, errors="strict")
    if "?" in text:
        raise Malformed(
            f"{EXPECTED_ADDRESS}; SQLite takes no parameters after a question mark"
        )
    if "\0" in file:
        raise Malformed(f"{EXPECTED_ADDRESS}; a part of it has a zero byte")
    return URL.create("sqlite", database=file)


def _trouble(file: Path) -> str:
    """Say why a SQLite *file* can't be made or written; empty if nothing is known."""
    folder = file.parent
    if not folder.is_dir():
        return "its folder does not exist"
    if not os.access(folder, os.W_OK | os.X_OK):
        return "its folder is not writable"
    try:
        is_ordinary = stat.S_ISREG(file.stat().st_mode)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror or "the system refuses its name"
    if not is_ordinary:
        return "it is a folder" if file.is_dir() else "it is no ordinary file"
    return "" if os.access(file, os.R_OK | os.W_OK) else "it is not writable"


def _postgres(given: str) -> URL:
    parts = _POSTGRES.fullmatch(given)
    if parts is None and not _SCHEME.match(given):
        raise Malformed(EXPECTED_ADDRESS)
    if parts is None:
        raise Malformed(
            f"{EXPECTED_ADDRESS}; a special character in a name or password is written as %40 "
            "for @ and the like"
        )
    hosts, ports = _hosts(parts["hosts"])
    url = URL.create(
        "postgresql+psycopg",
        username=_decoded(parts["user"]),
        password=_decoded(parts["password"]),
        database=_decoded(parts["name"]),
        query=_query(parts["query"]),
    )
    if len(hosts) == 1:
        url = url.set(host=hosts[0] or None, port=int(ports[0]) if ports[0] else None)
    else:
        url = url.update_query_dict({"host": ",".join(hosts), "port": ",".join(ports)})
    options = _options(url)
    _check(options)
    if "," not in options.get("host", ""):
        return url
    several = {"host": options["host"], "port": str(options.get("port", ""))}
    url = url.set(host="", port=None).update_query_dict(several)
    _options(url)  # a comma in one of several hosts would make them one more
    return url


def _hosts(text: str) -> tuple[list[str], list[str]]:
    """Return the hosts before the path, and the port of each; empty if it has none."""
    hosts, ports = [], []
    for each in text.split(","):
        found = _HOST.fullmatch(each)
        if found is None or (found["ip"] is not None and not _is_ip(found["ip"])):
            raise Malformed(f"{EXPECTED_ADDRESS}; an IPv6 address stands in brackets")
        if found["port"] is not None:
            _check_port(found["port"])
        hosts.append(found["ip"] or _decoded(found["name"]) or "")
        ports.append(found["port"] or "")
    return hosts, ports


def _query(text: str | None) -> dict[str, Any]:
    """Return the parameters; those that stand there more than once as a tuple."""
    if not text:
        return {}
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except UnicodeDecodeError:
        raise
    except ValueError:
        raise Malformed(
            f"{EXPECTED_ADDRESS}; parameters are written name=value"
        ) from None
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = (*found[name], value) if name in found else (value,)
    return {name: all_ if len(all_) > 1 else all_[0] for name, all_ in found.items()}


def _options(url: URL) -> dict[str, Any]:
    """Return the parameters for libpq."""
    repeated = {name for name, value in url.query.items() if not isinstance(value, str)}
    if repeated - {"host", "port"}:
        raise Malformed(f"{EXPECTED_ADDRESS}; a parameter is repeated")
    try:
        conninfo(url)
    except psycopg.Error:
        raise Malformed(f"{EXPECTED_ADDRESS}; a parameter is none of libpq's") from None
    except (ArgumentError, ValueError):
        raise Malformed(
            f"{EXPECTED_ADDRESS}; its hosts and ports don't match"
        ) from None
    return _connect_args(url)


def _connect_args(url: URL) -> dict[str, Any]:
    return dict(url.get_dialect()().create_connect_args(url)[1])


def _check(options: dict[str, Any]) -> None:
    """Refuse values that libpq, or the look-up of a host, would only refuse later."""
    texts = {name: str(value) for name, value in options.items()}
    if any("\0" in text for text in texts.values()):
        raise Malformed(f"{EXPECTED_ADDRESS}; a part of it has a zero byte")
    if not (texts.get("dbname") or texts.get("service")):
        raise Malformed(f"{EXPECTED_ADDRESS}; the name of the database is missing")
    for host in filter(None, texts.get("host", "").split(",")):
        if not _is_host(host):
            raise Malformed(
                f"{EXPECTED_ADDRESS}; a host is neither a name nor an IP address"
            )
    for port in filter(None, texts.get("port", "").split(",")):
        _check_port(port)
    for name, text in texts.items():
        if name in WHOLE_NUMBERS and not _WHOLE.fullmatch(text):
            raise Malformed(f"{EXPECTED_ADDRESS}; its {name} must be a whole number")
        if name in PARAMETER_WORDS and text not in PARAMETER_WORDS[name]:
            raise Malformed(
                f"{EXPECTED_ADDRESS}; its {name} must be {_or(PARAMETER_WORDS[name])}"
            )


def _check_port(text: str) -> None:
    if not (re.fullmatch(r"[0-9]{1,5}", text) and 1 <= int(text) <= 65535):  # noqa: PLR2004 - the largest there is
        raise Malformed(f"{EXPECTED_ADDRESS}; a port must be 1 to 65535")


def _is_host(text: str) -> bool:
    """Whether *text* may be a socket's folder, an IP address, or a name to look up."""
    if text.startswith(("/", "@")):
        return True
    try:
        text.encode("idna")  # as the look-up does
    except UnicodeError:
        return False
    return _is_ip(text) or re.fullmatch(r"[\w.-]+", text) is not None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text, errors="strict")


def _or(words: set[str]) -> str:
    return " or ".join(sorted(words))

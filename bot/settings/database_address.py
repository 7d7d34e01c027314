"""Reads the address of the database strictly.

Libraries complain of a malformed one with tracebacks, or with a piece of the password that
they took for a host. No message here repeats any of it.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, unquote

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

from bot.settings import libpq_parameters, sqlite_file
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
        trouble = sqlite_file.trouble(url.database or "")
        if trouble:
            raise Malformed(f"names a file that can't be used: {trouble}")
    else:
        _check_files(url)
    return given


def read_direct(given: str) -> str:
    """Read the setting of PostgreSQL's own address, or an empty text; return it.

    Raises:
        Malformed: It can't be right.
    """
    if not given:
        return given
    url = address(given)
    if url.get_backend_name() == "sqlite":
        raise Malformed("must be postgresql://user:password@host:port/name")
    _check_files(url)
    return given


def address(given: str) -> URL:
    """Return the address of a database; psycopg is the driver for PostgreSQL.

    The hosts and ports, in whichever form, are in its query as libpq takes them:
    ``?host=one,two&port=5432,5433``, or one port for all.

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


def _postgres(given: str) -> URL:
    parts = _POSTGRES.fullmatch(given)
    if parts is None and not _SCHEME.match(given):
        raise Malformed(EXPECTED_ADDRESS)
    if parts is None:
        raise Malformed(
            f"{EXPECTED_ADDRESS}; a special character in a name or password is written as %40 "
            "for @ and the like"
        )
    query = _query(parts["query"])
    servers = _servers(
        parts["hosts"],
        ",".join(query.pop("host", [])),
        ",".join(query.pop("port", [])),
    )
    if any(len(values) > 1 for values in query.values()):
        raise Malformed(f"{EXPECTED_ADDRESS}; a parameter is repeated")
    url = URL.create(
        "postgresql+psycopg",
        username=_decoded(parts["user"]),
        password=_decoded(parts["password"]),
        database=_decoded(parts["name"]),
        query={name: values[0] for name, values in query.items()} | servers,
    )
    _check(_connect_args(url))
    return url


def _servers(before: str, host: str, port: str) -> dict[str, str]:
    """Return libpq's host and port: those *before* the path, or of the parameters.

    As with libpq, a parameter wins over a single host, or its port, before the path.
    """
    chosen = [_host(each) for each in before.split(",")]
    if host and len(chosen) > 1:
        raise Malformed(f"{EXPECTED_ADDRESS}; its hosts are given twice")
    alone = chosen[0][1] if host else ""
    if host:
        chosen = [_named_host(each) for each in host.split(",")]
    ports = ",".join(each for _, each in chosen)
    if port and ports.strip(",") and (host or len(chosen) > 1):
        raise Malformed(f"{EXPECTED_ADDRESS}; its ports are given twice")
    found = {
        "host": ",".join(name for name, _ in chosen),
        "port": port or (ports if ports.strip(",") else alone),
    }
    return {name: text for name, text in found.items() if text}


def _host(text: str) -> tuple[str, str]:
    """Return a host before the path and its port, which is empty if it has none."""
    found = _HOST.fullmatch(text)
    if found is None or (found["ip"] is not None and not _is_ip(found["ip"])):
        raise Malformed(f"{EXPECTED_ADDRESS}; an IPv6 address stands in brackets")
    if found["port"] is not None:
        _check_port(found["port"])
    name = found["ip"] or found["name"] or ""
    return unquote(name, errors="strict"), found["port"] or ""


def _named_host(text: str) -> tuple[str, str]:
    """Return a host of the parameter and its port: SQLAlchemy's ``host=one:5432``."""
    name, colon, port = text.rpartition(":")
    if not colon or _is_ip(text) or text.startswith(("/", "@")):
        return text, ""
    _check_port(port)
    return name, port


def _query(text: str | None) -> dict[str, list[str]]:
    """Return the parameters, each with every value that it is given."""
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
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _connect_args(url: URL) -> dict[str, str]:
    """Return the parameters for libpq."""
    own = {"user": url.username, "password": url.password, "dbname": url.database}
    query = {name: str(text) for name, text in url.query.items()}
    return {name: text for name, text in own.items() if text} | query


def _check(given: dict[str, str]) -> None:
    """Refuse values that libpq, or the look-up of a host, would only refuse later."""
    if any("\0" in text for text in given.values()):
        raise Malformed(f"{EXPECTED_ADDRESS}; a part of it has a zero byte")
    try:
        make_conninfo(**given)
    except psycopg.Error:
        raise Malformed(f"{EXPECTED_ADDRESS}; a parameter is none of libpq's") from None
    if "conninfo" in given:  # psycopg's, with parameters that nobody would check
        raise Malformed(f"{EXPECTED_ADDRESS}; a parameter is none of libpq's")
    if not given.get("dbname"):
        raise Malformed(f"{EXPECTED_ADDRESS}; the name of the database is missing")
    _check_servers(*(given.get(name, "") for name in ("host", "hostaddr", "port")))
    trouble = libpq_parameters.trouble(given)
    if trouble:
        raise Malformed(f"{EXPECTED_ADDRESS}; {trouble}")


def _check_servers(host: str, address: str, port: str) -> None:
    hosts, addresses, ports = (each.split(",") for each in (host, address, port))
    if len(hosts) > 1 and "" in hosts:
        raise Malformed(f"{EXPECTED_ADDRESS}; one of its hosts is empty")
    if host and not all(map(_is_host, hosts)):
        raise Malformed(
            f"{EXPECTED_ADDRESS}; a host is neither a name nor an IP address"
        )
    if address and not all(map(_is_ip, addresses)):
        raise Malformed(f"{EXPECTED_ADDRESS}; its hostaddr must be an IP address")
    counts = {len(each) for each in (host and hosts, address and addresses) if each}
    if len(counts) > 1 or len(ports) not in {1, *counts}:
        raise Malformed(f"{EXPECTED_ADDRESS}; its hosts and ports don't match")
    for each in filter(None, ports):
        _check_port(each)


def _check_files(url: URL) -> None:
    name = libpq_parameters.missing_file(_connect_args(url))
    if name:
        raise Malformed(
            f"{EXPECTED_ADDRESS}; its {name} names no file that can be read"
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

"""What libpq's parameters may be (PostgreSQL docs, libpq, "Parameter Key Words").

libpq itself would only look at most of them as it connects, and repeat what was given.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

WHOLE_NUMBERS = {
    "connect_timeout",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "tcp_user_timeout",
}
_WHOLE = re.compile(r"-?[0-9]{1,9}")

_SWITCH = ("0", "1")
_TLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_LATEST = "3.2"
_PROTOCOLS = ("3.0", _LATEST, "latest")

PARAMETER_WORDS: dict[str, tuple[str, ...]] = {
    "channel_binding": ("disable", "prefer", "require"),
    "client_encoding": ("auto", "UTF8", "UTF-8", "utf8", "utf-8"),
    "gssdelegation": _SWITCH,
    "gssencmode": ("disable", "prefer", "require"),
    "load_balance_hosts": ("disable", "random"),
    "max_protocol_version": _PROTOCOLS,
    "min_protocol_version": _PROTOCOLS,
    "ssl_max_protocol_version": _TLS,
    "ssl_min_protocol_version": _TLS,
    "sslcertmode": ("allow", "disable", "require"),
    "sslcompression": _SWITCH,
    "sslmode": ("allow", "disable", "prefer", "require", "verify-ca", "verify-full"),
    "sslnegotiation": ("direct", "postgres"),
    "sslsni": _SWITCH,
    "target_session_attrs": (
        *("any", "prefer-standby", "primary", "read-only", "read-write", "standby"),
    ),
}
"""The words that a parameter may have; versions go upward. Texts are kept in UTF-8."""

_METHODS = {"gss", "md5", "none", "oauth", "password", "scram-sha-256", "sspi"}
_SCRAM_KEY = re.compile(r"[A-Za-z0-9+/]{43}=")
_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_ENCRYPTED = {"require", "verify-ca", "verify-full"}


def trouble(given: Mapping[str, str]) -> str:
    """Say what is wrong with the parameters, without a value; empty if nothing is."""
    if "replication" in given:
        return "replication is not for a program that stores"
    if "service" in given:  # a file's, which may be absent, and which nobody checks
        return "a service is not looked up; write its parameters into the address"
    for name, text in given.items():
        wanted = _wanted(name, text)
        if wanted:
            return f"its {name} must be {wanted}"
    return _contradiction(given)


def missing_file(given: Mapping[str, str]) -> str:
    """Return the parameter that names no file that can be read, or an empty text.

    libpq ignores some of these, and then connects without looking at the certificate.
    """
    for name in _FILES:
        text = given.get(name, "")
        is_file = text not in {"", "system"} and not (name == "sslkey" and ":" in text)
        if is_file and not (os.access(text, os.R_OK) and Path(text).is_file()):
            return name
    return ""


def _wanted(name: str, text: str) -> str:
    """Say what the parameter must be, or nothing if it is."""
    if name in WHOLE_NUMBERS and not _WHOLE.fullmatch(text):
        return "a whole number"
    words = PARAMETER_WORDS.get(name, ())
    if words and text not in words and not _is_tls(words, text):
        return " or ".join(words)
    if name == "require_auth" and not _are_methods(text):
        return f"a list of {', '.join(sorted(_METHODS))}, or each with a ! before it"
    if name in {"scram_client_key", "scram_server_key"}:
        return "" if _SCRAM_KEY.fullmatch(text) else "32 bytes in Base64"
    return ""


def _is_tls(words: tuple[str, ...], text: str) -> bool:
    """Whether *text* is a version of TLS, which alone may be in capitals."""
    return words is _TLS and text.lower() in [word.lower() for word in _TLS]


def _are_methods(text: str) -> bool:
    """Whether all of a list are allowed, or all refused, and each named once."""
    methods = text.split(",") if text else []
    names = [method.removeprefix("!") for method in methods]
    refused = {method.startswith("!") for method in methods}
    return len(refused) <= 1 and len({*names}) == len(names) and {*names} <= _METHODS


def _contradiction(given: Mapping[str, str]) -> str:
    """Say which parameters can't be together; empty if they can."""
    for kind, lowest, highest in (("ssl_", "tlsv1.2", "tlsv1.3"), ("", "3.0", _LATEST)):
        least = given.get(f"{kind}min_protocol_version", lowest).lower()
        most = given.get(f"{kind}max_protocol_version", highest).lower()
        if least.replace("latest", _LATEST) > most.replace("latest", _LATEST):
            return f"its {kind}min_protocol_version is above the highest allowed"
    is_system = given.get("sslrootcert") == "system"
    mode = given.get("sslmode", "verify-full" if is_system else "prefer")
    if is_system and mode != "verify-full":
        return "sslrootcert=system needs sslmode=verify-full"
    if given.get("sslnegotiation") == "direct" and mode not in _ENCRYPTED:
        return "sslnegotiation=direct needs sslmode=require or more"
    return ""

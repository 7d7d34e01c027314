"""Reads the settings from their texts; one error names everything that is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from bot.errors import BadSettings
from bot.settings import rules
from bot.settings.setting import Malformed, Texts
from bot.settings.settings import NAMES, SETTINGS, Settings


def read(env: Mapping[str, str]) -> Settings:
    """Turn the environment into settings.

    Raises:
        BadSettings: Names everything that is missing or malformed, not just the first.
    """
    texts = _texts(env, NAMES)
    values, complaints = _values(texts)
    return _checked(values, complaints + rules.broken(texts))


def read_only(env: Mapping[str, str], names: Collection[str]) -> Settings:
    """Read only the settings in *names*; the others have their defaults.

    Raises:
        BadSettings: Names each of *names* that is malformed. None is required.
    """
    return _checked(*_values(_texts(env, names)))


def _texts(env: Mapping[str, str], names: Collection[str]) -> Texts:
    return {name: env.get(name, "").strip() if name in names else "" for name in NAMES}


def _values(texts: Texts) -> tuple[dict[str, Any], list[str]]:
    """Return the value of each field, and a complaint for each malformed setting."""
    values: dict[str, Any] = {}
    complaints = []
    for name, row in SETTINGS.items():
        try:
            values[name.lower()] = row.read(texts[name] or row.default_text(texts))
        except Malformed as error:
            follows = callable(row.default)  # from a setting that is malformed, too
            if texts[name] or not follows:
                complaints.append(f"{name} {error}")
    return values, complaints


def _checked(values: dict[str, Any], complaints: list[str]) -> Settings:
    if complaints:
        lines = "\n".join(f"  - {complaint}" for complaint in complaints)
        raise BadSettings(
            f"The settings need attention:\n{lines}\n"
            "Set them in the environment or in .env; docs/admin.md explains each."
        )
    return Settings(**values)

"""What commands are given: arguments to parse, and the operator's settings."""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.errors import BadSettings

if TYPE_CHECKING:
    from bot.settings.settings import Settings
    from bot.settings.unknown import Unknown

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001


def read_all(*only: str) -> tuple[Settings, list[Unknown]]:
    """Return the settings, and the unknown names that are ignored.

    With *only*, the other settings are not required and not read.

    Raises:
        BadSettings: Some are missing or malformed.
    """
    from bot.settings import reading
    from bot.settings.sources import Sources

    sources = Sources.of(os.environ, Path.cwd())
    try:
        if only:
            return reading.read_only(sources.texts, only), sources.unknown
        return reading.read(sources.texts), sources.unknown
    except BadSettings as error:
        raise BadSettings(f"{error}\n{_ignored(sources.unknown)}".rstrip()) from None


def read_only(*names: str) -> Settings:
    """Return the settings in *names*; print a warning for each unknown name."""
    without_log()
    settings, unknown = read_all(*names)
    sys.stderr.write(_ignored(unknown))
    return settings


def _ignored(unknown: list[Unknown]) -> str:
    return "".join(f"an unknown setting is ignored: {it}\n" for it in unknown)


def without_log() -> None:
    """Keep warnings of the database out of a command's output: it prints its own."""
    logging.getLogger("bot.storage").addHandler(logging.NullHandler())


def slack_id_of(kinds: str) -> Callable[[str], str]:
    """Return a reader of Slack ids that begin with one of *kinds*."""

    def slack_id(text: str) -> str:
        if not re.fullmatch(rf"[{kinds}][A-Z0-9]+", text):
            raise argparse.ArgumentTypeError(
                f"a Slack id looks like {kinds[0]}0123ABCD"
            )
        return text

    return slack_id

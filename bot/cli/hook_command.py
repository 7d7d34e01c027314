"""The command ``hook test``, and how it is typed."""

from __future__ import annotations

import argparse
import asyncio
import sys

from bot.cli.codes import BAD_INPUT
from bot.cli.given import Commands, read_only

OF_THE_HOOK = (
    "DATABASE_URL",
    "RINGOUT_HOOK_URL",
    "RINGOUT_HOOK_SECRET",
    "RINGOUT_HOOK_ALLOW_PRIVATE",
)


def add_hook(commands: Commands) -> None:
    """Add ``hook``, whose one verb is ``test``."""
    hook = commands.add_parser("hook", help="send the hook's receiver a test event")
    hook.add_argument("verb", choices=("test",), help="send one, say what comes back")
    hook.set_defaults(run=_test)


def _test(_arguments: argparse.Namespace) -> int:
    settings = read_only(*OF_THE_HOOK)
    for name in ("RINGOUT_HOOK_URL", "RINGOUT_HOOK_SECRET"):
        if not getattr(settings, name.lower()):
            sys.stderr.write(f"{name} is missing\n")
            return BAD_INPUT
    from bot.cli.hook import send_test

    return asyncio.run(send_test(settings))

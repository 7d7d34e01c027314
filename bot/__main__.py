"""What ``python -m bot`` and the console script ``ringout-bot`` run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from bot.cli import main as commands

FOR_US_ALONE = 0o077
"""The umask: nobody but this user reads or writes the files that are made here."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    os.umask(FOR_US_ALONE)
    return commands.main(argv)


if __name__ == "__main__":
    sys.exit(main())

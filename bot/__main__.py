"""What ``python -m bot`` and the console script ``ringout-bot`` run."""

from __future__ import annotations

import sys

from bot.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())

"""The demo says something at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.demo.greeting import WELCOME
from checkout import ROOT

STOPS_AT_THE_FIRST_SLOW_IMPORT = """
import sys

SLOW = {"aiohttp", "slack_sdk", "sqlalchemy", "phonenumbers", "bot.demo.terminal"}

class Stop:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in SLOW or name in SLOW:
            raise SystemExit(f"imports {name}")

sys.meta_path.insert(0, Stop())
from bot.cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("options", [["--tour"], ["--web", "--no-browser"]])
def test_the_demo_speaks_before_it_imports_what_is_slow(options: list[str]) -> None:
    """Two silent seconds look like a command that hangs. Whatever their length: order."""
    done = subprocess.run(
        [sys.executable, "-c", STOPS_AT_THE_FIRST_SLOW_IMPORT, "demo", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stdout, done.stderr) == (WELCOME, "imports bot.demo.terminal\n")

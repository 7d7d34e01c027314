"""Run the benches, print a table, write JSON: ``uv run -q python tests/bench/run.py``."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "support")]

from benches import BENCHES  # noqa: E402 - needs the path set above
from page import page  # noqa: E402 - needs the path, too
from sides import checkout  # noqa: E402 - needs the path, too
from table import Figure, as_json, rendered  # noqa: E402 - needs the path, too

PACKAGES = (
    "aiohttp",
    "requests",
    "ringcentral",
    "slack-bolt",
    "slack-sdk",
    "SQLAlchemy",
)


def about(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what describes a run: versions and machine."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": "uv run -q python tests/bench/run.py " + " ".join(sys.argv[1:]),
        "quick": arguments.quick,
        "before": arguments.before,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "load_at_start": os.getloadavg(),
        "packages": {name: version(name) for name in PACKAGES},
    }


async def measured(
    names: list[str], *, quick: bool, before: Path | None
) -> list[Figure]:
    """Run the benches one after another."""
    figures: list[Figure] = []
    for name in names:
        begun = time.monotonic()
        sys.stderr.write(f"{name} ...\n")
        figures += await BENCHES[name](quick=quick, before=before)
        sys.stderr.write(f"{name}: {time.monotonic() - begun:.0f} s\n")
    return figures


def main() -> None:
    """Read the arguments, run the benches, print and store the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=sorted(BENCHES), action="append")
    parser.add_argument("--quick", action="store_true", help="one short round each")
    parser.add_argument(
        "--before", default="", help="a commit to measure in turn with ours"
    )
    parser.add_argument("--json", type=Path, default=Path("bench-results.json"))
    parser.add_argument("--page", type=Path, help="write the results as a page")
    arguments = parser.parse_args()
    facts = about(arguments)
    names = arguments.only or list(BENCHES)
    with checkout(arguments.before) as before:
        work = measured(names, quick=arguments.quick, before=before)
        figures = asyncio.run(work)
    sys.stdout.write(rendered(figures) + "\n")
    arguments.json.write_text(as_json(figures, facts) + "\n")
    if arguments.page:
        arguments.page.write_text(page(figures, facts))


if __name__ == "__main__":
    main()

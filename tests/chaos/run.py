"""The chaos bench: ``uv run -q python tests/chaos/run.py --calls 500 --processes 3``.

One process uses SQLite; several use a PostgreSQL that the bench starts. A seed replays
a failure: the same commands, stories and faults in the same order, though not at the
same microsecond.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "support"), str(HERE)]

from bot.storage.calls.store import Store  # noqa: E402
from postgres import server  # noqa: E402 - needs the path set above
from storm import SOME_LATE, Storm  # noqa: E402
from town import a_town  # noqa: E402
from verdict import Verdict  # noqa: E402


async def storm(
    calls: int, processes: int, seed: int, late: float
) -> tuple[Verdict, Storm]:
    """Run one storm in a temporary folder; return its verdict and the storm."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = stack.enter_context(server()) if processes > 1 else None
        url = f"sqlite:///{folder}/calls.db"
        if running is not None:
            url = running.fresh_database()
            store = Store(url)
            await store.migrate()
            store.close()
        async with a_town(folder) as town:
            played = Storm(town, url, seed, calls, processes, running, late)
            verdict = await played.run()
            played.text = played.logs()
            return verdict, played


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()))


def main() -> int:
    """Run it; return 1 if a rule was broken."""
    parser = argparse.ArgumentParser(description="Break things, and count.")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--late", type=float, default=SOME_LATE, metavar="SECONDS")
    parser.add_argument("--keep", action="store_true", help="keep the logs anyway")
    chosen = parser.parse_args()
    begun = time.monotonic()
    verdict, played = asyncio.run(
        storm(chosen.calls, chosen.processes, chosen.seed, chosen.late)
    )
    seconds = time.monotonic() - begun
    met = played.wire.met()
    lines = [
        f"seed {chosen.seed}, processes {chosen.processes}, {seconds:.0f} s",
        f"faults {played.faults.total()}: {_counted(played.faults)}",
        f"requests that met one {met.total()}: {_counted(met)}",
        *verdict.lines(),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    if chosen.keep or not verdict.is_clean:
        Path(f"chaos-{chosen.seed}.log").write_text(played.text, encoding="utf-8")
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())

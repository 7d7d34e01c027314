"""A child that plays rounds of calls in virtual time, with the bot of its own checkout."""

from __future__ import annotations

import argparse
import json

from children import say
from simulated import Planned, simulate
from virtual_time import in_virtual_time


def main() -> None:
    """Read the rounds: the lags of the calls of each, in seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--talk", type=float, default=20.0)
    parser.add_argument("--rounds", type=json.loads, default=[])
    options = parser.parse_args()
    rounds = [[Planned(options.talk, lag) for lag in each] for each in options.rounds]
    played = in_virtual_time(simulate(rounds))
    say(
        waits=played.waits,
        reads=played.reads,
        refused=played.refused,
        least_free=played.least_free,
    )


if __name__ == "__main__":
    main()

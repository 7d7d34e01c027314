"""Plants a bug in one of a bot process's endless tasks; Python imports it first.

Its cards' task ends once a card is to be edited.
"""

import asyncio

from bot.slack.posting.pace import Pace


async def run(self: Pace) -> None:
    """Wait for a card to edit, then raise."""
    while not len(self):
        await asyncio.sleep(0.02)
    raise ZeroDivisionError


Pace.run = run

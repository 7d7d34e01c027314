"""A call that is in progress until the test ends it, however slow the machine is."""

from __future__ import annotations

from bot.sandbox.ringcentral.story import Story, goes
from town import Town

TALKING = Story(
    name="talking",
    about="they talk until somebody hangs up",
    moments=goes("answer", "answer", first=2, second=2),
)


async def connected(town: Town, number: int = 0) -> None:
    """Wait until a card says that both sides of its call are connected."""

    def is_shown() -> bool:
        cards = town.cards()
        return len(cards) > number and "Talking with" in cards[number].text

    await town.until(is_shown)


async def hang_up(town: Town) -> None:
    """End every call that was placed, once both have answered, as a person would."""
    for call in await town.until(lambda: town.ringcentral.open_calls):
        await town.until(lambda call=call: call.progress().was_connected)  # type: ignore[misc]
        town.ringcentral.press(call.id, "callee", "hangup")

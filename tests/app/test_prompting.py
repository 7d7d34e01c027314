"""The bot must ask for a key press first, whatever phone may ring first."""

from __future__ import annotations

import pytest

from town import CALLEE, Town

DESK, STRANGER, LANDLINE = "+16505550102", "+15105550177", "+442079460958"


@pytest.mark.parametrize(
    ("typed", "rang", "prompt"),
    [
        ("", DESK, False),
        (f" from {STRANGER}", STRANGER, True),
        (f" from {LANDLINE}", LANDLINE, False),
        (f" from {DESK}", DESK, False),
        (" from mobile", "+16505550101", True),
    ],
)
async def test_the_phone_that_rings_decides_not_the_default_one(
    closed_town: Town,
    typed: str,
    rang: str,
    prompt: bool,  # noqa: FBT001 - parametrized
) -> None:
    """People may type a mobile although their default is a desk phone."""
    town = closed_town
    town.ringcentral.service.forwarding_numbers.append(
        {
            "id": "2",
            "phoneNumber": DESK,
            "label": "Desk",
            "type": "PhoneLine",
            "features": ["CallForwarding"],
        }
    )
    await town.open(
        RINGOUT_FROM=DESK, RINGOUT_FROM_NUMBERS="*", RINGOUT_COUNTRIES="US,GB"
    )
    bot = town.bot
    assert bot is not None
    await town.until(
        lambda: bot._telephone.accounts._shared.phones
    )  # till then any may be a mobile
    await town.types(f"{CALLEE}{typed}")
    await town.until(lambda: town.ringcentral.calls)

    [call] = town.ringcentral.calls
    assert (call.caller, call.play_prompt) == (rang, prompt)


async def test_a_number_among_the_words_of_for_never_rings_first(
    closed_town: Town,
) -> None:
    """Any number may ring first here, and this one would be somebody else's."""
    town = closed_town
    await town.open(RINGOUT_FROM_NUMBERS="*", RINGOUT_COUNTRIES="US,GB")

    refused = await town.types(f"{CALLEE} for the message from 312 555 0177")

    assert "put those in quotes" in refused.text
    assert town.posts == 0

"""Why RingCentral refuses an account's sign-in, by its code, in words for its owner.

Source of the codes: RingCentral developer guide, "Error Codes".
"""

from __future__ import annotations

from bot.errors import code_in

LOCKED = (
    "RingCentral has locked this account's sign-in. Wait a while, or ask a RingCentral "
    "administrator to unlock it."
)

CAUSES = {
    "OAU-147": LOCKED,
    "OAU-148": LOCKED,
    "OAU-167": "This RingCentral account belongs to another RingCentral service or "
    "region, so it can't be used here.",
    "OAU-232": "RingCentral can't find your extension. Ask a RingCentral administrator "
    "whether it still exists.",
    "OAU-236": "Your RingCentral extension is disabled. Ask a RingCentral administrator "
    "to enable it.",
}

FOR_OTHERS = {
    "OAU-147": "RingCentral has locked the account's sign-in for now.",
    "OAU-148": "RingCentral has locked the account's sign-in for now.",
    "OAU-167": "The account belongs to another RingCentral service or region.",
    "OAU-232": "RingCentral can't find the account's extension.",
    "OAU-236": "The account's RingCentral extension is disabled.",
}
"""The same, where the reader may not own the account: on a card, and of a shared one."""


FOR_GOOD = {"OAU-167"}
"""The account can never be used here: another one has to be connected."""


def passes(answer: str) -> bool:
    """Return whether the account can be connected again once the cause is gone."""
    return code_in(answer) not in FOR_GOOD


def of(answer: str) -> str:
    """Return the cause that an answer such as ``400 OAU-147`` names; empty if none."""
    return CAUSES.get(code_in(answer), "")


def for_others(answer: str) -> str:
    """Return the cause as anybody may read it; empty if the answer names none."""
    return FOR_OTHERS.get(code_in(answer), "")

"""Why RingCentral refuses an account's sign-in, by its code, in words for its owner.

Source of the codes: RingCentral developer guide, "Error Codes".
"""

from __future__ import annotations

import re

LOCKED = (
    "RingCentral has locked this account's sign-in. Wait a while, or ask a RingCentral "
    "administrator to unlock it, then try again."
)

CAUSES = {
    "OAU-147": LOCKED,
    "OAU-148": LOCKED,
    "OAU-167": "This RingCentral account belongs to another RingCentral service or "
    "region (realm) than the bot's app, so it can't be used here. Use an account of the "
    "same one.",
    "OAU-232": "RingCentral does not find the extension that this sign-in is for. Ask a "
    "RingCentral administrator whether it still exists.",
    "OAU-236": "This RingCentral extension is disabled. A RingCentral administrator can "
    "enable it.",
}

_CODE = re.compile(r"OAU-\d+")


def of(answer: str) -> str:
    """Return the cause that an answer such as ``400 OAU-147`` names; empty if none."""
    found = _CODE.search(answer)
    return CAUSES.get(found[0], "") if found else ""

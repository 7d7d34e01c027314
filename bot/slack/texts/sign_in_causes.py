"""Why RingCentral refuses an account's sign-in, by its code, in words for its owner.

Source of the codes: RingCentral developer guide, "Error Codes".
"""

from __future__ import annotations

import re

LOCKED = (
    "RingCentral has locked this account's sign-in. Wait a while, or ask a RingCentral "
    "administrator to unlock it."
)

CAUSES = {
    "OAU-147": LOCKED,
    "OAU-148": LOCKED,
    "OAU-167": "This RingCentral account belongs to another RingCentral service or "
    "region, so it can't be used here.",
    "OAU-232": "RingCentral doesn't find your extension. Ask a RingCentral administrator "
    "whether it still exists.",
    "OAU-236": "Your RingCentral extension is disabled. Ask a RingCentral administrator "
    "to enable it.",
}

_CODE = re.compile(r"OAU-\d+")


def of(answer: str) -> str:
    """Return the cause that an answer such as ``400 OAU-147`` names; empty if none."""
    found = _CODE.search(answer)
    return CAUSES.get(found[0], "") if found else ""

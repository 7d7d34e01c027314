"""Why RingCentral refused a call, and who can mend it: the placer, the operator, an admin.

Source of the codes: RingCentral developer guide, "Error Codes".
"""

from __future__ import annotations

from bot.calls.call import Refusal
from bot.slack.texts.text import foreign

APP_LACKS, USER_LACKS = {"CMN-401"}, {"CMN-408", "CMN-419"}
"""Codes for a permission that the app lacks, and for one that its user lacks."""

FEATURE_CODES = {"CMN-109", "CMN-427"}
"""Codes for a feature that the account or extension does not have."""

NOT_ALLOWED = {
    "CMN-402": "Only a RingCentral administrator may do this, and this RingCentral user "
    "is none.",
    "CMN-403": "RingCentral does not allow this for this kind of extension. A "
    "RingCentral administrator can tell which kind is needed.",
    "CMN-404": "RingCentral does not allow this for another extension than the user's "
    "own. Tell the person who runs the bot.",
}
"""Other codes that have nothing to do with what was typed."""

INTERNATIONAL = (
    "International calls are switched off for this RingCentral user. "
    "A RingCentral administrator can switch them on."
)

PARAMETERS = {
    "to": "It does not take the callee's number. Check it, and call again.",
    "callerid": "It does not let this caller ID be shown. Ask the person who runs the "
    "bot.",
    "from": "It does not let this phone ring first. Give another one with `from`.",
}
"""What is wrong, by how the refused parameter begins."""


def why(refusal: Refusal) -> str:
    """Say why RingCentral refused, and what to do next. The text is escaped."""
    return _lacking(refusal) or _by_code(refusal) or _by_parameter(refusal)


def _lacking(refusal: Refusal) -> str:
    """Say which permission or feature is missing, and whose; empty if none is."""
    permission, feature = foreign(refusal.permission), foreign(refusal.feature)
    named = f" “{permission}”" if permission else " for this"
    if "international" in refusal.feature.lower():
        return INTERNATIONAL
    if refusal.code in USER_LACKS:
        return (
            f"This RingCentral user lacks the permission{named}. A RingCentral "
            "administrator can add it to the user's role, under Users > Roles."
        )
    if refusal.code in APP_LACKS or (permission and not _by_code(refusal)):
        return (
            f"The RingCentral app lacks the permission{named}. The person who runs the "
            "bot can add it to the app in RingCentral's developer console."
        )
    if feature or refusal.code in FEATURE_CODES:
        what = f"the feature “{feature}”" if feature else "a feature for this"
        return f"This RingCentral user lacks {what}. A RingCentral administrator can add it."
    return ""


def _by_code(refusal: Refusal) -> str:
    return NOT_ALLOWED.get(refusal.code, "")


def _by_parameter(refusal: Refusal) -> str:
    where = refusal.parameter.lower()
    for name, said in PARAMETERS.items():
        if where.startswith(name):
            return said
    code = f"{refusal.status} {refusal.code}".strip()
    if "credit" in refusal.code.lower() or "funds" in refusal.code.lower():
        return f"There is not enough calling credit ({foreign(code)})."
    return (
        f"Its reason: {foreign(code)}. No phone has rung; check the number, or tell the "
        "person who runs the bot."
    )

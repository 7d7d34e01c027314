"""Why RingCentral refused a call, and who can help: the placer or one of two admins.

A channel reads it, so it has no names of permissions: those are in the log.

Source of the codes: RingCentral developer guide, "Error Codes".
"""

from __future__ import annotations

from http import HTTPStatus

from bot.calls.call import Refusal

APP_LACKS, USER_LACKS = {"CMN-401"}, {"CMN-408", "CMN-419"}
"""Codes for a permission that the app lacks, and for one that its user lacks."""

FEATURE_CODES = {"CMN-109", "CMN-427"}
"""Codes for a feature that the account or extension does not have."""

NOT_ALLOWED = {
    "CMN-402": "Only a RingCentral administrator may place this call.",
    "CMN-403": "RingCentral doesn't allow calls from this kind of extension. A "
    "RingCentral administrator can tell which kind it takes.",
    "CMN-404": "RingCentral doesn't allow calls from another user's extension. {ask}",
}
"""Other codes that have nothing to do with what was typed."""

INTERNATIONAL = (
    "International calls are switched off for this RingCentral user. A RingCentral "
    "administrator can switch them on."
)

NO_PHONE_RANG = "RingCentral refused it, and no phone rang."

PARAMETERS = {
    "to": "RingCentral doesn't accept this number. Check it and call again.",
    "callerid": "RingCentral doesn't allow this caller ID. Choose another one in "
    "`/ringout settings`.",
    "from": "RingCentral can't ring this phone first. Choose another one with `from`.",
}
"""What is wrong, by how the refused parameter begins."""


def why(refusal: Refusal, ask: str) -> str:
    """Say why RingCentral refused, and what to do next; *ask* says whom. All is escaped."""
    said = _lacking(refusal) or _by_code(refusal) or _by_parameter(refusal)
    return said.format(ask=ask, or_ask=ask[:1].lower() + ask[1:])


def _lacking(refusal: Refusal) -> str:
    """Say whose permission or feature is missing; empty if none is."""
    if "international" in refusal.feature.lower():
        return INTERNATIONAL
    if refusal.code in USER_LACKS:
        return (
            "This RingCentral user isn't allowed to place such calls. A RingCentral "
            "administrator can change that in the user's role."
        )
    if refusal.code in APP_LACKS or (refusal.permission and not _by_code(refusal)):
        return "This app isn't allowed to place calls yet. {ask}"
    if refusal.feature or refusal.code in FEATURE_CODES:
        return (
            "This RingCentral user doesn't have such calls in their plan. A RingCentral "
            "administrator can add them."
        )
    return ""


def _by_code(refusal: Refusal) -> str:
    return NOT_ALLOWED.get(refusal.code, "")


def _by_parameter(refusal: Refusal) -> str:
    where = refusal.parameter.lower()
    for name, said in PARAMETERS.items():
        if where.startswith(name):
            return said
    if "credit" in refusal.code.lower() or "funds" in refusal.code.lower():
        return "There isn't enough calling credit. A RingCentral administrator can add some."
    if refusal.status == HTTPStatus.BAD_REQUEST:
        return f"{NO_PHONE_RANG} Check the number, or {{or_ask}}"
    return f"{NO_PHONE_RANG} {{ask}}"

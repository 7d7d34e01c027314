"""What the operator can do where RingCentral lets nobody sign in: said in the log."""

from __future__ import annotations

from bot.ringcentral.sign_in import grant

ASK_DOCTOR = "`ringout-bot doctor` tells what to change"

CHECKS = {
    "unauthorized_client": grant.SWITCH_ON_CODE,
    "unsupported_response_type": grant.SWITCH_ON_CODE,
    "invalid_scope": "look at the app's permissions at developers.ringcentral.com",
    "invalid_request": "`ringout-bot doctor` prints the redirect URI to register",
}
"""By the error of RingCentral's page."""

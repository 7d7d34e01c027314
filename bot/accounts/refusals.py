"""What somebody is told whose RingCentral account could not be connected, and why.

Whose turn it is comes first: most refusals are nothing that a new try would mend.
"""

from __future__ import annotations

import logging

from bot.errors import Refused
from bot.ringcentral.sign_in import grant_types
from bot.ringcentral.sign_in.tokens import is_final
from bot.serving import oauth_errors

log = logging.getLogger(__name__)

AGAIN = "Type `/ringout connect` in Slack for a new link."
MENDS = "The person who runs the bot can mend that:"
DOCTOR = "`ringout-bot doctor` tells how."

CHECK = {
    "unauthorized_client": f"{grant_types.BY_CODE}.",
    "unsupported_response_type": f"{grant_types.BY_CODE}.",
    "invalid_scope": "look at the app's permissions at developers.ringcentral.com.",
    "invalid_request": "`ringout-bot doctor` prints the redirect URI to register.",
}


def of_page(error: str) -> str:
    """Return what to say to whom RingCentral's page sent back with *error*, or nothing."""
    why = oauth_errors.reason(error)
    if why == oauth_errors.CANCELLED:
        return f"The sign-in was cancelled. {AGAIN}"
    log.warning("RingCentral's sign-in page sent somebody back: %s", why)
    if why in oauth_errors.LATER:
        return (
            f"RingCentral can't sign you in just now ({why}), so nothing was connected. "
            f"Wait a minute. {AGAIN}"
        )
    return (
        f"RingCentral refused the bot's app, not you ({why}), so nothing was connected. "
        f"{MENDS} {CHECK.get(why, DOCTOR)}"
    )


def of_code(error: Refused) -> str:
    """Return what to say to whom RingCentral let go on, and then gave no tokens."""
    log.warning("RingCentral refused a sign-in's code: %s", error)
    if error.lacks_grant:
        return (
            f"RingCentral lets nobody sign in to the bot's app by browser ({error}). "
            f"{MENDS} {grant_types.BY_CODE}."
        )
    if not is_final(error):
        return f"RingCentral refused the bot's app, not you ({error}). {MENDS} {DOCTOR}"
    return f"RingCentral did not accept this sign-in. {AGAIN}"


def of_credential(error: Refused, client_id: str) -> str:
    """Return what to say to whose JWT credential was refused; it fits under an input."""
    if error.lacks_grant:
        log.warning("the RingCentral app takes no JWT credentials: %s", error)
        return (
            f"RingCentral takes no JWT credentials for the bot's app ({error}), "
            f"whoever's they are. {MENDS} {grant_types.BY_JWT}."
        )
    if not is_final(error):
        log.warning("RingCentral refused the app, with a JWT credential: %s", error)
        return (
            f"RingCentral refused the bot's app, not your credential ({error}). "
            f"{MENDS} {DOCTOR}"
        )
    return (
        f"RingCentral does not accept it ({error.status}). Was it made for this app's "
        f"client id ({client_id}), and copied whole?"
    )

"""What an app has to be given at RingCentral, for each way of signing in.

One that lacks it is refused with ``unauthorized_client``, OAU-251. Source: RingCentral
developer guide, "Configuring apps to use JWT" and "Authorization code flow".
"""

from __future__ import annotations

WHERE = "in the app's settings at developers.ringcentral.com, under Auth"
BY_JWT = f"switch on the JWT auth flow {WHERE}"
BY_CODE = f"switch on 3-legged OAuth (authorization code) {WHERE}"

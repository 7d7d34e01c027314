"""The fewest settings that a bot starts with."""

from __future__ import annotations

ENOUGH = {
    "SLACK_BOT_TOKEN": "xoxb-secret-1",
    "SLACK_APP_TOKEN": "xapp-secret-2",
    "RC_APP_CLIENT_ID": "client-secret-3",
    "RC_APP_CLIENT_SECRET": "secret-4",
    "RC_USER_JWT": "jwt-secret-5",
}

"""Settings for tests: the fewest that a bot needs, and malformed ones."""

from __future__ import annotations

ENOUGH = {
    "SLACK_BOT_TOKEN": "xoxb-secret-1",
    "SLACK_APP_TOKEN": "xapp-secret-2",
    "RC_APP_CLIENT_ID": "client-secret-3",
    "RC_APP_CLIENT_SECRET": "secret-4",
    "RC_USER_JWT": "jwt-secret-5",
}

MALFORMED = [
    ("SLACK_BOT_TOKEN", "token-7391"),
    ("SLACK_APP_TOKEN", "xoxb-7391"),
    ("PORT", "http7391"),
    ("PORT", "70000"),
    ("PUBLIC_URL", "http://bot-7391.example"),
    ("PUBLIC_URL", "https://bot.example/7391"),
    ("SLACK_API_URL", "slack-7391.com/api"),
    ("SLACK_AUTHORIZE_URL", "slack-7391.com/oauth/v2/authorize"),
    ("RC_SERVER_URL", "ftp://7391.ringcentral.com"),
    ("DATABASE_URL", "ringout-7391.db"),
    ("DATABASE_DIRECT_URL", "sqlite:///ringout-7391.db"),
    ("RINGOUT_SECRET_KEY", "a-key-7391"),
    ("RINGOUT_SHARED_ACCOUNT", "yes-7391"),
    ("RINGOUT_GUESTS", "some-7391"),
    ("RINGOUT_FROM", "6505557391"),
    ("RINGOUT_FROM", "+1 MY PHONE 7391"),
    ("RINGOUT_FROM_NUMBERS", "+16505550102,6505557391"),
    ("RINGOUT_REGION", "XX7391"),
    ("RINGOUT_COUNTRIES", "US,Kanada7391"),
    ("RINGOUT_COUNTRIES", ","),
    ("RINGOUT_NUMBER_TYPES", "personal,premium-7391"),
    ("RINGOUT_NUMBER_TYPES", "premium"),
    ("RINGOUT_ADMIN_CONTACT", "T0123:U7391"),
    ("RINGOUT_SHOW_NUMBERS", "some-7391"),
    ("RINGOUT_ALLOWED_USERS", "U1,ann-7391"),
    ("RINGOUT_ALLOWED_CHANNELS", "#sales-7391"),
    ("RINGOUT_ADMINS", "C7391"),
    ("RINGOUT_OUTCOMES", "Spoke,,word-7391"),
    ("RINGOUT_OUTCOMES", "word-7391,Word-7391"),
    ("RINGOUT_OUTCOMES", "channel:"),
    ("RINGOUT_OUTCOMES", "word-7391" * 5),
    ("RINGOUT_CALLS_PER_MINUTE", "0"),
    ("RINGOUT_CALLS_PER_MINUTE", "many-7391"),
    ("RINGOUT_RETENTION_DAYS", "ever-7391"),
    ("RINGOUT_POLL_SECONDS", "0"),
    ("RINGOUT_LOG_DELAY_SECONDS", "soon-7391"),
    ("RINGOUT_LOG_GIVE_UP_SECONDS", "-7391"),
    ("RINGOUT_EVENTS", "maybe-7391"),
    ("RINGOUT_HOOK_URL", "crm-7391.example/calls"),
    ("RINGOUT_HOOK_URL", "https://crm.example\\@7391/"),
    ("RINGOUT_HOOK_URL", "https://crm.example/calls#7391"),
    ("RINGOUT_HOOK_SECRET", "whsec_7391"),
    ("RINGOUT_HOOK_SECRET", ",".join(3 * ["whsec_" + 32 * "7391"])),
    ("RINGOUT_HOOK_NUMBERS", "some-7391"),
    ("RINGOUT_HOOK_NOTES", "yes-7391"),
    ("RINGOUT_HOOK_PRIVATE_CALLS", "yes-7391"),
    ("RINGOUT_HOOK_ALLOW_PRIVATE", "yes-7391"),
    ("RINGOUT_LOG_FORMAT", "xml-7391"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector-7391:4318"),
]
"""Every setting that can be malformed, at least once.

Where a text can hold it, 7391 stands in it: no message may repeat those digits.
"""

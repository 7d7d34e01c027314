"""The way to RingCentral, as the settings have it."""

from __future__ import annotations

from bot.ringcentral.transport.network import App, Network
from bot.ringcentral.transport.pools import CONNECTIONS
from bot.settings.settings import Settings
from bot.telemetry.measures import Measures

CONNECTIONS_OF_MANY = 12
"""To RingCentral, where people call by accounts of their own."""


def network_of(settings: Settings, measures: Measures | None = None) -> Network:
    """Return the way to RingCentral; nobody has signed in by it yet."""
    app = App(
        settings.rc_server_url, settings.rc_app_client_id, settings.rc_app_client_secret
    )
    many = CONNECTIONS_OF_MANY if settings.lets_connect else CONNECTIONS
    return Network(app, measures, connections=many)

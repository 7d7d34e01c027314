"""The part of the assembly for RingCentral: accounts, their sign-ins, names from them."""

from __future__ import annotations

import asyncio

from bot.accounts.callers import Operator
from bot.accounts.clients import network_of
from bot.accounts.disconnecting import Disconnecting
from bot.accounts.names import NameKeys, Names
from bot.accounts.registry import Accounts
from bot.app.people import People
from bot.app.tempo import Tempo
from bot.background import Background
from bot.clock import Clock
from bot.cluster.member import Member
from bot.settings.settings import Settings
from bot.storage.database.writer import Writer
from bot.storage.people.connections import Connections
from bot.storage.people.name_books import NameBooks
from bot.storage.people.pending_sign_ins import PendingSignIns
from bot.telemetry.measures import Measures
from bot.vault import Vault


class Telephone:
    """What reaches RingCentral: the shared account, and those that people connect."""

    def __init__(
        self,
        settings: Settings,
        writer: Writer,
        member: Member,
        clock: Clock,
        background: Background,
        measures: Measures,
        *,
        sign_in_ended: asyncio.Event,
        tempo: Tempo,
    ) -> None:
        vault = Vault(settings.ringout_secret_key)
        self.network = network_of(settings, measures, tempo.answers)
        self.connections = Connections(writer, vault, tempo.revocation_lease)
        self.accounts = Accounts(
            self.network,
            Operator.of(settings),
            self.connections,
            member,
            clock,
            background,
            sign_in_ended=sign_in_ended,
            waits=tempo.sign_in,
        )
        self.names = Names(
            NameBooks(writer),
            self.connections,
            self.accounts,
            NameKeys.of(vault, settings.rc_user_jwt, self.network.app),
            clock,
            region=settings.ringout_region,
            waits=tempo.names,
        )
        self.disconnecting = Disconnecting(
            self.network,
            self.connections,
            self.accounts,
            clock,
            sign_in_ended=sign_in_ended,
        )
        self.people = People(
            settings,
            self.network,
            self.connections,
            PendingSignIns(writer, vault),
            self.accounts,
            self.disconnecting,
            clock,
            background,
            sign_in_ended=sign_in_ended,
            tempo=tempo,
        )

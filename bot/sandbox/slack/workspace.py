"""A workspace: its people and channels. All are made up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.slack.grants import Enterprise, Grant

ChannelKind = Literal["public", "private", "im", "mpim", "app-dm"]

HISTORY_SCOPES: dict[ChannelKind, str] = {
    "public": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
    "app-dm": "im:history",
}
READ_SCOPES: dict[ChannelKind, str] = {
    "public": "channels:read",
    "private": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
    "app-dm": "im:read",
}
SPOKEN_NAMES: dict[ChannelKind, str] = {
    "private": "privategroup",
    "im": "directmessage",
    "app-dm": "directmessage",
}
"""What payloads have instead of a channel's name (Slack docs, "Slash commands")."""


@dataclass(slots=True, kw_only=True)
class User:
    """A person, or the bot.

    Attributes:
        tz_offset: Seconds from UTC.
        phone: As they typed it in their profile.
        deleted: Whether they are deactivated.
        updated: When they last changed, in seconds since the epoch.
        home: The id of their own team if they are here by Slack Connect.
        guest: Whether they are a guest, in several channels or in a single one.
    """

    id: str
    name: str
    real_name: str
    tz: str = "America/Los_Angeles"
    tz_offset: int = -28_800
    is_bot: bool = False
    phone: str = ""
    locale: str = "en-US"
    deleted: bool = False
    updated: int = 1_700_000_000
    home: str = ""
    guest: Literal["", "multi", "single"] = ""


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation.

    Attributes:
        restricted: Only some members may post, and not the bot.
        is_shared: Another company is in it, too (Slack Connect).
    """

    id: str
    name: str
    kind: ChannelKind
    members: set[str]
    archived: bool = False
    restricted: bool = False
    is_shared: bool = False

    @property
    def payload_name(self) -> str:
        """The channel's name in payloads."""
        return SPOKEN_NAMES.get(self.kind, self.name)


def _people() -> list[User]:
    west, east, london = (
        ("America/Los_Angeles", -28_800),
        ("America/New_York", -18_000),
        ("Europe/London", 0),
    )
    return [
        _user("U0ANN", "ann", "Ann Archer", west),
        _user("U0BOB", "bob", "Bob Baker", east),
        _user("U0CARL", "carl", "Carl Cooper", london),
    ]


def _user(user_id: str, name: str, real_name: str, zone: tuple[str, int]) -> User:
    return User(
        id=user_id, name=name, real_name=real_name, tz=zone[0], tz_offset=zone[1]
    )


def _channels(bot: str, mark: str) -> list[Channel]:
    ann, bob, carl = "U0ANN", "U0BOB", "U0CARL"
    everybody = {ann, bob, carl}
    group = "mpdm-ann--bob--carl-1"
    found: list[tuple[str, str, ChannelKind, set[str]]] = [
        (f"C{mark}SALES", "sales", "public", {*everybody, bot}),
        (f"C{mark}GENERAL", "general", "public", {*everybody}),
        (f"C{mark}DEALS", "deals", "private", {ann, bob}),
        (f"D{mark}ANNBOB", "ann-bob", "im", {ann, bob}),
        (f"G{mark}TRIO", group, "mpim", {*everybody}),
    ]
    return [
        Channel(id=channel_id, name=name, kind=kind, members=members)
        for channel_id, name, kind, members in found
    ]


def bot_user(mark: str = "") -> User:
    """Return the bot's user; its id ends in *mark*."""
    return User(id=f"U0RINGOUT{mark}", name="ringout", real_name="RingOut", is_bot=True)


@dataclass(slots=True)
class Workspace:
    """A workspace and all in it.

    Attributes:
        mark: A part of its channels' ids, which keeps them unique over workspaces.
        title: Its name; empty: made from the domain.
        enterprise: Its organization, if any.
        grant: The app's installation here, if any.
    """

    team: str = "T0SANDBOX"
    domain: str = "sandbox"
    app: str = "A0RINGOUT"
    bot_id: str = "B0RINGOUT"
    bot: User = field(default_factory=bot_user)
    users: list[User] = field(default_factory=_people)
    channels: list[Channel] = field(default_factory=list)
    mark: str = "0"
    title: str = ""
    enterprise: Enterprise | None = None
    grant: Grant | None = None

    def __post_init__(self) -> None:
        self.users.append(self.bot)
        self.channels = self.channels or _channels(self.bot.id, self.mark)

    @classmethod
    def named(cls, team: str, name: str, enterprise: Enterprise | None) -> Workspace:
        """Return a workspace with the usual people and unique ids for the rest.

        The workspaces of an organization share the bot's user.
        """
        mark = enterprise.id if enterprise else team
        return cls(
            team=team,
            domain=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
            bot_id=f"B0RINGOUT{mark}",
            bot=bot_user(mark),
            mark=team,
            title=name,
            enterprise=enterprise,
        )

    @property
    def name(self) -> str:
        """The workspace's name."""
        return self.title or self.domain.title()

    @property
    def is_org_wide(self) -> bool:
        """Whether the app is here by an installation for the organization."""
        return self.grant is not None and self.grant.is_org_wide

    def find_user(self, ref: str) -> User | None:
        """Return the user with this id or name (with or without ``@``), if any."""
        name = ref.removeprefix("@")
        return next(
            (one for one in self.users if ref == one.id or name == one.name), None
        )

    def user_by_id(self, user_id: str) -> User | None:
        """Return the user with this id, if any. The Web API accepts no names."""
        return next((one for one in self.users if one.id == user_id), None)

    def find_channel(self, ref: str) -> Channel | None:
        """Return the channel with this id or name (with or without ``#``), if any."""
        name = ref.removeprefix("#")
        return next(
            (one for one in self.channels if ref == one.id or name == one.name), None
        )

    def by_id(self, channel_id: str) -> Channel | None:
        """Return the channel with this id, if any."""
        return next((one for one in self.channels if one.id == channel_id), None)

    def user(self, ref: str) -> User:
        """Return the user with this id or name; KeyError if there is none."""
        found = self.find_user(ref)
        if found is None:
            raise KeyError(ref)
        return found

    def channel(self, ref: str) -> Channel:
        """Return the channel with this id or name; KeyError if there is none."""
        found = self.find_channel(ref)
        if found is None:
            raise KeyError(ref)
        return found

    def add_channel(self, name: str, kind: ChannelKind, *members: str) -> Channel:
        """Add a channel with these members, given by id or name."""
        ids = {self.user(one).id for one in members}
        letter = "G" if kind == "mpim" else "D" if kind in ("im", "app-dm") else "C"
        channel_id = f"{letter}{self.mark}{name.upper()}"
        added = Channel(id=channel_id, name=name, kind=kind, members=ids)
        self.channels.append(added)
        return added

    def add_user(
        self, user_id: str, name: str, real_name: str = "", phone: str = ""
    ) -> User:
        """Add a person, who is a member of no channel."""
        added = User(
            id=user_id, name=name, real_name=real_name or name.title(), phone=phone
        )
        self.users.append(added)
        return added

    def app_dm(self, user: User) -> tuple[Channel, bool]:
        """Return a person's DM with the app, opened if need be; and whether it was open."""
        name = f"app-{user.name}"
        found = self.find_channel(name)
        if found is not None:
            return found, True
        opened = Channel(
            id=f"D{self.mark}APP{user.id.removeprefix('U0')}",
            name=name,
            kind="app-dm",
            members={user.id, self.bot.id},
        )
        self.channels.append(opened)
        return opened, False

    def has_bot(self, channel: Channel) -> bool:
        """Whether the bot is a member of *channel*."""
        return self.bot.id in channel.members

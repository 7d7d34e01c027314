"""The workspace: who is in it, where they talk, and where the bot may be.

Everybody and everything in it is composed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["public", "private", "im", "mpim", "app-dm"]

HISTORY_SCOPES: dict[Kind, str] = {
    "public": "channels:history",
    "private": "groups:history",
    "im": "im:history",
    "mpim": "mpim:history",
    "app-dm": "im:history",
}
READ_SCOPES: dict[Kind, str] = {
    "public": "channels:read",
    "private": "groups:read",
    "im": "im:read",
    "mpim": "mpim:read",
    "app-dm": "im:read",
}
SPOKEN_NAMES: dict[Kind, str] = {
    "private": "privategroup",
    "im": "directmessage",
    "app-dm": "directmessage",
}
"""What payloads say instead of the name (Slack docs, "Slash commands")."""


@dataclass(slots=True, kw_only=True)
class User:
    """A person, or the bot; `tz_offset` in seconds."""

    id: str
    name: str
    real_name: str
    tz: str
    tz_offset: int
    is_bot: bool = False


@dataclass(slots=True, kw_only=True)
class Channel:
    """Any conversation; `restricted` means that only some members may post."""

    id: str
    name: str
    kind: Kind
    members: set[str]
    archived: bool = False
    restricted: bool = False

    @property
    def payload_name(self) -> str:
        """The name as it stands in payloads."""
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


def _channels(bot: str) -> list[Channel]:
    ann, bob, carl = "U0ANN", "U0BOB", "U0CARL"
    everybody = {ann, bob, carl}
    return [
        Channel(id="C0SALES", name="sales", kind="public", members={*everybody, bot}),
        Channel(id="C0GENERAL", name="general", kind="public", members=everybody),
        Channel(id="C0DEALS", name="deals", kind="private", members={ann, bob}),
        Channel(id="D0ANNBOB", name="ann-bob", kind="im", members={ann, bob}),
        Channel(
            id="G0TRIO",
            name="mpdm-ann--bob--carl-1",
            kind="mpim",
            members={ann, bob, carl},
        ),
    ]


@dataclass(slots=True)
class Workspace:
    """A team with the app installed; people and places are found by id or name."""

    team: str = "T0SANDBOX"
    domain: str = "sandbox"
    app: str = "A0RINGOUT"
    bot_id: str = "B0RINGOUT"
    bot: User = field(
        default_factory=lambda: User(
            id="U0RINGOUT",
            name="ringout",
            real_name="RingOut",
            tz="America/Los_Angeles",
            tz_offset=-28_800,
            is_bot=True,
        )
    )
    users: list[User] = field(default_factory=_people)
    channels: list[Channel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.users.append(self.bot)
        self.channels = self.channels or _channels(self.bot.id)

    def find_user(self, ref: str) -> User | None:
        """Return the user with this id, or this name with or without ``@``."""
        name = ref.removeprefix("@")
        return next(
            (one for one in self.users if ref == one.id or name == one.name), None
        )

    def user_by_id(self, user_id: str) -> User | None:
        """Return the user with this id: the Web API knows nobody by name."""
        return next((one for one in self.users if one.id == user_id), None)

    def find_channel(self, ref: str) -> Channel | None:
        """Return the channel with this id, or this name with or without ``#``."""
        name = ref.removeprefix("#")
        return next(
            (one for one in self.channels if ref == one.id or name == one.name), None
        )

    def by_id(self, channel_id: str) -> Channel | None:
        """Return the channel with this id."""
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

    def add_channel(self, name: str, kind: Kind, *members: str) -> Channel:
        """Open a channel with these people (ids or names)."""
        ids = {self.user(one).id for one in members}
        letter = "G" if kind == "mpim" else "D" if kind in ("im", "app-dm") else "C"
        channel_id = f"{letter}0{name.upper()}"
        added = Channel(id=channel_id, name=name, kind=kind, members=ids)
        self.channels.append(added)
        return added

    def app_dm(self, user: User) -> tuple[Channel, bool]:
        """Return a person's DM with the app, and whether it was open before."""
        name = f"app-{user.name}"
        found = self.find_channel(name)
        if found is not None:
            return found, True
        opened = Channel(
            id=f"D0APP{user.id.removeprefix('U0')}",
            name=name,
            kind="app-dm",
            members={user.id, self.bot.id},
        )
        self.channels.append(opened)
        return opened, False

    def has_bot(self, channel: Channel) -> bool:
        """Whether the bot is a member."""
        return self.bot.id in channel.members

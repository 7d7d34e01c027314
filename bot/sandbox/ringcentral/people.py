"""All users of the account: the service user, and those that a test adds.

Their numbers are made up: 555-01xx in four area codes. A person's numbers all end in
the same two digits.
"""

from __future__ import annotations

from bot.sandbox.ringcentral.answers import Ask, Json
from bot.sandbox.ringcentral.person import Person, company_number

SERVICE = "service"
"""The short name of the user of the operator's JWT."""

MOST_PEOPLE = 99
"""How many people can have 555-01xx numbers."""

EXTENSIONS = 62_264_430_016
DEVICES = 802_636_700_016
FORWARDING = 15_556_000
NUMBERS = 1_162_900_016
"""The ids of added people, devices and numbers count up from these."""


class People:
    """All users, to find by short name or extension id."""

    def __init__(self, service: Person) -> None:
        self.service = service
        self._added: list[Person] = []

    @property
    def everybody(self) -> list[Person]:
        """The service user, then the others in the order in which they were added."""
        return [self.service, *self._added]

    def find(self, name: str) -> Person:
        """Return the person with this short name; the KeyError lists all names."""
        for one in self.everybody:
            if one.handle == name:
                return one
        names = ", ".join(one.handle for one in self.everybody)
        raise KeyError(f"nobody is called {name!r}; there are {names}")

    def by_id(self, extension_id: str) -> Person:
        """Return the person with this extension id; KeyError if there is none."""
        for one in self.everybody:
            if one.extension_id == extension_id:
                return one
        raise KeyError(extension_id)

    def asking(self, ask: Ask) -> Person:
        """Return the person whose token came with a request."""
        return self.by_id(ask.owner)

    def add(
        self,
        name: str,
        *,
        full_name: str = "",
        extension_number: str = "",
        mobile: str = "",
        desk: str = "",
        direct: str = "",
        country: str = "US",
    ) -> Person:
        """Add a person; what is not given is made up.

        Raises:
            ValueError: The name is taken, or there are too many people.
        """
        if name in {one.handle for one in self.everybody}:
            raise ValueError(f"there is a {name!r} already")
        count = len(self._added) + 1
        if count > MOST_PEOPLE:
            raise ValueError(f"no more than {MOST_PEOPLE} people can have numbers")
        device_id = str(DEVICES + count)
        person = Person(
            handle=name,
            account_id=self.service.account_id,
            extension_id=str(EXTENSIONS + count * 1000),
            extension_number=extension_number or str(200 + count),
            country=country,
            name=full_name or f"{name.title()} Example",
            forwarding_numbers=[
                _forwarding(count, "Mobile", mobile or _number("510", count)),
                _forwarding(count, "PhoneLine", desk or _number("925", count))
                | {"device": {"id": device_id}},
            ],
            phone_numbers=[
                _direct(count, direct or _number("628", count)),
                company_number(),
            ],
            device={
                "id": device_id,
                "type": "HardPhone",
                "name": "Desk phone",
                "status": "Online",
            },
        )
        self._added.append(person)
        return person


def _number(area: str, count: int) -> str:
    return f"+1{area}55501{count:02}"


def _forwarding(count: int, kind: str, number: str) -> Json:
    mobile = kind == "Mobile"
    return {
        "id": str(FORWARDING + 10 * count + (0 if mobile else 1)),
        "phoneNumber": number,
        "label": "My mobile" if mobile else "Desk phone",
        "features": ["CallForwarding", "CallFlip"],
        "flipNumber": "1" if mobile else "2",
        "type": kind,
    }


def _direct(count: int, number: str) -> Json:
    return {
        "id": NUMBERS + count * 1000,
        "phoneNumber": number,
        "paymentType": "Local",
        "type": "VoiceFax",
        "usageType": "DirectNumber",
        "status": "Normal",
        "primary": True,
        "features": ["SmsSender", "CallerId"],
    }

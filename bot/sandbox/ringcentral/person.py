"""A user of the double's only account, and their resources.

All data is made up; the numbers are 555-01xx ones, which are reserved for fiction.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.ringcentral.answers import Ask, Json, Reply
from bot.sandbox.ringcentral.paging import LARGEST_PAGE, page_of


def _forwarding_numbers() -> list[Json]:
    return [
        {
            "id": "15555101",
            "phoneNumber": "+16505550101",
            "label": "Mobile",
            "features": ["CallForwarding", "CallFlip"],
            "flipNumber": "3",
            "type": "Mobile",
        }
    ]


def _phone_numbers() -> list[Json]:
    return [
        {
            "id": 1162820016,
            "phoneNumber": "+16505550190",
            "paymentType": "Local",
            "type": "VoiceFax",
            "usageType": "DirectNumber",
            "status": "Normal",
            "primary": True,
            "features": ["SmsSender", "CallerId"],
        },
        company_number(),
    ]


def company_number() -> Json:
    """Return the company number, which everybody in the account may use as caller ID."""
    return {
        "id": 1162821016,
        "phoneNumber": "+18885550100",
        "paymentType": "TollFree",
        "type": "VoiceFax",
        "usageType": "MainCompanyNumber",
        "status": "Normal",
        "features": ["CallerId"],
    }


def _soft_phone() -> Json:
    return {
        "id": "802636634016",
        "type": "SoftPhone",
        "name": "RingCentral for desktop",
        "status": "Online",
    }


@dataclass(slots=True, kw_only=True)
class Person:
    """One user and their account. Everything may be changed, also mid-run.

    Attributes:
        handle: Their short name in tests.
        status: RingCentral's: ``Enabled``, ``Disabled`` and so on.
        country: The ISO code of their home country, one of `COUNTRIES`.
        page: The most records on a page of their numbers.
        features: Which features of the plan they have.
        contacts: Their own address book.
        is_listed: Whether the company directory shows them.
    """

    handle: str = "service"
    account_id: str = "62264425016"
    extension_id: str = "62264425016"
    extension_number: str = "101"
    name: str = "Dana Ortiz"
    status: str = "Enabled"
    country: str = "US"
    forwarding_numbers: list[Json] = field(default_factory=_forwarding_numbers)
    phone_numbers: list[Json] = field(default_factory=_phone_numbers)
    page: int = LARGEST_PAGE
    contacts: list[Json] = field(default_factory=list)
    is_listed: bool = True
    device: Json = field(default_factory=_soft_phone)
    features: dict[str, bool] = field(
        default_factory=lambda: {
            "RingOut": True,
            "InternationalCalls": True,
            "ReadExtensionCallLog": True,
        }
    )

    @property
    def caller_ids(self) -> list[str]:
        """The numbers that the user may use as caller ID."""
        return [
            number["phoneNumber"]
            for number in self.phone_numbers
            if "CallerId" in number.get("features", ())
        ]

    @property
    def direct(self) -> str:
        """Their direct number; empty if none."""
        return _first(self.phone_numbers, "usageType", "DirectNumber")

    @property
    def mobile(self) -> str:
        """The mobile among their forwarding numbers; empty if none."""
        return _first(self.forwarding_numbers, "type", "Mobile")

    @property
    def desk(self) -> str:
        """The desk phone among their forwarding numbers; empty if none."""
        return _first(self.forwarding_numbers, "type", "PhoneLine")

    @property
    def default_caller_id(self) -> str:
        """The caller ID of calls that don't specify one."""
        return self.caller_ids[0] if self.caller_ids else ""

    def path(self, *, company: bool = False) -> str:
        """Return the path of the user, or of the whole account."""
        account = f"/restapi/v1.0/account/{self.account_id}"
        return account if company else f"{account}/extension/{self.extension_id}"

    def knows(self, account_id: str, extension_id: str) -> bool:
        """Whether these ids of a path mean this user; ``~`` means the user itself."""
        return account_id in ("~", "", self.account_id) and extension_id in (
            "~",
            "",
            self.extension_id,
        )

    def account(self, ask: Ask) -> Reply:
        """``GET account/~``."""
        main = _first(self.phone_numbers, "usageType", "MainCompanyNumber")
        return Reply(
            body={
                "uri": ask.base + self.path(company=True),
                "id": int(self.account_id),
                "mainNumber": main,
                "status": "Confirmed",
                "regionalSettings": {"homeCountry": _country(ask, self.country)},
            }
        )

    def extension(self, ask: Ask) -> Reply:
        """``GET extension/~``."""
        first, _, last = self.name.partition(" ")
        return Reply(
            body={
                "uri": ask.base + self.path(),
                "id": int(self.extension_id),
                "extensionNumber": self.extension_number,
                "name": self.name,
                "type": "User",
                "status": self.status,
                "account": {
                    "uri": ask.base + self.path(company=True),
                    "id": self.account_id,
                },
                "contact": {
                    "firstName": first,
                    "lastName": last,
                    "email": f"{self.handle}@example.com",
                },
                "permissions": {
                    "admin": {"enabled": False},
                    "internationalCalling": {
                        "enabled": self.features.get("InternationalCalls", False)
                    },
                },
                "regionalSettings": {"homeCountry": _country(ask, self.country)},
                "serviceFeatures": [
                    {
                        "featureName": "RingOut",
                        "enabled": self.features.get("RingOut", False),
                    }
                ],
            }
        )

    def list_forwarding_numbers(self, ask: Ask) -> Reply:
        """``GET extension/~/forwarding-number``."""
        here = f"{ask.base}{self.path()}/forwarding-number"
        return page_of(
            ask,
            [
                {"uri": f"{here}/{number['id']}", **number}
                for number in self.forwarding_numbers
            ],
            longest=self.page,
        )

    def list_phone_numbers(self, ask: Ask) -> Reply:
        """``GET extension/~/phone-number``."""
        kinds = ask.seen.query.get("usageType", [])
        return page_of(
            ask,
            [
                number
                for number in self.phone_numbers
                if not kinds or number.get("usageType") in kinds
            ],
            longest=self.page,
        )

    def caller_id(self, ask: Ask) -> Reply:
        """``GET extension/~/caller-id``."""
        shown: Json = {"type": "Blocked"}
        if self.default_caller_id:
            phone = {"phoneNumber": self.default_caller_id}
            shown = {"type": "PhoneNumber", "phoneInfo": phone}
        return Reply(
            body={
                "uri": f"{ask.base}{self.path()}/caller-id",
                "byDevice": [],
                "byFeature": [{"feature": "RingOut", "callerId": shown}],
            }
        )

    def list_features(self, ask: Ask) -> Reply:
        """``GET extension/~/features``."""
        asked = ask.seen.query.get("featureId") or list(self.features)
        only = ask.seen.first("availableOnly") == "true"
        records: list[Json] = []
        for name in asked:
            available = self.features.get(name, False)
            record: Json = {"id": name, "available": available}
            if not available:
                record["reason"] = {
                    "code": "ServicePlanLimitation",
                    "message": "Service Plan Limitation",
                }
            if available or not only:
                records.append(record)
        return Reply(body={"records": records})

    def list_devices(self, ask: Ask) -> Reply:
        """``GET extension/~/device``."""
        here = f"{ask.base}{self.path(company=True)}/device"
        return page_of(ask, [{"uri": f"{here}/{self.device['id']}", **self.device}])


def _first(numbers: list[Json], name: str, value: str) -> str:
    found = (one["phoneNumber"] for one in numbers if one.get(name) == value)
    return next(found, "")


COUNTRIES = {"US": ("1", "United States", "1"), "GB": ("224", "United Kingdom", "44")}
"""RingCentral's id of a country, its name and its calling code, by ISO code."""


def _country(ask: Ask, iso: str) -> Json:
    number, name, code = COUNTRIES[iso]
    return {
        "uri": f"{ask.base}/restapi/v1.0/dictionary/country/{number}",
        "id": number,
        "name": name,
        "isoCode": iso,
        "callingCode": code,
    }

"""Every setting, declared once.

A field of `Settings` is a row: who needs it, how its text is read, its default; below it
stands the help. The table in docs/ and ``.env.example`` are made from the rows by
tests/support/settings_pages.py. `readers` has what turns a text into a value, `rules` how
settings depend on one another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from bot.calls.aftermath import Dispositions
from bot.calls.digest_plan import DigestPlan
from bot.calls.exported import ShownNumbers
from bot.calls.missed_places import MissedPlaces
from bot.calls.numbers.phone import PhoneNumber
from bot.calls.numbers.tariff import Tariff
from bot.calls.timing import Timing
from bot.calls.voicemail import VoicemailShow
from bot.policy.rules import Askable, CallCap, Limit, QuietHours, Ruling
from bot.settings import (
    database_address,
    digest_reader,
    policy_readers,
    readers,
    rules,
)
from bot.settings.passwords import passwords
from bot.settings.setting import Setting, setting

EVERYBODY = "Everybody: enough for a first call"
POLICY = "To decide who may call whom, and what is shown"
OWN_ACCOUNTS = "Where people connect RingCentral accounts of their own"
HTTP = "Where Slack reaches the bot over signed HTTP, and for the health pages"
ANY_WORKSPACE = "Where any workspace may install the app"
OTHER_CLOUDS = "For GovSlack, and for another RingCentral server"
HOOK = "Where another system is told what becomes of calls"
OPERATOR = "To run it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator has set.

    The repr has no secrets, and no addresses that may contain a password.
    """

    slack_bot_token: str = setting(
        EVERYBODY, readers.bot_token, shown="needed", example="xoxb-", secret=True
    )
    """The Slack app's bot token, `xoxb-…`; not with `SLACK_CLIENT_ID`."""
    slack_app_token: str = setting(
        EVERYBODY, readers.app_token, example="xapp-", secret=True
    )
    """Its app-level token, `xapp-…`, for Socket Mode; leave it out for signed HTTP."""
    rc_app_client_id: str = setting(
        EVERYBODY, readers.text, shown="needed", secret=True
    )
    """The RingCentral app's client id."""
    rc_app_client_secret: str = setting(
        EVERYBODY, readers.text, shown="needed", secret=True
    )
    """The RingCentral app's client secret."""
    rc_user_jwt: str = setting(EVERYBODY, readers.text, secret=True)
    """A JWT credential of the RingCentral user whose account people share; needed
    without `RINGOUT_SECRET_KEY`."""

    ringout_from: PhoneNumber | None = setting(
        POLICY,
        readers.number,
        shown="the account's first phone that can ring",
        example="+16505550101",
    )
    """With the shared account: the phone that rings first, in E.164."""
    ringout_from_numbers: tuple[PhoneNumber, ...] | None = setting(
        POLICY, readers.numbers, example="+16505550102,+16505550103"
    )
    """With the shared account: what may ring first besides the account's own phones, in
    E.164, separated by commas; `*` for any number."""
    ringout_region: str = setting(POLICY, readers.region, "US")
    """The home region, an ISO code: the country of numbers without a country code."""
    ringout_countries: frozenset[str] | None = setting(
        POLICY,
        readers.regions,
        lambda texts: texts["RINGOUT_REGION"] or "US",
        shown="the home region",
        example="US,CA",
    )
    """The countries that may be called: `US,CA`, or `*` for all."""
    ringout_number_types: frozenset[Tariff] = setting(
        POLICY, readers.number_types, shown="ordinary and free ones", example="personal"
    )
    """Numbers that cost more than others and may be called all the same: `personal`,
    `shared-cost`, separated by a comma. Premium-rate numbers never."""
    ringout_show_numbers: str = setting(
        POLICY, readers.one_of("masked", "full"), "masked"
    )
    """How messages show phone numbers: `masked` or `full`."""
    ringout_allowed_users: frozenset[str] = setting(
        POLICY, readers.slack_ids("UWS"), shown="everyone"
    )
    """Slack ids of the people and user groups who may use the bot, separated by commas;
    with `SLACK_CLIENT_ID` each with its workspace: `T0123:U0123`."""
    ringout_allowed_channels: frozenset[str] = setting(
        POLICY, readers.slack_ids("CGD"), shown="everywhere"
    )
    """Slack ids of the channels where it may be used, written the same way."""
    ringout_guests: bool = setting(POLICY, readers.switch, "off", example="on")
    """`on`: guests, and people of other companies in shared channels, may use the bot
    like members."""
    ringout_admins: frozenset[str] = setting(
        POLICY, readers.slack_ids("UWS"), shown="nobody"
    )
    """Slack ids of the people and user groups who may read the company's call log and
    decide on calls, written the same way."""
    ringout_auditors: frozenset[str] = setting(
        POLICY, readers.slack_ids("UWS"), shown="nobody but admins"
    )
    """Slack ids of the people and user groups who may read who did what, written the same
    way."""
    ringout_admin_channel: frozenset[str] = setting(
        POLICY, policy_readers.one_channel, shown="nobody can ask", example="C0123ABCD"
    )
    """The Slack id of the channel where [admins are asked](#ask-an-admin) to allow a call;
    with `SLACK_CLIENT_ID` one for each workspace: `T0123:C0123`."""
    ringout_askable: frozenset[Askable] = setting(
        POLICY,
        policy_readers.askable,
        shown="nothing",
        example="country,cap,quiet,first",
    )
    """What an admin may be asked to allow once: `country`, `cap`, `quiet` (hours), `first`
    (calls to a number, and foreign ones), separated by commas."""
    ringout_admin_contact: str = setting(
        POLICY, readers.contact, shown="your RingOut admin", example="U0123ABCD"
    )
    """Whom people are told to ask: the Slack id of a person, a user group or a channel,
    or words such as `the help desk`."""
    ringout_outcomes: Dispositions = setting(
        POLICY, readers.dispositions, shown="nobody is asked", example="default"
    )
    """What people may say came of a call, in a menu on its card: `default` for Spoke, Left
    a message, Call back, Wrong number, Do not call, or words of your own, separated by
    commas. For whoever placed the call; with `channel:` before it, for everybody who sees
    the card in its channel."""
    ringout_digest: tuple[DigestPlan, ...] = setting(
        POLICY,
        digest_reader.digests,
        shown="none",
        example="C0123ABCD daily 09:00 Europe/Berlin",
    )
    """[Sums over calls](#a-digest) that are posted in channels: `C0123ABCD daily 09:00
    Europe/Berlin`, or `weekly monday` instead of `daily`; several with `;` between them. With
    `people` at the end also by person; with `SLACK_CLIENT_ID` each channel with its
    workspace: `T0123:C0123ABCD`."""
    ringout_recording_url: str = setting(
        POLICY,
        readers.recording_address,
        shown="no links",
        example="https://ringcentral.github.io/ringcentral-media-reader/?media=",
    )
    """Where people listen to a [recording](#recordings): what stands before its escaped
    address in the link on a call's result; empty: no link."""
    ringout_missed: MissedPlaces = setting(
        POLICY,
        readers.missed_places,
        shown="nobody is told",
        example="101=C0123ABCD,people",
    )
    """Which channel is told of [missed calls](#missed-calls), by the extension that was
    called: `101=C0123`, separated by commas; `*=C0123` for all other calls to the shared
    account. With `people` among them, people with an account of their own may be told of
    theirs in their DM."""
    ringout_voicemail: VoicemailShow = setting(
        POLICY, readers.voicemail, "off", example="on"
    )
    """What a card of a missed call shows of [the voicemail](#voicemail): `on` its length and,
    with `RINGOUT_RECORDING_URL`, a link; `transcription` also what was said; `off` neither.
    The app then needs **Read Messages**, which opens SMS and faxes, too."""
    ringout_calls_per_minute: int = setting(POLICY, readers.whole(1), "10")
    """How many calls one person may place."""
    ringout_throttle: tuple[Limit, ...] = setting(
        POLICY, policy_readers.throttle, "1/60s,3/15m,7/1h"
    )
    """How many calls one number may get from everybody together, within seconds (`s`),
    minutes (`m`) or hours (`h`): beyond the last limit a call is refused, beyond the others
    people are asked first; or `off`."""
    ringout_calls_at_once: CallCap = setting(
        POLICY, policy_readers.cap, shown="no bound", example="2,20"
    )
    """How many calls may go on at a time: `2` for each person, `2,20` with 20 for everybody
    together, `*,20` only these."""
    ringout_calls_per_day: CallCap = setting(
        POLICY, policy_readers.cap, shown="no bound", example="100,1000"
    )
    """How many calls a day (UTC), written the same way."""
    ringout_minutes_per_month: CallCap = setting(
        POLICY, policy_readers.cap, shown="no bound", example="600,4000"
    )
    """How many minutes of talk a month (UTC), written the same way; a call counts as three
    until its record is read."""
    ringout_quiet_hours: QuietHours | None = setting(
        POLICY, policy_readers.quiet_hours, shown="none", example="21:00-08:00"
    )
    """When nobody is called, in the time zone of whoever is called."""
    ringout_first_time: Ruling = setting(
        POLICY, policy_readers.ruling, "allow", example="ask"
    )
    """What is done about a number that nobody here has called before: `allow`, `ask` the
    person whether it is right, or `refuse`."""
    ringout_foreign: Ruling = setting(
        POLICY, policy_readers.ruling, "allow", example="ask"
    )
    """The same for a number outside the home region."""
    ringout_audit_days: int = setting(POLICY, readers.whole(1), "365")
    """Days until it is forgotten who did what."""
    ringout_retention_days: int = setting(POLICY, readers.whole(1), "90")
    """Days until a finished call is forgotten, and a sign-in that ended and was not
    renewed."""

    ringout_secret_key: tuple[str, ...] = setting(
        OWN_ACCOUNTS, readers.secret_keys, secret=True
    )
    """The key that encrypts people's tokens, from `ringout-bot new-key`; several,
    separated by commas: the first encrypts, all decrypt."""
    ringout_shared_account: bool = setting(
        OWN_ACCOUNTS,
        readers.switch,
        rules.shares_its_account,
        shown="`on` with `RC_USER_JWT`",
        example="on",
    )
    """`off`: people have to connect an account of their own; `on`: until then they call
    by the shared one."""
    public_url: str = setting(
        OWN_ACCOUNTS, readers.public_address, example="https://bot.example.com"
    )
    """Where browsers reach the bot's server, `https://your.host` without a path: people
    sign in to RingCentral there."""

    slack_signing_secret: str = setting(HTTP, readers.text, secret=True)
    """The Slack app's signing secret; needed without `SLACK_APP_TOKEN`."""
    host: str = setting(HTTP, readers.text, "127.0.0.1")
    """Where the bot's HTTP server listens."""
    port: int | None = setting(
        HTTP,
        readers.port,
        lambda texts: "" if texts["SLACK_APP_TOKEN"] else "3000",
        shown="`3000` for signed HTTP, none for Socket Mode",
        example="3000",
    )
    """Its port: `/slack/events` for Slack, `/healthz`, `/readyz` and `/metrics` for
    operators; with Socket Mode there is a server only if it is set."""

    slack_client_id: str = setting(ANY_WORKSPACE, readers.text)
    """The Slack app's client id: any workspace may then install the app, at
    `PUBLIC_URL/slack/install`."""
    slack_client_secret: str = setting(ANY_WORKSPACE, readers.text, secret=True)
    """The same app's client secret."""

    slack_api_url: str = setting(
        OTHER_CLOUDS, readers.folder_address, "https://slack.com/api/"
    )
    """Slack's Web API."""
    slack_authorize_url: str = setting(
        OTHER_CLOUDS, readers.address, "https://slack.com/oauth/v2/authorize"
    )
    """The page on which Slack asks whether to install the app."""
    rc_server_url: str = setting(
        OTHER_CLOUDS, readers.address, "https://platform.ringcentral.com"
    )
    """RingCentral's API."""

    ringout_hook_url: str = setting(
        HOOK,
        readers.hook_address,
        example="https://crm.example.com/calls",
        secret=True,
    )
    """Where the bot posts [signed events](hooks.md); empty: nowhere. `http://` only with
    `RINGOUT_HOOK_ALLOW_PRIVATE`."""
    ringout_hook_secret: tuple[str, ...] = setting(
        HOOK, readers.hook_secrets, secret=True
    )
    """The secret that signs them, `whsec_` and 24 to 64 bytes in base64; two while it is
    changed, separated by a comma: both sign."""
    ringout_hook_numbers: ShownNumbers = setting(
        HOOK, readers.hook_numbers, "masked", example="full"
    )
    """How they show phone numbers: `none`, `masked` or `full`."""
    ringout_hook_notes: bool = setting(HOOK, readers.switch, "off", example="on")
    """`on`: they also have the text of people's notes; `off`: only that there is one."""
    ringout_hook_private_calls: bool = setting(
        HOOK, readers.switch, "off", example="on"
    )
    """`on`: they also have number, name and result of calls that people keep to
    themselves; `off`: only that there was one."""
    ringout_hook_allow_private: bool = setting(
        HOOK, readers.switch, "off", example="on"
    )
    """`on`: they may go to an address of your own network, also without encryption; `off`:
    to public ones alone, by https."""

    database_url: str = setting(
        OPERATOR, database_address.read, "sqlite:///ringout.db", secret=True
    )
    """Where calls are kept; or `postgresql://user@host/name`, with several hosts and
    their ports if one can take over from another."""
    database_direct_url: str = setting(
        OPERATOR,
        database_address.read_direct,
        example="postgresql://user@host/name",
        secret=True,
    )
    """The same PostgreSQL without a connection pooler such as PgBouncer, if
    `DATABASE_URL` has one: processes hear each other at once, and see that one was
    killed."""
    ringout_poll_seconds: timedelta = setting(OPERATOR, readers.seconds(0.01), "2")
    """The shortest interval between status requests for one call."""
    ringout_log_delay_seconds: timedelta | None = setting(
        OPERATOR, readers.seconds_or_auto, "auto"
    )
    """The longest time from the end of a call to the first read of the call log; `auto`
    reads it when its record should be there."""
    ringout_log_give_up_seconds: timedelta = setting(OPERATOR, readers.seconds(), "900")
    """How long the bot waits for a call's record."""
    ringout_events: bool = setting(OPERATOR, readers.switch, "on", example="off")
    """`on`: RingCentral is asked to push events of calls, where the app's permissions allow
    it; `off`: it never is."""
    ringout_log_format: str = setting(
        OPERATOR, readers.one_of("auto", "json", "text"), "auto"
    )
    """How log lines are written: `json`, `text`, or `auto`, which is text on a terminal
    and JSON elsewhere."""
    otel_exporter_otlp_endpoint: str = setting(
        OPERATOR, readers.address, example="http://127.0.0.1:4318", secret=True
    )
    """Where traces go, over OTLP/HTTP; needs `pip install 'ringout-bot[otel]'`."""

    @property
    def secrets(self) -> frozenset[str]:
        """Every text that no log may hold; of an address its password."""
        hidden = [getattr(self, each.name) for each in fields(self) if not each.repr]
        texts = {t for e in hidden for t in (e if isinstance(e, tuple) else (e,))}
        return frozenset(part for text in texts for part in passwords(text))

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is reached by Socket Mode, which needs no public address."""
        return bool(self.slack_app_token)

    @property
    def is_for_any_workspace(self) -> bool:
        """Whether any workspace may install the app, each with its own bot token."""
        return bool(self.slack_client_id)

    @property
    def lets_connect(self) -> bool:
        """Whether people can connect RingCentral accounts of their own."""
        return bool(self.ringout_secret_key)

    @property
    def full_numbers(self) -> bool:
        """Whether channels may show whole phone numbers."""
        return self.ringout_show_numbers == "full"

    @property
    def timing(self) -> Timing:
        """The three intervals at which a call is followed."""
        return Timing(
            poll=self.ringout_poll_seconds,
            log_delay=self.ringout_log_delay_seconds,
            log_give_up=self.ringout_log_give_up_seconds,
        )


SETTINGS: Mapping[str, Setting[Any]] = {
    each.name.upper(): each.metadata[Setting] for each in fields(Settings)
}
NAMES = tuple(SETTINGS)

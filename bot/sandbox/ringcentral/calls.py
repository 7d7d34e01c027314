"""The calls that the double has placed, and the stories planned for the next ones."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.ringcentral.clock import StoryClock
from bot.sandbox.ringcentral.life import (
    Moment,
    Progress,
    Side,
    after,
    progress,
    prompted,
    words,
)
from bot.sandbox.ringcentral.story import Story, Words

NO_SESSION = ("NoSessionFound", "NoSessionFound", "NoSessionFound")

SESSION_STEP = 100_000
"""The step between calls' numeric session ids. The second record of a split call has
an id 1000 higher, which must not be near another call's."""


@dataclass(slots=True, kw_only=True)
class PlacedCall:
    """One RingOut that was placed.

    Attributes:
        caller: The number that rings first (``from``).
        callee: The number that is called then (``to``).
        owner: The short name of the person who placed it.
        owner_id: Their extension id.
        play_prompt: Whether the caller has to press 1 before the callee's phone rings.
        created: When it was placed, by RingCentral's clock.
        log_id: Its telephony session id in the call log.
        decoy: Whether another app placed it.
        moments: The events on its phones, past and planned.
        placed: When it was placed, in story seconds.
    """

    id: str
    caller: str
    callee: str
    caller_id: str
    owner: str = "service"
    owner_id: str
    play_prompt: bool = False
    created: datetime
    story: Story
    session_id: int
    record_id: str
    log_id: str
    decoy: bool = False
    moments: list[Moment] = field(default_factory=list)
    placed: float
    clock: StoryClock = field(repr=False)

    @property
    def age(self) -> float:
        """The story seconds since it was placed."""
        return self.clock.story() - self.placed

    def progress(self) -> Progress:
        """Return its state now."""
        return progress(self.moments, self.age, self.story.ring_limit)

    def press(self, side: Side, what: str) -> bool:
        """Do *what* on a phone now and drop the rest of the story; False if impossible."""
        now = self.age
        before = progress(self.moments, now, self.story.ring_limit)
        moment = Moment(now, side, what)
        if after(before, moment) is before:
            return False
        self.moments = [one for one in self.moments if one.at <= now]
        self.moments.append(prompted(moment) if self.play_prompt else moment)
        return True

    def status(self) -> Words | None:
        """Return its three status words; None where RingCentral answers 404."""
        now = self.age
        state = progress(self.moments, now, self.story.ring_limit)
        if self.story.blind:
            return None
        if state.over_at is not None and now >= state.over_at + self.story.gone_after:
            return NO_SESSION if self.story.gone_as == "NoSessionFound" else None
        return self.story.words.get(state.stage, words(state))


class Exchange:
    """Places calls and makes their ids."""

    def __init__(self, clock: StoryClock, seed: int) -> None:
        self.calls: list[PlacedCall] = []
        self._clock = clock
        self._dice = random.Random(seed)  # noqa: S311 - not for secrets
        self._session_id = 1_982_734_410_016

    def hex(self, digits: int) -> str:
        """Return *digits* random hexadecimal digits."""
        return f"{self._dice.getrandbits(digits * 4):0{digits}x}"

    def ids(self, at: datetime) -> tuple[int, str, str]:
        """Return a numeric session id, a record id and a telephony session id."""
        self._session_id += SESSION_STEP
        milliseconds = int(at.timestamp() * 1000)
        telephony = f"s-a0d7{self.hex(9)}z{milliseconds:x}z{self.hex(10)}"
        return self._session_id, f"Wb3x{self.hex(10)}", telephony

    def place(
        self,
        story: Story,
        *,
        caller: str,
        callee: str,
        caller_id: str,
        owner: str,
        owner_id: str,
        play_prompt: bool,
        decoy: bool,
    ) -> PlacedCall:
        """Place a call: the caller's phone rings from now."""
        created = self._clock.utc()
        session_id, record_id, telephony = self.ids(created)
        log_id = f"s-{self.hex(32)}" if story.log.other_id else telephony
        call = PlacedCall(
            id=telephony,
            caller=caller,
            callee=callee,
            caller_id=caller_id,
            owner=owner,
            owner_id=owner_id,
            play_prompt=play_prompt,
            created=created,
            story=story,
            session_id=session_id,
            record_id=record_id,
            log_id=log_id,
            decoy=decoy,
            moments=[prompted(one) if play_prompt else one for one in story.moments],
            placed=self._clock.story(),
            clock=self._clock,
        )
        self.calls.append(call)
        return call

    def find(self, call_id: str) -> PlacedCall | None:
        """Return the call with this RingOut id."""
        return next((call for call in self.calls if call.id == call_id), None)


@dataclass(slots=True)
class Plans:
    """Chooses a call's story: planned for its number, else queued, else `default`."""

    default: Story
    _by_number: dict[str, list[Story]] = field(default_factory=dict)
    _queue: list[Story] = field(default_factory=list)
    _then: dict[str, Story] = field(default_factory=dict)

    def plan(self, number: str, stories: list[Story]) -> None:
        """Plan *stories* for calls to *number*, in turn; the last one repeats."""
        self._by_number[number] = stories

    def queue(self, stories: list[Story]) -> None:
        """Queue *stories*, once each, for the next calls to numbers without a plan."""
        self._queue.extend(stories)

    def afterward(self, number: str, story: Story) -> None:
        """Plan *story* for the next call to *number*, before any other."""
        self._then[number] = story

    def take(self, number: str) -> Story:
        """Return the story for a call to *number*, and move its plan on."""
        if number in self._then:
            return self._then.pop(number)
        planned = self._by_number.get(number)
        if planned:
            return planned.pop(0) if len(planned) > 1 else planned[0]
        return self._queue.pop(0) if self._queue else self.default

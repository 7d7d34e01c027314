"""How long forms and menus wait for what they show, before an ack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormWaits:
    """Numbers are seconds; Slack waits three for each ack.

    Attributes:
        suggest: For a query, with the question who the person is. People do not wait
            three; what is chosen is checked again.
        know: Of these for who the person is. Later, what was known last counts.
        credential: To try a credential before the form is answered: to ask who the
            person is may have taken one of the three.
        zone: For the person's time zone.
        mentioned: For the names of people who are mentioned in a message.
        member: For whether the person is in the channel that they chose.
    """

    suggest: float = 0.9
    know: float = 0.4
    credential: float = 1.4
    zone: float = 1.0
    mentioned: float = 0.8
    member: float = 0.8


USUAL_FORM_WAITS = FormWaits()

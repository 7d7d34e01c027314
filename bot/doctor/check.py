"""What a check of the doctor found wrong."""

from __future__ import annotations


class Ill(Exception):
    """A check that failed: *what* was found, and *then* what to do."""

    def __init__(self, what: str, then: str) -> None:
        super().__init__(what)
        self.then = then

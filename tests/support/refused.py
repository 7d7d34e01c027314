"""What a person reads of an error that a test expects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.errors import UserError
from bot.serving.refusals import words


@contextmanager
def refused(
    kind: type[UserError], match: str
) -> Iterator[pytest.ExceptionInfo[UserError]]:
    """Expect *kind*, and words that *match* finds something in."""
    with pytest.raises(kind) as caught:
        yield caught
    said = words(caught.value)
    assert re.search(match, said), said

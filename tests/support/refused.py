"""Expects an error, and checks the words that a person reads for it."""

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
    """Expect a *kind* whose words for people match the pattern *match*."""
    with pytest.raises(kind) as caught:
        yield caught
    said = words(caught.value)
    assert re.search(match, said), said

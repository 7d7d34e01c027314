"""Runs the doctor on settings."""

from __future__ import annotations

import pytest

from bot.doctor import doctor
from town import Town


async def examined(
    town: Town, capsys: pytest.CaptureFixture[str], **changes: str
) -> tuple[int, str]:
    """Return the doctor's exit code and what it prints."""
    code = await doctor.examine(town.settings(**changes), ())
    return code, capsys.readouterr().out

"""What the tables of all folders have in common: one metadata, and a column of times."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Dialect, Float, MetaData, TypeDecorator

metadata = MetaData()
"""A table is in it once its module is imported; only tests need it complete."""


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as seconds since the epoch."""

    impl = Float(precision=53)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> float | None:
        """Return what the database stores."""
        del dialect
        return None if value is None else value.timestamp()

    def process_result_value(
        self, value: float | None, dialect: Dialect
    ) -> datetime | None:
        """Return what the program sees."""
        del dialect
        return None if value is None else datetime.fromtimestamp(value, UTC)

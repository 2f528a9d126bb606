"""Where the time comes from: rules take it as an argument, the edges read it here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, always with time zone UTC."""
    return datetime.now(UTC)

"""What was read a moment ago and may be used again, so that a busy caller does not cost a reading a request."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST = 10_000


class Recent(Generic[Key, Value]):
    """Remembers for some seconds what was read; who asks for what is just being read waits for that reading.

    None, for what is not there (yet), is not remembered, nor is an error: whoever waited then reads for themselves.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[Key, tuple[float, Value]] = {}
        self._being_read: dict[Key, asyncio.Event] = {}

    async def get(self, key: Key, read: Callable[[], Awaitable[Value | None]]) -> Value | None:
        """What is remembered under this key, else what `read` gives."""
        found = self._remembered(key)
        if found is None and key in self._being_read:
            await self._being_read[key].wait()
            found = self._remembered(key)
        return await self._read(key, read) if found is None else found

    def _remembered(self, key: Key) -> Value | None:
        until, found = self._known.get(key, (0.0, None))
        return found if time.monotonic() < until else None

    async def _read(self, key: Key, read: Callable[[], Awaitable[Value | None]]) -> Value | None:
        self._being_read[key] = ended = asyncio.Event()
        try:
            found = await read()
            if found is not None:
                if len(self._known) >= _MOST:
                    self._known.clear()
                self._known[key] = (time.monotonic() + self._seconds, found)
            return found
        finally:
            self._being_read.pop(key, None)
            ended.set()

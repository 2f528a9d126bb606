"""Passwords hashed and checked with argon2id: beside the event loop, few at a time, nobody as slowly as somebody."""

import asyncio
import secrets
from collections.abc import Callable
from typing import TypeVar

from pwdlib import PasswordHash

from common.errors import TooManyRequests
from common.service import Running

T = TypeVar("T")


class Hashing:
    """64 MiB and some 150 ms of processor each: a flood of sign-ins must cost neither all memory nor the event loop."""

    def __init__(self, hasher: PasswordHash | None = None, *, at_once: int = 2, waiting: int = 40) -> None:
        self._hasher = hasher or PasswordHash.recommended()
        self._at_once = asyncio.Semaphore(at_once)
        self._places = at_once + waiting
        self._nobody = ""

    async def start(self, _: Running) -> None:
        """A hash that no password fits, made with the parameters of today."""
        self._nobody = await asyncio.to_thread(self._hasher.hash, secrets.token_urlsafe(32))

    async def stop(self) -> None:
        """Nothing is kept open."""

    async def hash(self, password: str) -> str:
        return await self._beside(lambda: self._hasher.hash(password))

    async def check(self, known: str | None, password: str) -> tuple[bool, str | None]:
        """Whether it fits, and a new hash when the parameters have become stronger. `known` is None for nobody."""
        fits, fresh = await self._beside(lambda: self._hasher.verify_and_update(password, known or self._nobody))
        return (fits, fresh) if known else (False, None)

    async def _beside(self, work: Callable[[], T]) -> T:
        if self._places <= 0:
            raise TooManyRequests(retry_after=2)
        self._places -= 1
        try:
            async with self._at_once:
                return await asyncio.to_thread(work)
        finally:
            self._places += 1

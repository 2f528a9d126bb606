"""How often somebody may try: leaky buckets by e-mail and network address, alike for known and unknown ones.

Whoever fills the bucket of an e-mail from elsewhere does not lock its owner out: where an account has signed in before,
only what was tried from there counts.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta

from common.database import Database
from common.errors import TooManyRequests
from common.http import Call
from member_registry.store import sessions as store


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` attempts at once, then one more each time `drop` has passed."""

    kind: str
    burst: int
    drop: timedelta

    @property
    def full(self) -> timedelta:
        return self.drop * self.burst

    def subject(self, who: str) -> bytes:
        return hashlib.sha256(f"{self.kind} {who}".encode()).digest()


PER_EMAIL_AND_ADDRESS = Limit("sign-in e-mail and address", burst=10, drop=timedelta(seconds=30))
PER_EMAIL = Limit("sign-in e-mail", burst=100, drop=timedelta(seconds=30))
PER_ADDRESS = Limit("sign-in address", burst=100, drop=timedelta(seconds=3))
APPLICATIONS = Limit("application address", burst=60, drop=timedelta(seconds=20))


class Attempts:
    """What one request has put into the buckets; a success takes it back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._poured: list[tuple[bytes, timedelta]] = []
        self._home = b""

    async def count(self, limit: Limit, who: str) -> None:
        """Raises TooManyRequests, with the seconds to wait, when this is one attempt too many."""
        subject = limit.subject(who)
        wait = await store.pour(self._database, subject, drop=limit.drop, full=limit.full)
        if wait is not None:
            raise TooManyRequests(retry_after=max(1, math.ceil(wait.total_seconds())))
        self._poured.append((subject, limit.drop))

    async def count_sign_in(self, email: str, address: str) -> None:
        """Before the password is looked at, so that many at once are no way around; by address first."""
        await self.count(PER_ADDRESS, address)
        here = f"{email} {address}"
        await self.count(PER_EMAIL_AND_ADDRESS, here)
        self._home = PER_EMAIL_AND_ADDRESS.subject(here)
        if not await store.is_home(self._database, self._home):
            await self.count(PER_EMAIL, email)

    async def succeeded(self) -> None:
        """It was the owner, who is at home there from now on."""
        await self.take_back()
        await store.remember_home(self._database, self._home)

    async def take_back(self) -> None:
        """It was no attempt that failed."""
        for subject, drop in self._poured:
            await store.drain(self._database, subject, drop)


async def sign_in_attempt(call: Call, email: str) -> Attempts:
    """An attempt to prove that one is the owner of this e-mail address, counted."""
    attempts = Attempts(call.service_database)
    await attempts.count_sign_in(email, address_of(call))
    return attempts


def address_of(call: Call) -> str:
    """Where a request comes from (uvicorn has put in what a proxy on this machine says); IPv6 by its network, /64."""
    host = call.request.client.host if call.request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)

"""Time-ordered identifiers (UUID version 7, RFC 9562 section 5.7), made in the application."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """A UUIDv7; strictly increasing within this process, so that ids sort in the order they were made.

    Layout: 48 bits of Unix milliseconds, 12 bits that count sub-milliseconds (or keep the order when the clock
    stands still or steps back), 62 random bits.
    """
    global _last
    nanoseconds = time.time_ns()
    tick = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 * 4096 // 1_000_000)
    with _lock:
        _last = tick = max(tick, _last + 1)
    random_bits = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return UUID(int=(tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random_bits)

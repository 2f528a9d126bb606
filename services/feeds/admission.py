"""How many may listen at once: each caller, and all together in this process."""

import resource
from collections import Counter
from uuid import UUID

from common.errors import TooManyRequests, Unavailable
from common.text import Bilingual

PER_CALLER = 20
IN_ALL = 12_000
_OTHER_FILES = 256
"""File descriptors left for everything that is no listener."""


class TooManyListeners(TooManyRequests):
    """This caller already has as many streams and waiting pulls open as one caller may."""

    code = "too_many_listeners"
    title = Bilingual(zh="同时打开的连接过多", en="Too many open streams")


class Admission:
    """Counts streams and waiting pulls; a refusal says when to come back."""

    def __init__(self, *, per_caller: int = PER_CALLER, in_all: int = IN_ALL) -> None:
        self.per_caller = per_caller
        self.in_all = in_all
        self._open: Counter[UUID] = Counter()
        self.total = 0

    def make_room(self) -> None:
        """Ask the system for as many open files as `in_all` needs; settle for what it gives."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.in_all + _OTHER_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            self.in_all = min(self.in_all, soft - _OTHER_FILES)

    def admit(self, caller_id: UUID) -> None:
        """Take room for one more, or raise TooManyListeners (this caller) or Unavailable (all together)."""
        if self._open[caller_id] >= self.per_caller:
            raise TooManyListeners(retry_after=5)
        if self.total >= self.in_all:
            raise Unavailable(
                Bilingual(zh="实时连接已满，请稍后重试。", en="All live connections are taken; try again shortly."),
                retry_after=10,
            )
        self._open[caller_id] += 1
        self.total += 1

    def leave(self, caller_id: UUID) -> None:
        """Give the room back."""
        self.total -= 1
        self._open[caller_id] -= 1
        if not self._open[caller_id]:
            del self._open[caller_id]

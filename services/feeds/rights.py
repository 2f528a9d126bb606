"""Whether those who listen may still do so: asked again and again, and before a push if the answer has become old."""

import time
from collections.abc import Collection

from common.auth import Access
from feeds.listener import Listener

AT_ONCE = 2000
"""Listeners asked about at a time; with more of them each one's turn comes less often."""
OLD = 2.0
"""Seconds after which an answer is too old to push on."""


class Rights:
    """Closes streams whose token has expired or been revoked, or whose caller has lost the organisation."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def confirm_in_turn(self, listeners: Collection[Listener]) -> None:
        """Ask about those not asked about for longest."""
        chosen = list(listeners)
        if len(chosen) > AT_ONCE:
            chosen = sorted(chosen, key=lambda listener: listener.confirmed)[:AT_ONCE]
        await self._confirm(chosen)

    async def confirm_before_push(self, listeners: Collection[Listener]) -> None:
        """Ask about those whose last answer is old; whoever has lost the right gets nothing more."""
        limit = time.monotonic() - OLD
        await self._confirm([listener for listener in listeners if listener.confirmed < limit])

    async def _confirm(self, listeners: Collection[Listener]) -> None:
        asked_at = time.monotonic()
        good = await self._access.still_good([(listener.token, listener.subscriber_id) for listener in listeners])
        for listener, is_good in zip(listeners, good, strict=True):
            if is_good:
                listener.confirmed = asked_at
            else:
                listener.close("rights_lost")

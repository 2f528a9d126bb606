"""The organisations that people post for, remembered as long as the rights to post for them (decision 0003)."""

import time
from uuid import UUID

from common.auth.access import FRESH
from common.service import Running
from project_matching.model.need import Organisation
from project_matching.store.profiles import organisation

_MOST = 10_000


class Posters:
    """Saves a command that costs one round trip a second one."""

    async def start(self, running: Running) -> None:
        # The directory is everybody's to read: asked as the service it costs one round trip.
        self._database = running.database
        self._remembered: dict[UUID, tuple[float, Organisation]] = {}

    async def stop(self) -> None:
        self._remembered.clear()

    async def organisation(self, organisation_id: UUID) -> Organisation | None:
        """As it was half a second ago at most; one that has not arrived yet is looked for each time."""
        known = self._remembered.get(organisation_id)
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        found = await organisation(self._database, organisation_id)
        if found is not None:
            if len(self._remembered) >= _MOST:
                self._remembered.clear()
            self._remembered[organisation_id] = (time.monotonic() + FRESH, found)
        return found

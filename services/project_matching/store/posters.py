"""The organisations that people post for, remembered as long as the rights to post for them (decision 0003)."""

from uuid import UUID

from common.auth.access import FRESH
from common.recent import Recent
from common.service import Running
from project_matching.model.need import Organisation
from project_matching.store.profiles import organisation


class Posters:
    """Saves a command that costs one round trip a second one."""

    async def start(self, running: Running) -> None:
        # The directory is everybody's to read: asked as the service it costs one round trip.
        self._database = running.database
        self._recent: Recent[UUID, Organisation] = Recent(FRESH)

    async def stop(self) -> None:
        """Nothing is held."""

    async def organisation(self, organisation_id: UUID) -> Organisation | None:
        """As it was half a second ago at most; one that has not arrived yet is looked for each time."""
        return await self._recent.get(organisation_id, lambda: organisation(self._database, organisation_id))

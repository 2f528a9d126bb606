"""Who sees a need, and how much of it (NM11): nothing, its title and codes, or all of it."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from common.vocabulary import Disclosure
from project_matching.model.need import PUBLIC, Need


class Sight(Enum):
    """How much of a need somebody may read."""

    nothing = "nothing"
    redacted = "redacted"
    full = "full"


@dataclass(frozen=True)
class Viewer:
    """Who looks: the organisations they act for in whatever office, and whether they are the secretariat."""

    organisation_ids: tuple[UUID, ...]
    secretariat: bool


def is_owner(need: Need, viewer: Viewer) -> bool:
    """The poster's own people; the secretariat for what it posted itself in the name of a record."""
    return need.organisation_id in viewer.organisation_ids or (viewer.secretariat and need.posted_by_secretariat)


def sight(need: Need, viewer: Viewer, *, mutual: bool) -> Sight:
    """`mutual`: one of the viewer's organisations and the poster have declared interest in one another."""
    if is_owner(need, viewer):
        return Sight.full
    if viewer.secretariat and need.submitted_at is not None:
        return Sight.full
    if need.state not in PUBLIC:
        return Sight.nothing
    if mutual or need.content.disclosure is Disclosure.summary:
        return Sight.full
    return Sight.redacted

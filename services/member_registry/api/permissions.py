"""Who may do what to an organisation: its own people in the right office, and the secretariat."""

from typing import Annotated
from uuid import UUID

from common.auth import Caller
from common.errors import NotFound
from common.http import Call, Reach, allow
from common.vocabulary import EDITORS, REPRESENTATIVES, Role

ByRepresentatives = Annotated[Call, allow(Role.secretariat, *REPRESENTATIVES, reach=Reach.alliance)]
ByEditors = Annotated[Call, allow(Role.secretariat, *REPRESENTATIVES, *EDITORS, reach=Reach.alliance)]


def must_act_for(caller: Caller, organisation_id: UUID, *roles: Role) -> None:
    """NotFound unless the caller is the secretariat or has one of these roles there."""
    if not caller.secretariat and not caller.may_act_for(organisation_id, *roles):
        raise NotFound

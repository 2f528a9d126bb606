"""Who may do what to an organisation: its own people in the right office, and the secretariat."""

from uuid import UUID

from common.auth import Caller
from common.errors import NotFound
from common.vocabulary import Role

REPRESENTATIVES = (Role.institution_representative, Role.enterprise_representative)
EDITORS = (Role.institution_editor, Role.enterprise_editor)


def must_act_for(caller: Caller, organisation_id: UUID, *roles: Role) -> None:
    """NotFound unless the caller is the secretariat or has one of these roles there."""
    if not caller.secretariat and not caller.may_act_for(organisation_id, *roles):
        raise NotFound

"""Who may do what with needs, from the caller's present offices."""

from common.auth import Caller
from common.errors import NotAllowed
from common.text import Bilingual
from common.vocabulary import Role
from project_matching.model.disclosure import Viewer, is_owner
from project_matching.model.need import Need

POSTERS = (Role.institution_representative, Role.institution_editor, Role.clinician, Role.service)
"""Who writes needs: institutions, their clinicians included (A-01), by hand or by machine."""


def viewer_of(caller: Caller) -> Viewer:
    """The caller as the rules of disclosure know them."""
    return Viewer(tuple(caller.organisation_ids()), caller.secretariat)


def check_may_write(need: Need, caller: Caller) -> None:
    """Raises NotAllowed unless the caller writes for the need's organisation."""
    if caller.may_act_for(need.organisation_id, *POSTERS):
        return
    if caller.secretariat and is_owner(need, Viewer((), secretariat=True)):
        return
    raise NotAllowed(
        Bilingual(
            zh="只有发布单位的代表、编辑或临床医生可以这样做。",
            en="Only a representative, editor or clinician of the posting organisation may do this.",
        )
    )

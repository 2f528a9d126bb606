"""The caller of a request: an account or a machine, and the organisations it may act for at this moment."""

from dataclasses import dataclass, field
from uuid import UUID

from common.errors import NotAllowed
from common.scope import Scope
from common.text import Bilingual
from common.vocabulary import MemberKind, Office, Role

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Acting:
    """An organisation the caller may act for, and in which office."""

    organisation_id: UUID
    kind: MemberKind
    role: Role


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, in which sign-in. `organisations` holds only acting memberships and offices valid now."""

    id: UUID = NOBODY
    secretariat: bool = False
    organisations: tuple[Acting, ...] = ()
    acting_id: UUID | None = field(default=None)
    session_id: UUID = NOBODY

    @property
    def signed_in(self) -> bool:
        return self.id != NOBODY

    @property
    def scope(self) -> Scope:
        """In whose name the database is asked for this caller."""
        return Scope.of_caller(self.id, self.organisation_ids(), secretariat=self.secretariat)

    @property
    def roles(self) -> frozenset[Role]:
        """Every role the caller has for anybody; what a route asks for is compared with these."""
        alliance = {Role.secretariat} if self.secretariat else set()
        return frozenset(alliance | {acting.role for acting in self.organisations})

    def may_act_for(self, organisation_id: UUID, *roles: Role) -> bool:
        """Whether the caller has one of these roles (any, if none is named) for this organisation."""
        return any(
            acting.organisation_id == organisation_id and (not roles or acting.role in roles)
            for acting in self.organisations
        )

    def organisation_ids(self) -> list[UUID]:
        return [acting.organisation_id for acting in self.organisations]

    def acting_for(self, *roles: Role) -> UUID:
        """The one organisation the caller acts for with these roles; Alliance-Organisation chooses among several."""
        fitting = [a.organisation_id for a in self.organisations if not roles or a.role in roles]
        if self.acting_id is not None:
            fitting = [found for found in fitting if found == self.acting_id]
        if len(set(fitting)) == 1:
            return fitting[0]
        if fitting:
            raise NotAllowed(
                Bilingual(
                    zh="您代表多个单位，请用 Alliance-Organisation 指明一个。",
                    en="You act for several organisations: name one in the header Alliance-Organisation.",
                ),
                code="organisation_not_chosen",
            )
        raise NotAllowed(
            Bilingual(zh="您不代表任何可进行此操作的单位。", en="You act for no organisation that may do this.")
        )


ANONYMOUS = Caller()


def role_of(office: Office, kind: MemberKind) -> Role:
    """The role that an office gives, by the kind of the organisation."""
    side = "institution" if kind.is_institution else "enterprise"
    match office:
        case Office.representative | Office.editor:
            return Role(f"{side}_{office.value}")
        case Office.clinician:
            return Role.clinician
        case _:
            return Role.reader

"""What is answered about people, accounts, sessions and keys."""

from datetime import datetime
from typing import Self
from uuid import UUID

from common.auth.caller import role_of
from common.http import View
from common.text import Bilingual, Language
from common.vocabulary import MemberKind, MemberState, Office, Role
from member_registry.model.people import Account, Affiliation, Person, Standing
from member_registry.store.api_keys import ApiKey


class PersonView(View):
    """A person in an office; `id` is the affiliation's."""

    id: UUID
    account_id: UUID
    name: Bilingual
    email: str
    language: Language
    orcid: str | None
    office: Office
    valid_from: datetime
    valid_until: datetime | None
    invited: bool

    @classmethod
    def of(cls, found: Person) -> Self:
        affiliation = found.affiliation
        return cls(
            id=affiliation.id,
            account_id=affiliation.account_id,
            name=found.name,
            email=found.email,
            language=found.language,
            orcid=found.orcid,
            office=affiliation.office,
            valid_from=affiliation.valid_from,
            valid_until=affiliation.valid_until,
            invited=found.invited,
        )


class EndedView(View):
    """An office and when it ended."""

    id: UUID
    account_id: UUID
    office: Office
    valid_from: datetime
    valid_until: datetime | None

    @classmethod
    def of(cls, found: Affiliation) -> Self:
        return cls(
            id=found.id,
            account_id=found.account_id,
            office=found.office,
            valid_from=found.valid_from,
            valid_until=found.valid_until,
        )


class InvitationView(View):
    """A code to choose a password with; shown once."""

    code: str
    expires_at: datetime


class Inviting(View):
    """An answer that may hold an invitation."""

    invitation: InvitationView | None = None


class AppointedView(PersonView, Inviting):
    """The person in their new office, with an invitation if they have no password yet.

    `new_account` is false when the address had an account already; its name and password stay as they were.
    """

    new_account: bool


class AccountView(View):
    """Who is signed in."""

    id: UUID
    email: str
    name: Bilingual
    language: Language

    @classmethod
    def of(cls, found: Account) -> Self:
        return cls(id=found.id, email=found.email, name=found.name, language=found.language)


class WholeAccountView(AccountView):
    """An account as the secretariat sees it."""

    open: bool
    secretariat: bool
    version: int

    @classmethod
    def of(cls, found: Account) -> Self:
        return cls(
            id=found.id,
            email=found.email,
            name=found.name,
            language=found.language,
            open=found.open,
            secretariat=found.secretariat,
            version=found.version,
        )


class OpenedAccountView(WholeAccountView, Inviting):
    """A new account, with an invitation if it has no password yet."""


class StandingView(View):
    """An organisation that the account acts for, as far as the membership's state allows."""

    id: UUID
    name: Bilingual
    kind: MemberKind
    role: Role
    state: MemberState

    @classmethod
    def of(cls, found: Standing) -> Self:
        role = role_of(found.office, found.kind)
        return cls(id=found.organisation_id, name=found.name, kind=found.kind, role=role, state=found.state)


class MeView(View):
    """An account and what it may do; `account` is null for a machine."""

    account: AccountView | None
    secretariat: bool
    organisations: list[StandingView]


class SessionView(MeView):
    """A sign-in with its tokens."""

    access_token: str
    refresh_token: str
    expires_in: int


class ApiKeyView(View):
    """A key as it may be shown; the key itself only in the answer to its making."""

    id: UUID
    name: str
    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    key: str | None = None

    @classmethod
    def of(cls, found: ApiKey, plain: str | None = None) -> Self:
        return cls(
            id=found.id,
            name=found.name,
            prefix=found.prefix,
            created_at=found.created_at,
            last_used_at=found.last_used_at,
            revoked_at=found.revoked_at,
            key=plain,
        )

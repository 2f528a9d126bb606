"""Persons, their accounts and their dated offices for organisations (MR1, MR7)."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from common.text import Bilingual, Language
from common.vocabulary import MemberKind, MemberState, Office


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person who is to have an account; the password is already hashed, or chosen later by invitation."""

    email: str
    name: Bilingual
    language: Language = "zh"
    orcid: str | None = None
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who can sign in."""

    id: UUID
    version: int
    email: str
    name: Bilingual
    language: Language
    orcid: str | None
    open: bool
    secretariat: bool
    tokens_valid_from: datetime
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affiliation:
    """A person's office for an organisation, from when until when."""

    id: UUID
    version: int
    account_id: UUID
    organisation_id: UUID
    office: Office
    valid_from: datetime
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An affiliation together with the person who holds it."""

    affiliation: Affiliation
    email: str
    name: Bilingual
    language: Language
    orcid: str | None
    invited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An organisation that an account holds a valid office for, whatever the state of its membership."""

    organisation_id: UUID
    name: Bilingual
    kind: MemberKind
    state: MemberState
    office: Office

"""What the member registry tells the others: who the members are, who may act for them, and whose signature counts."""

from datetime import datetime
from uuid import UUID

from common.events.base import Body, Event
from common.text import Bilingual, BilingualText
from common.vocabulary import DeviceClass, MemberKind, MemberState, Office, RecordKind, Specialty, Stage


class Provenance(Body):
    """Where a public record comes from; shown beside it wherever it appears."""

    source: str
    licence: str
    as_of: str
    url: str | None = None


class Item(Body):
    """Something an organisation makes or has done: a device, an award, a service."""

    title: Bilingual
    text: BilingualText = BilingualText()
    device_class: DeviceClass = DeviceClass.not_stated
    specialty: Specialty | None = None
    stage: Stage | None = None
    year: int | None = None
    reference: str | None = None


class OrganisationFacts(Body):
    """An organisation as others may know it: who it is, its standing and what it can do; no personal data."""

    name: Bilingual
    kind: MemberKind
    record: RecordKind
    state: MemberState
    country: str | None = None
    region: str | None = None
    website: str | None = None
    summary: BilingualText = BilingualText()
    specialties: tuple[Specialty, ...] = ()
    capabilities: tuple[Bilingual, ...] = ()
    items: tuple[Item, ...] = ()
    provenance: Provenance | None = None


class MemberApplied(Event, name="organisation.applied", aggregate="organisation_id"):
    """An organisation asks to become a member."""

    organisation_id: UUID
    name: Bilingual
    kind: MemberKind


class ApplicationReturned(Event, name="organisation.returned", aggregate="organisation_id"):
    """The secretariat returned an application; the reason goes to the applicant, not to the topic."""

    organisation_id: UUID


class MemberAdmitted(Event, name="organisation.admitted", aggregate="organisation_id"):
    """An organisation is in the registry from now on, as a member or as a marked record."""

    organisation_id: UUID
    organisation: OrganisationFacts


class MemberProfileChanged(Event, name="organisation.profile_changed", aggregate="organisation_id"):
    """What an organisation says of itself has changed; carries all of it."""

    organisation_id: UUID
    organisation: OrganisationFacts


class MembershipChanged(Event, name="organisation.membership_changed", aggregate="organisation_id"):
    """A membership was suspended, resumed, expired or ended: rights follow at once."""

    organisation_id: UUID
    kind: MemberKind
    state: MemberState


class AccountChanged(Event, name="account.changed", aggregate="account_id"):
    """An account was opened, closed, or all its tokens issued before a moment were revoked."""

    account_id: UUID
    open: bool
    secretariat: bool
    tokens_valid_from: datetime


class AffiliationChanged(Event, name="affiliation.changed", aggregate="affiliation_id"):
    """A person's dated office for an organisation began, changed or ended (MR7)."""

    affiliation_id: UUID
    account_id: UUID
    organisation_id: UUID
    office: Office
    valid_from: datetime
    valid_until: datetime | None = None


class ApiKeyChanged(Event, name="api_key.changed", aggregate="api_key_id"):
    """A key for machines was made or revoked; it acts for one organisation under the role `service`."""

    api_key_id: UUID
    organisation_id: UUID
    revoked: bool


class SessionEnded(Event, name="session.ended", aggregate="session_id"):
    """A sign-in was ended before its time: tokens that came from it are worth nothing any more."""

    session_id: UUID
    tokens_expire_at: datetime


class SigningKeyPublished(Event, name="signing_key.published", aggregate="signing_key_id"):
    """A public key (JWK) that signs tokens; verified by everybody with nobody else up."""

    signing_key_id: UUID
    jwk: dict[str, str]
    valid_from: datetime
    valid_until: datetime

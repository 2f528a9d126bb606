"""The member registry on one screen: what it serves, keeps running and publishes."""

from common.events import member_registry as facts
from common.service import Service
from member_registry.api import routers
from member_registry.hashing import Hashing
from member_registry.prepare import prepare
from member_registry.signing import Signer

service = Service(
    name="member_registry",
    title="Alliance Hub: member registry",
    routers=routers,
    parts=[("hashing", Hashing()), ("signer", Signer())],
    publishes=[
        facts.MemberApplied,
        facts.ApplicationReturned,
        facts.MemberAdmitted,
        facts.MemberProfileChanged,
        facts.MembershipChanged,
        facts.AccountChanged,
        facts.AffiliationChanged,
        facts.ApiKeyChanged,
        facts.SessionEnded,
        facts.SigningKeyPublished,
    ],
    owns=[
        "organisation",
        "applicant",
        "account",
        "affiliation",
        "invitation",
        "session",
        "sign_in_attempt",
        "sign_in_home",
        "api_key",
        "own_signing_key",
    ],
    prepare=prepare,
)

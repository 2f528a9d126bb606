"""What is sent about a person: who they are, their office, their password."""

from typing import Annotated

from pydantic import ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from common.errors import FieldError, InvalidInput
from common.http import Body
from common.text import Bilingual, Language, RequiredBilingual
from common.vocabulary import Office
from member_registry.api.fields import Email, Orcid, Password
from member_registry.api.organisation_bodies import ApplyingOrganisation
from member_registry.hashing import Hashing
from member_registry.model.passwords import WeakPassword, acceptable
from member_registry.model.people import NewPerson

_PERSON: JsonDict = {
    "name": {"zh": "示例代表", "en": "Example Representative"},
    "email": "representative@hospital.example",
    "password": "four unrelated words",
    "language": "zh",
}


class PersonBody(Body):
    """Somebody who is to have an account; without a password they get an invitation to choose one."""

    name: RequiredBilingual
    email: Email
    password: Password | None = None
    language: Language = "zh"
    orcid: Orcid | None = None

    async def person(self, hashing: Hashing, *, field: str = "password") -> NewPerson:
        """With the password hashed; InvalidInput when it is too weak."""
        hashed = await hashed_password(self.password, hashing, email=self.email, field=field) if self.password else None
        return NewPerson(
            email=self.email,
            name=Bilingual(zh=self.name.zh, en=self.name.en),
            language=self.language,
            orcid=self.orcid,
            password_hash=hashed,
        )


class AppointmentBody(PersonBody):
    """A person and the office they are given."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_PERSON, "office": "editor"}]})

    office: Office


class AccountBody(PersonBody):
    """A person who is to work for the alliance itself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_PERSON, "secretariat": True}]})

    secretariat: bool = False


class RepresentativeBody(PersonBody):
    """Who applies in the name of an organisation; chooses a password at once."""

    password: Password


class ApplicationBody(Body):
    """An organisation and the person who will represent it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "organisation": {
                        "name": {"zh": "示例器械公司（虚构）", "en": "Example Devices (fictional)"},
                        "kind": "enterprise",
                        "uscc": "91350100M000100Y43",
                        "region": "CN-35",
                        "country": "CN",
                    },
                    "representative": _PERSON,
                }
            ]
        }
    )

    organisation: ApplyingOrganisation
    representative: RepresentativeBody


class SecretariatBody(Body):
    """Whether an account has the secretariat's rights."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"secretariat": True}]})

    secretariat: bool


class PasswordChangeBody(Body):
    """The present password and the next one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"current": "four unrelated words", "new": "five more unrelated words"}]}
    )

    current: Password
    new: Password


class AcceptanceBody(Body):
    """An invitation's code and the password chosen."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "the code of the invitation", "password": "four unrelated words"}]}
    )

    code: Annotated[SecretStr, Field(max_length=100)]
    password: Password


async def hashed_password(password: SecretStr, hashing: Hashing, *, email: str = "", field: str = "password") -> str:
    """The hash of a password that is good enough, or InvalidInput that says why it is not."""
    try:
        chosen = acceptable(password.get_secret_value(), email=email)
    except WeakPassword as weak:
        raise InvalidInput(errors=(FieldError(field, weak.code, weak.message, weak.remedy),)) from None
    return await hashing.hash(chosen)

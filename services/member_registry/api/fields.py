"""The kinds of fields that requests are made of, checked with the rules of the model."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError

from common.text import clean
from member_registry.model import identifiers
from member_registry.model.identifiers import WrongIdentifier
from member_registry.model.passwords import LONGEST, WeakPassword

_SCHEME = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")


class Body(BaseModel):
    """Base of all requests: nothing unknown, nothing changed after checking."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def refusal(wrong: WrongIdentifier | WeakPassword) -> PydanticCustomError:
    """A broken rule as pydantic tells it; `common.http.validation` chooses the language."""
    context: dict[str, Any] = {
        "zh": wrong.message.zh,
        "en": wrong.message.en,
        "remedy_zh": wrong.remedy.zh,
        "remedy_en": wrong.remedy.en,
    }
    return PydanticCustomError(wrong.code, "{en}", context)


def _checked(rule: Callable[[str], str]) -> AfterValidator:
    def check(value: str) -> str:
        try:
            return rule(value)
        except WrongIdentifier as wrong:
            raise refusal(wrong) from None

    return AfterValidator(check)


def _web_address(value: str) -> str:
    if not _SCHEME.fullmatch(value):
        raise PydanticCustomError("url_parsing", "is not a web address")
    return value


_STRIPPED = StringConstraints(strip_whitespace=True, max_length=60)
Uscc = Annotated[str, _STRIPPED, _checked(identifiers.uscc)]
Ror = Annotated[str, _STRIPPED, _checked(identifiers.ror)]
Orcid = Annotated[str, _STRIPPED, _checked(identifiers.orcid)]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]+$"
    ),
    AfterValidator(clean),
]
Password = Annotated[SecretStr, StringConstraints(min_length=1, max_length=4 * LONGEST)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
WebAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(clean), AfterValidator(_web_address)
]
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(clean)]
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(clean)
]

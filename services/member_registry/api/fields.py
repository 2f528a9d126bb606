"""The kinds of fields that requests are made of, checked with the rules of the model."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError

from common.text import Bilingual, clean
from member_registry.model import identifiers
from member_registry.model.identifiers import WrongIdentifier
from member_registry.model.passwords import LONGEST, WeakPassword

_SCHEME = re.compile(r"https?://[^\s/]+\.[^\s/]+(/\S*)?")


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


def _matching(pattern: str, code: str, message: Bilingual, remedy: Bilingual) -> tuple[Any, ...]:
    """A form that programs read as a pattern and people as an example."""
    form = re.compile(pattern)

    def rule(value: str) -> str:
        if not form.fullmatch(value):
            raise WrongIdentifier(code, message, remedy)
        return value

    return _checked(rule), Field(json_schema_extra={"pattern": pattern})


def _web_address(value: str) -> str:
    if not _SCHEME.fullmatch(value):
        raise PydanticCustomError("url_parsing", "is not a web address")
    return value


_UNSEEN = r"\s\x00-\x1f\x7f-\x9f"
_STRIPPED = StringConstraints(strip_whitespace=True, max_length=60)
Uscc = Annotated[str, _STRIPPED, _checked(identifiers.uscc)]
Ror = Annotated[str, _STRIPPED, _checked(identifiers.ror)]
Orcid = Annotated[str, _STRIPPED, _checked(identifiers.orcid)]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, max_length=254),
    AfterValidator(clean),
    *_matching(
        rf"^[^@{_UNSEEN}]{{1,64}}@[^@{_UNSEEN}]+\.[^@.{_UNSEEN}]+$",
        "email_form",
        Bilingual(zh="不是邮箱地址", en="is not an e-mail address"),
        Bilingual(zh="例如 name@hospital.example", en="name@hospital.example for example"),
    ),
]
Password = Annotated[SecretStr, StringConstraints(min_length=1, max_length=4 * LONGEST)]
Country = Annotated[
    str,
    *_matching(
        r"^[A-Z]{2}$",
        "country_form",
        Bilingual(zh="不是国家代码", en="is not a country code"),
        Bilingual(zh="ISO 3166 两位大写字母，例如 CN", en="two capital letters of ISO 3166, CN for example"),
    ),
]
Region = Annotated[
    str,
    *_matching(
        r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        "region_form",
        Bilingual(zh="不是地区代码", en="is not a region code"),
        Bilingual(zh="ISO 3166-2，例如 CN-11", en="ISO 3166-2, CN-11 for example"),
    ),
]
WebAddress = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(clean), AfterValidator(_web_address)
]
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(clean)]
ShortText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(clean)
]

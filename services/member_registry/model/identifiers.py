"""Checked identifiers: USCC (GB 32100-2015), ROR and ORCID; brought to one form or refused (`domain.md` 5.4)."""

import re
import unicodedata

from stdnum.cn import uscc as gb32100
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iso7064 import mod_11_2

from common.text import Bilingual
from common.vocabulary import MemberKind

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR = re.compile(rf"0[{_CROCKFORD}]{{6}}[0-9]{{2}}")
_ORCID = re.compile(r"[0-9]{15}[0-9X]")

_REGISTERED_AS = {
    MemberKind.hospital: ("12", "52"),
    MemberKind.university: ("12", "52"),
    MemberKind.institute: ("12", "52"),
    MemberKind.society: ("51", "53"),
    MemberKind.enterprise: ("91",),
}
"""First two characters of a USCC that are usual for a kind: 12 public institution, 51 association, 52 private
non-enterprise unit, 53 foundation, 91 enterprise. Others exist, so a deviation is a warning, never a refusal."""


class WrongIdentifier(ValueError):
    """An identifier that cannot be right: says why and what would be, in both languages."""

    def __init__(self, code: str, message: Bilingual, remedy: Bilingual) -> None:
        self.code, self.message, self.remedy = code, message, remedy
        super().__init__(message.en)


def uscc(value: str) -> str:
    """A unified social credit code: 18 characters without I, O, S, V, Z; the last one checks the others (mod 31)."""
    try:
        return str(gb32100.validate(_typed(value).upper()))
    except InvalidChecksum:
        raise _wrong_check("uscc_check", "统一社会信用代码", "unified social credit code") from None
    except ValidationError:
        raise WrongIdentifier(
            "uscc_form",
            Bilingual(zh="不是统一社会信用代码", en="is not a unified social credit code"),
            Bilingual(
                zh="18 位数字或大写字母，不含 I、O、S、V、Z", en="18 digits or capital letters without I, O, S, V, Z"
            ),
        ) from None


def ror(value: str) -> str:
    """A ROR id in its short form; the last two digits check the others (98 - n * 100 mod 97)."""
    short = _typed(value).lower().removeprefix("https://").removeprefix("http://").removeprefix("ror.org/")
    if not _ROR.fullmatch(short):
        raise WrongIdentifier(
            "ror_form",
            Bilingual(zh="不是 ROR 标识", en="is not a ROR id"),
            Bilingual(zh="例如 https://ror.org/02mp31p96", en="https://ror.org/02mp31p96 for example"),
        )
    number = 0
    for character in short[:7]:
        number = number * 32 + _CROCKFORD.index(character)
    if int(short[7:]) != 98 - number * 100 % 97:
        raise _wrong_check("ror_check", "ROR 标识", "ROR id")
    return short


def orcid(value: str) -> str:
    """An ORCID iD as 0000-0000-0000-000X; the last character checks the others (ISO 7064 MOD 11-2)."""
    short = _typed(value).upper().removeprefix("HTTPS://").removeprefix("HTTP://").removeprefix("ORCID.ORG/")
    digits = short.replace("-", "")
    if not _ORCID.fullmatch(digits):
        raise WrongIdentifier(
            "orcid_form",
            Bilingual(zh="不是 ORCID 标识", en="is not an ORCID iD"),
            Bilingual(zh="例如 0000-0002-1825-0097", en="0000-0002-1825-0097 for example"),
        )
    if not mod_11_2.is_valid(digits):
        raise _wrong_check("orcid_check", "ORCID 标识", "ORCID iD")
    return "-".join(digits[place : place + 4] for place in range(0, 16, 4))


def _typed(value: str) -> str:
    """The same from a full-width keyboard; other digits than 0 to 9 stay what they are, and are refused."""
    return unicodedata.normalize("NFKC", value).strip()


def doubt_about_uscc(code: str | None, kind: MemberKind) -> Bilingual | None:
    """Why this code is unusual for an organisation of this kind, if it is: a person has to look, not a program."""
    usual = _REGISTERED_AS.get(kind)
    if code is None or usual is None or code.startswith(usual):
        return None
    return Bilingual(
        zh=f"统一社会信用代码以 {code[:2]} 开头，{kind.zh}通常以 {'、'.join(usual)} 开头",
        en=f"The unified social credit code begins with {code[:2]}; {kind.en.lower()} codes usually begin with"
        f" {' or '.join(usual)}",
    )


def _wrong_check(code: str, zh: str, en: str) -> WrongIdentifier:
    return WrongIdentifier(
        code,
        Bilingual(zh=f"{zh}的校验位不符", en=f"fails the check of a {en}"),
        Bilingual(zh="请核对是否抄错", en="compare it with the original, a character may be wrong"),
    )

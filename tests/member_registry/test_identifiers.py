"""Identifiers are checked as their standards say, on examples that others have published."""

from collections.abc import Callable

import pytest

from common.vocabulary import MemberKind
from member_registry.model.identifiers import WrongIdentifier, doubt_about_uscc, orcid, ror, uscc


@pytest.mark.parametrize("code", ["91420000737944946L", "91350100M000100Y43"])
def test_a_published_unified_social_credit_code_is_accepted(code: str) -> None:
    assert uscc(code) == code
    assert uscc(f" {code.lower()} ") == code


@pytest.mark.parametrize("code", ["02mp31p96", "05qgkbq61", "046cr9566", "03k0md330"])
def test_a_published_ror_id_is_accepted_in_its_long_and_short_form(code: str) -> None:
    assert ror(code) == ror(f"https://ror.org/{code}") == ror(code.upper()) == code


@pytest.mark.parametrize("code", ["0000-0002-1825-0097", "0000-0002-1694-233X"])
def test_a_published_orcid_is_accepted_and_brought_to_one_form(code: str) -> None:
    assert orcid(code) == orcid(f"https://orcid.org/{code}") == orcid(code.replace("-", "").lower()) == code


def test_an_identifier_is_the_same_from_a_full_width_keyboard() -> None:
    assert uscc("９１３５０１００Ｍ０００１００Ｙ４３") == "91350100M000100Y43"
    assert ror("０２ｍｐ３１ｐ９６") == "02mp31p96"


@pytest.mark.parametrize(
    ("check", "good"), [(uscc, "91350100M000100Y43"), (ror, "02mp31p96"), (orcid, "0000-0002-1825-0097")]
)
def test_no_single_wrong_digit_passes(check: Callable[[str], str], good: str) -> None:
    changed = 0
    for place, character in enumerate(good):
        for other in "0123456789":
            if character.isdigit() and other != character:
                changed += 1
                with pytest.raises(WrongIdentifier):
                    check(good[:place] + other + good[place + 1 :])
    assert changed > 40


@pytest.mark.parametrize(
    "wrong", ["", "9142", "91420000737944946l9", "I1420000737944946L", "٩" * 18, "9142000073794494\x00L"]
)
def test_what_is_no_code_at_all_is_refused_with_its_own_reason(wrong: str) -> None:
    with pytest.raises(WrongIdentifier) as refusal:
        uscc(wrong)
    assert refusal.value.code == "uscc_form"
    assert refusal.value.message.zh
    assert refusal.value.remedy.en


@pytest.mark.parametrize("wrong", ["", "https://ror.org/", "12mp31p96", "02mp3lp96", "02mp31p9٦"])
def test_what_is_no_ror_id_is_refused(wrong: str) -> None:
    with pytest.raises(WrongIdentifier):
        ror(wrong)


@pytest.mark.parametrize(
    ("code", "kind", "doubtful"),
    [
        ("91420000737944946L", MemberKind.enterprise, False),
        ("91420000737944946L", MemberKind.hospital, True),
        ("12100000400006483X", MemberKind.hospital, False),
        ("12100000400006483X", MemberKind.enterprise, True),
        ("51100000500000001X", MemberKind.society, False),
        ("91420000737944946L", MemberKind.partner, False),
        (None, MemberKind.hospital, False),
    ],
)
def test_a_code_unusual_for_the_kind_is_doubted_and_not_refused(
    code: str | None, kind: MemberKind, doubtful: bool
) -> None:
    doubt = doubt_about_uscc(code, kind)
    assert (doubt is not None) is doubtful
    assert doubt is None or (doubt.zh and doubt.en)

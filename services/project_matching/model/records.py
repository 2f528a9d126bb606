"""Who may post what as a public record or a demonstration: such entries are never mistaken for members' own."""

from common.errors import FieldError, InvalidInput
from common.text import Bilingual
from common.vocabulary import RecordKind
from project_matching.model.content import NeedContent
from project_matching.model.need import Organisation


def check_record(content: NeedContent, organisation: Organisation, *, secretariat: bool) -> None:
    """Raises InvalidInput when a need is marked otherwise than its poster allows.

    A need is what its organisation is; only the secretariat may post a marked record in a member's name, and nobody
    a member's need in the name of a record. A provenance belongs to a marked record.
    """
    marked = content.record is not RecordKind.member
    allowed = content.record is organisation.record or (secretariat and marked)
    errors = []
    if not allowed:
        errors.append(
            FieldError(
                "record",
                "record_not_allowed",
                Bilingual(zh="与发布单位的标记不符", en="does not fit the organisation that posts it"),
                Bilingual(
                    zh=f"此单位为“{organisation.record.zh}”", en=f"this organisation is “{organisation.record.en}”"
                ),
            )
        )
    if content.provenance is not None and not marked:
        errors.append(
            FieldError(
                "provenance",
                "provenance_not_allowed",
                Bilingual(zh="来源只用于公开记录和演示", en="only public records and demonstrations have one"),
                Bilingual(zh="请删除来源", en="leave it out"),
            )
        )
    if errors:
        raise InvalidInput(errors=tuple(errors))

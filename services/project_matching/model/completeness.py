"""What a need must say before it may be submitted and published; every gap is named with its remedy."""

from common.errors import FieldError, InvalidInput
from common.text import Bilingual
from common.vocabulary import RecordKind
from project_matching.model.content import NeedContent

_REMEDIES = {
    "problem": ("写明要解决的问题，不写解决方案", "say what has to be solved, not the solution"),
    "population": ("写明患者人群", "say in which patients"),
    "outcome": ("写明可衡量的预期结果", "say which outcome is to change, in terms that can be measured"),
    "workflow_step": ("写明手术或流程中的具体环节及目前做法", "name the step of the procedure and what is done today"),
    "specialty": ("请选择专科", "choose a specialty"),
    "achievement_type": ("请选择成果类型", "choose an achievement type"),
    "wanted": ("至少选择一类合作方", "choose at least one kind of counterpart"),
    "provenance": ("写明来源、许可和日期", "name source, licence and date"),
}
_OF_EVERYBODY = ("problem", "specialty", "achievement_type", "wanted")
_OF_POSTERS = ("population", "outcome", "workflow_step")
"""The Biodesign statement and the workflow step (D-03); a public record can only say what its source says."""


def check_complete(content: NeedContent) -> None:
    """Raises InvalidInput with one finding a missing field."""
    missing = [name for name in _needed(content) if not _given(content, name)]
    if missing:
        raise InvalidInput(
            Bilingual(
                zh=f"还有 {len(missing)} 处未填写，补全后才能提交和发布。",
                en=f"{len(missing)} more to fill in before the need can be submitted and published.",
            ),
            code="need_incomplete",
            errors=tuple(_missing(name) for name in missing),
        )


def _needed(content: NeedContent) -> tuple[str, ...]:
    if content.record is RecordKind.public_record:
        return (*_OF_EVERYBODY, "provenance")
    return (*_OF_EVERYBODY, *_OF_POSTERS)


def _given(content: NeedContent, name: str) -> bool:
    value = getattr(content, name)
    return not value.empty if name in ("problem", *_OF_POSTERS) else bool(value)


def _missing(name: str) -> FieldError:
    zh, en = _REMEDIES[name]
    return FieldError(name, "missing", Bilingual(zh="必填", en="is missing"), Bilingual(zh=zh, en=en))

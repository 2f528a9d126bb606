"""What callers send about needs: checked for form and size here, for sense in the model."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from common.events.member_registry import Provenance
from common.http import Body
from common.text import Bilingual, BilingualText, Line, RequiredBilingual, RequiredBilingualText, clean
from common.vocabulary import AchievementType, DeviceClass, Disclosure, RecordKind, Specialty, Stage, WantedSide
from project_matching.model.content import NeedContent

Region = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(clean)]

EXAMPLE: dict[str, Any] = {
    "title": {"zh": "宽颈动脉瘤栓塞后瘤颈复发", "en": "Recurrence at the neck of wide-neck aneurysms"},
    "problem": {"zh": "使瘤颈部多年不再有血流进入", "en": "keep blood flow out of the aneurysm neck for years"},
    "population": {"zh": "前循环宽颈动脉瘤患者", "en": "patients with wide-neck aneurysms of the anterior circulation"},
    "outcome": {"zh": "减少再次治疗", "en": "reduce retreatment"},
    "workflow_step": {"zh": "动脉瘤栓塞术：瘤颈重建", "en": "Embolisation: reconstruction of the neck"},
    "specialty": "aneurysm",
    "achievement_type": "consumable",
    "wanted": ["enterprise", "engineering"],
    "device_class": "III",
    "stage": "pain_point",
    "region": "CN-11",
    "disclosure": "summary",
}


class ProvenanceBody(Body):
    """Where a public record comes from."""

    source: Line = Field(min_length=1)
    licence: Line = Field(min_length=1)
    as_of: Line = Field(min_length=1)
    url: Annotated[str, StringConstraints(pattern=r"^https?://[\x21-\x7e]+$", max_length=1000)] | None = None


class NeedBody(Body):
    """A need as its author writes it; only the title has to be there before it is submitted."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    title: RequiredBilingual
    problem: BilingualText = BilingualText()
    population: BilingualText = BilingualText()
    outcome: BilingualText = BilingualText()
    workflow_step: BilingualText = BilingualText()
    specialty: Specialty | None = None
    achievement_type: AchievementType | None = None
    wanted: list[WantedSide] = Field(default=[], max_length=20)
    device_class: DeviceClass = DeviceClass.not_stated
    stage: Stage = Stage.pain_point
    region: Region | None = Field(default=None, description="ISO 3166-2 code or the name of a region")
    disclosure: Disclosure = Disclosure.summary
    record: RecordKind | None = Field(default=None, description="what the organisation is, unless said otherwise")
    provenance: ProvenanceBody | None = None
    blocked_organisations: list[UUID] = Field(
        default=[], max_length=100, description="organisations this need must never be proposed to"
    )

    def content(self, record: RecordKind) -> NeedContent:
        """The content it stands for; `record` counts where the body names none."""
        return NeedContent(
            title=Bilingual(zh=self.title.zh, en=self.title.en),
            problem=self.problem,
            population=self.population,
            outcome=self.outcome,
            workflow_step=self.workflow_step,
            specialty=self.specialty,
            achievement_type=self.achievement_type,
            wanted=tuple(dict.fromkeys(self.wanted)),
            device_class=self.device_class,
            stage=self.stage,
            region=self.region,
            disclosure=self.disclosure,
            record=self.record or record,
            provenance=Provenance(**self.provenance.model_dump()) if self.provenance else None,
            blocked_organisations=tuple(dict.fromkeys(self.blocked_organisations)),
        )


class NewNeedBody(NeedBody):
    """A new need; the secretariat names the record it posts for."""

    organisation_id: UUID | None = Field(default=None, description="only the secretariat posts for somebody else")


class ReturnBody(Body):
    """What is missing, for the author."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": {"zh": "请写明患者人群。", "en": "Please name the population."}}]}
    )

    reason: RequiredBilingualText


class WithdrawBody(Body):
    """Why a need is taken back; may be left out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": {"zh": "已自行解决。", "en": "Solved in house."}}]}
    )

    reason: BilingualText = BilingualText()

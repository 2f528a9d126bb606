"""What is sent about an organisation: its identity, its profile, decisions about it."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from common.events.member_registry import Item, Provenance
from common.http import Body
from common.text import Bilingual, BilingualText, RequiredBilingual
from common.vocabulary import DeviceClass, MemberKind, MemberState, RecordKind, Specialty, Stage
from member_registry.api.fields import Country, Region, Ror, ShortText, Uscc, WebAddress
from member_registry.model.application import Registration
from member_registry.model.organisation import Profile

_NAME: JsonDict = {"zh": "示例医院（虚构）", "en": "Example Hospital (fictional)"}
_ITEM: JsonDict = {
    "title": {"zh": "取栓支架", "en": "Stent retriever"},
    "text": {"zh": "用于急性缺血性卒中的机械取栓。", "en": "Mechanical thrombectomy in acute ischaemic stroke."},
    "device_class": "III",
    "specialty": "ais_thrombectomy",
    "stage": "registration",
    "year": 2025,
}
LONGEST_ITEM_TEXT = 4000


class ItemBody(Body):
    """Something an organisation makes or has done."""

    title: RequiredBilingual
    text: BilingualText = BilingualText()
    device_class: DeviceClass = DeviceClass.not_stated
    specialty: Specialty | None = None
    stage: Stage | None = None
    year: Annotated[int, Field(ge=1800, le=2200)] | None = None
    reference: ShortText | None = None

    @model_validator(mode="after")
    def _text_not_too_long(self) -> Self:
        if max(len(self.text.zh or ""), len(self.text.en or "")) > LONGEST_ITEM_TEXT:
            raise PydanticCustomError("string_too_long", "is too long", {"max_length": LONGEST_ITEM_TEXT})
        return self

    def item(self) -> Item:
        return Item.model_validate(self.model_dump())


class ProfileBody(Body):
    """What an organisation says of itself; replaces all that it said before."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "website": "https://hospital.example",
                    "region": "CN-11",
                    "summary": {"zh": "脑血管病介入诊疗与转化研究。", "en": "Neurointervention and its translation."},
                    "specialties": ["ais_thrombectomy"],
                    "capabilities": [{"zh": "取栓器械临床试验", "en": "Clinical trials of thrombectomy devices"}],
                    "items": [_ITEM],
                }
            ]
        }
    )

    website: WebAddress | None = None
    region: Region | None = None
    summary: BilingualText = BilingualText()
    specialties: Annotated[tuple[Specialty, ...], Field(max_length=len(Specialty))] = ()
    capabilities: Annotated[tuple[RequiredBilingual, ...], Field(max_length=100)] = ()
    items: Annotated[tuple[ItemBody, ...], Field(max_length=300)] = ()

    def profile(self) -> Profile:
        return Profile(
            website=self.website,
            region=self.region,
            summary=self.summary,
            specialties=tuple(dict.fromkeys(self.specialties)),
            capabilities=tuple(Bilingual(zh=c.zh, en=c.en) for c in self.capabilities),
            items=tuple(item.item() for item in self.items),
        )


class ProvenanceBody(Body):
    """Where a public record comes from."""

    source: ShortText
    licence: ShortText
    as_of: Annotated[ShortText, Field(max_length=40)]
    url: WebAddress | None = None


class RegistrationBody(ProfileBody):
    """An organisation the secretariat enters; a public record says where it comes from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": _NAME, "kind": "hospital", "record": "demo", "country": "CN"}]}
    )

    name: RequiredBilingual
    kind: MemberKind
    record: RecordKind = RecordKind.member
    uscc: Uscc | None = None
    ror: Ror | None = None
    country: Country | None = None
    provenance: ProvenanceBody | None = None

    @model_validator(mode="after")
    def _origin_of_records(self) -> Self:
        if self.record is RecordKind.public_record and self.provenance is None:
            raise PydanticCustomError(
                "provenance_required",
                "needs a provenance",
                {
                    "zh": "公开记录必须注明来源",
                    "en": "must say where a public record comes from",
                    "remedy_zh": "请填写 provenance",
                    "remedy_en": "fill in provenance",
                },
            )
        return self

    def registration(self) -> Registration:
        provenance = Provenance.model_validate(self.provenance.model_dump()) if self.provenance else None
        return Registration(
            name=Bilingual(zh=self.name.zh, en=self.name.en),
            kind=self.kind,
            record=self.record,
            uscc=self.uscc,
            ror=self.ror,
            country=self.country,
            profile=self.profile(),
            provenance=provenance,
        )


class ApplyingOrganisation(Body):
    """An organisation that wants to become a member."""

    name: RequiredBilingual
    kind: MemberKind
    uscc: Uscc | None = None
    ror: Ror | None = None
    region: Region | None = None
    country: Country | None = None
    website: WebAddress | None = None

    def registration(self) -> Registration:
        return Registration(
            name=Bilingual(zh=self.name.zh, en=self.name.en),
            kind=self.kind,
            uscc=self.uscc,
            ror=self.ror,
            country=self.country,
            profile=Profile(website=self.website, region=self.region),
        )


class ReasonBody(Body):
    """Why; read by those it concerns."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": {"zh": "请补充统一社会信用代码。", "en": "Please add the code."}}]}
    )

    reason: RequiredBilingual


class StateBody(ReasonBody):
    """The next state of a membership."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"state": "suspended", "reason": {"zh": "会费逾期。", "en": "The fee is overdue."}}]
        }
    )

    state: MemberState

"""The field's closed code lists with their Chinese and English names (`domain.md` 1.5, 1.8, 5.2, 5.3)."""

from enum import StrEnum


class Code(StrEnum):
    """A code with a name in both languages: `Code.member.zh`, `Code.member.en`."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str = "", en: str = "") -> "Code":
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh, member.en = zh, en
        return member


class MemberKind(Code):
    """Kinds of members, N-07 to N-13."""

    hospital = "hospital", "医院", "Hospital"
    university = "university", "高等院校", "University"
    institute = "institute", "科研院所", "Research institute"
    society = "society", "学术团体", "Academic society"
    enterprise = "enterprise", "企业", "Enterprise"
    person = "person", "个人会员", "Individual member"
    partner = "partner", "其他创新主体", "Other partner"

    @property
    def is_institution(self) -> bool:
        """Institutions post needs; every other kind stands on the enterprise side."""
        return self in INSTITUTIONS


INSTITUTIONS = frozenset({MemberKind.hospital, MemberKind.university, MemberKind.institute, MemberKind.society})


class MemberState(Code):
    """A membership's life cycle (`domain.md` 5.2)."""

    applied = "applied", "申请", "Applied"
    returned = "returned", "退回", "Returned"
    approved = "approved", "通过", "Approved"
    active = "active", "有效", "Active"
    grace = "grace", "宽限", "Grace period"
    suspended = "suspended", "暂停", "Suspended"
    expired = "expired", "到期", "Expired"
    withdrawn = "withdrawn", "退出", "Withdrawn"

    @property
    def may_act(self) -> bool:
        """Whether people of such an organisation may act for it, and whether it may be matched."""
        return self in (MemberState.active, MemberState.grace)


class RecordKind(Code):
    """What an entry stands for: a member, a real organisation from a public source, or fiction for the demo."""

    member = "member", "成员单位", "Member"
    public_record = "public_record", "公开记录（非成员）", "Public record, not a member"
    demo = "demo", "演示（虚构）", "Demo, fictional"


class Office(Code):
    """What a person does for an organisation, with dates (MR1, MR7)."""

    representative = "representative", "代表", "Representative"
    editor = "editor", "编辑", "Editor"
    clinician = "clinician", "临床医生", "Clinician"
    reader = "reader", "只读", "Reader"


class Role(Code):
    """What a route may ask for: an office together with the kind of the organisation, or a role of the alliance."""

    secretariat = "secretariat", "秘书处", "Secretariat"
    institution_representative = "institution_representative", "成员单位代表", "Institution representative"
    institution_editor = "institution_editor", "成员单位编辑", "Institution editor"
    enterprise_representative = "enterprise_representative", "企业代表", "Enterprise representative"
    enterprise_editor = "enterprise_editor", "企业编辑", "Enterprise editor"
    clinician = "clinician", "临床医生", "Clinician"
    reader = "reader", "只读", "Reader"
    service = "service", "系统服务", "Service"


REPRESENTATIVES = (Role.institution_representative, Role.enterprise_representative)
"""Who speaks for an organisation of whatever kind."""
EDITORS = (Role.institution_editor, Role.enterprise_editor)
"""Who writes for it."""


class Specialty(Code):
    """Disciplines; the first eight are the neurointervention taxonomy of N-15, the others open it wider."""

    aneurysm = "aneurysm", "颅内动脉瘤", "Intracranial aneurysm"
    ais_thrombectomy = "ais_thrombectomy", "急性缺血性卒中取栓", "Acute ischaemic stroke thrombectomy"
    icas = "icas", "颅内动脉粥样硬化狭窄", "Intracranial atherosclerotic stenosis"
    avm_davf = "avm_davf", "脑血管畸形与硬脑膜动静脉瘘", "AVM and dural AV fistula"
    csdh = "csdh", "慢性硬膜下血肿", "Chronic subdural haematoma"
    access = "access", "介入入路", "Access"
    imaging_ai = "imaging_ai", "影像与人工智能", "Imaging and AI"
    robots = "robots", "手术机器人", "Robots"
    neurology = "neurology", "神经科学", "Neurology"
    cardiovascular = "cardiovascular", "心血管", "Cardiovascular"
    radiology = "radiology", "放射影像", "Radiology"
    orthopaedics = "orthopaedics", "骨科", "Orthopaedics"
    clinical_chemistry = "clinical_chemistry", "临床化学", "Clinical chemistry"
    haematology = "haematology", "血液学", "Haematology"
    immunology = "immunology", "免疫学", "Immunology"
    microbiology = "microbiology", "微生物学", "Microbiology"
    pathology = "pathology", "病理学", "Pathology"
    molecular_genetics = "molecular_genetics", "分子遗传", "Molecular genetics"
    toxicology = "toxicology", "毒理学", "Toxicology"
    surgery = "surgery", "外科", "Surgery"
    other = "other", "其他", "Other"


class AchievementType(Code):
    """The seven achievement types, T-01 to T-07."""

    small_innovation = "small_innovation", "小创新/小发明", "Small innovation"
    discipline_solution = "discipline_solution", "学科综合解决方案", "Comprehensive disciplinary solution"
    data_ai = "data_ai", "医院数据+人工智能", "Hospital data and AI"
    pharma = "pharma", "药物/医药类", "Pharmaceutical"
    reagent_kit = "reagent_kit", "试剂盒", "Reagent kit"
    consumable = "consumable", "耗材", "Consumable"
    interdisciplinary = "interdisciplinary", "交叉学科创新", "Interdisciplinary innovation"


class WantedSide(Code):
    """Whom a need looks for; `engineering` is an institute, a university or a partner (P-08)."""

    enterprise = "enterprise", "企业", "Enterprise"
    engineering = "engineering", "工程合作方", "Engineering partner"
    institute = "institute", "科研院所", "Research institute"
    university = "university", "高等院校", "University"
    hospital = "hospital", "医院", "Hospital"
    partner = "partner", "其他合作方", "Other partner"


class Disclosure(Code):
    """The ladder of disclosure: what others than the poster see before an agreement."""

    title = "title", "仅标题", "Title only"  # type: ignore[assignment]  # the code is called title, as in the ladder
    summary = "summary", "非保密摘要", "Non-confidential summary"
    undertaking = "undertaking", "签署保密承诺后", "After an undertaking"
    data_room = "data_room", "数据室", "Data room"


class Stage(Code):
    """Stages of the translation chain, G-01 to G-10."""

    pain_point = "pain_point", "临床痛点", "Pain point"
    concept = "concept", "概念", "Concept"
    protection = "protection", "专利保护", "Protection"
    prototype = "prototype", "样机", "Prototype"
    poc = "poc", "概念验证", "Proof of concept"
    pilot = "pilot", "中试", "Pilot scale"
    manufacture = "manufacture", "生产", "Manufacture"
    clinical_trial = "clinical_trial", "临床试验", "Clinical trial"
    registration = "registration", "注册", "Registration"
    market = "market", "上市", "Market"


class DeviceClass(Code):
    """Risk class of a device; which jurisdiction is meant is said beside it."""

    I = "I", "第一类", "Class I"  # noqa: E741 - the class is called I
    II = "II", "第二类", "Class II"
    III = "III", "第三类", "Class III"
    not_stated = "not_stated", "未说明", "Not stated"


class NeedState(Code):
    """A need's life cycle (`domain.md` 5.2)."""

    draft = "draft", "草稿", "Draft"
    submitted = "submitted", "已提交", "Submitted"
    in_review = "in_review", "审核中", "In review"
    published = "published", "已发布", "Published"
    matched = "matched", "已匹配", "Matched"
    in_project = "in_project", "已立项", "In project"
    met = "met", "已满足", "Met"
    not_met = "not_met", "未满足", "Not met"
    expired = "expired", "已过期", "Expired"
    withdrawn = "withdrawn", "已撤回", "Withdrawn"


class SuggestionState(Code):
    """From a suggestion to a match, which is a mutual agreement (U16); names of `domain.md` 5.2."""

    suggested = "suggested", "推荐", "Suggested"
    notified = "notified", "已通知", "Notified"
    viewed = "viewed", "已查看", "Viewed"
    interested = "interested", "一方有意向", "One side interested"
    mutual = "mutual", "双方有意向", "Mutual interest"
    introduced = "introduced", "已引荐", "Introduced"
    negotiating = "negotiating", "洽谈中", "Negotiating"
    agreed = "agreed", "达成一致", "Agreed"
    declined = "declined", "已婉拒", "Declined"
    lapsed = "lapsed", "已失效", "Lapsed"
    woken = "woken", "已唤醒", "Woken"


class DeclineReason(Code):
    """Why a suggestion was declined; a code, so that it can be counted and returned (U3, NM8)."""

    too_early = "too_early", "阶段过早", "Too early"
    benefit_unclear = "benefit_unclear", "优势不清", "Benefit unclear"
    commercial_route_unclear = "commercial_route_unclear", "商业路径不清", "Commercial route unclear"
    description_unclear = "description_unclear", "描述不清", "Description unclear"
    scientific_doubt = "scientific_doubt", "科学性存疑", "Scientific doubt"
    not_strategic = "not_strategic", "不符合战略", "Not strategic"
    no_capacity = "no_capacity", "没有能力承接", "No capacity"
    ip_position = "ip_position", "知识产权状况", "IP position"
    regulatory_burden = "regulatory_burden", "注册负担过重", "Regulatory burden"
    already_working_on_it = "already_working_on_it", "已在开展同类工作", "Already working on it"
    other = "other", "其他", "Other"

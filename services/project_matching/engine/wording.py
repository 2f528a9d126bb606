"""The sentences of an explanation, in Chinese and in English."""

from collections.abc import Sequence

from project_matching.engine.model import Need, Profile, Text
from project_matching.engine.traits import profile_specialties

LABELS = {
    "aneurysm": Text("动脉瘤", "aneurysm"),
    "ais_thrombectomy": Text("急性缺血性卒中取栓", "acute stroke thrombectomy"),
    "icas": Text("颅内动脉粥样硬化狭窄", "intracranial stenosis"),
    "avm_davf": Text("动静脉畸形与硬脑膜动静脉瘘", "AVM and dural fistula"),
    "csdh": Text("慢性硬膜下血肿", "chronic subdural haematoma"),
    "access": Text("介入通路", "access"),
    "imaging_ai": Text("影像与人工智能", "imaging and AI"),
    "robots": Text("手术机器人", "robots"),
    "neurology": Text("神经内科", "neurology"),
    "cardiovascular": Text("心血管", "cardiovascular"),
    "radiology": Text("放射", "radiology"),
    "orthopaedics": Text("骨科", "orthopaedics"),
    "clinical_chemistry": Text("临床化学", "clinical chemistry"),
    "haematology": Text("血液学", "haematology"),
    "immunology": Text("免疫学", "immunology"),
    "microbiology": Text("微生物学", "microbiology"),
    "pathology": Text("病理", "pathology"),
    "molecular_genetics": Text("分子遗传", "molecular genetics"),
    "toxicology": Text("毒理", "toxicology"),
    "surgery": Text("外科", "surgery"),
    "small_innovation": Text("小发明小革新", "small innovation"),
    "discipline_solution": Text("学科整体解决方案", "discipline solution"),
    "data_ai": Text("数据与人工智能", "data and AI"),
    "pharma": Text("药物", "pharmaceutical"),
    "reagent_kit": Text("试剂盒", "reagent kit"),
    "consumable": Text("耗材", "consumable"),
    "interdisciplinary": Text("跨学科成果", "interdisciplinary work"),
    "pain_point": Text("临床痛点", "pain point"),
    "concept": Text("概念", "concept"),
    "protection": Text("知识产权保护", "IP protection"),
    "prototype": Text("样机", "prototype"),
    "poc": Text("概念验证", "proof of concept"),
    "pilot": Text("中试", "pilot"),
    "manufacture": Text("生产", "manufacture"),
    "clinical_trial": Text("临床试验", "clinical trial"),
    "registration": Text("注册", "registration"),
    "market": Text("上市", "market"),
    "I": Text("第一类", "class I"),
    "II": Text("第二类", "class II"),
    "III": Text("第三类", "class III"),
    "hospital": Text("医院", "hospital"),
    "university": Text("高校", "university"),
    "institute": Text("研究机构", "institute"),
    "society": Text("学会", "society"),
    "enterprise": Text("企业", "enterprise"),
    "person": Text("个人", "person"),
    "partner": Text("合作伙伴", "partner"),
}  # fmt: skip

# Per facet: what it compares, then what its value means (nothing, half, full).
SENTENCES = {
    "specialty": (
        Text("专科不同或未注明", "Specialty differs or is not stated"),
        Text("属于相邻专科", "Works in a neighbouring specialty"),
        Text("专科一致", "Same specialty"),
    ),
    "achievement_type": (
        Text("现有产品与所需成果类型不同", "Makes other kinds of things than the need asks for"),
        Text("现有产品与所需成果类型相近", "Makes things close to the kind needed"),
        Text("已在做这一类成果", "Already makes this kind of thing"),
    ),
    "stage": (
        Text("尚未显示走到过该阶段", "Has not shown work at this stage"),
        Text("曾走到前一阶段", "Has come within one step of this stage"),
        Text("已有项目走到或超过该阶段", "Has taken an item to this stage or beyond"),
    ),
    "device_class": (
        Text("未注明该管理类别的产品", "States no product of this device class"),
        Text("有更高管理类别的产品", "Makes devices of a higher class"),
        Text("有同一管理类别的产品", "Makes devices of this class"),
    ),
    "collaboration": (
        Text("需求未限定合作方类型", "The need names no kind of partner"),
        Text("", ""),
        Text("正是需求所寻求的合作方类型", "The kind of partner the need looks for"),
    ),
    "region": (
        Text("地区不同或未注明", "Region differs or is not stated"),
        Text("同一国家", "Same country"),
        Text("同一地区", "Same region"),
    ),
}


def label(code: str) -> Text:
    return LABELS.get(code, Text(code, code))


def facet_text(code: str, halves: int, need: Need, profile: Profile) -> Text:
    """One line on a facet beside text, naming the value in question where the need states one."""
    sentence = SENTENCES[code][halves]
    named = {
        "specialty": need.specialty if need.specialty != "other" else None,
        "achievement_type": need.achievement_type,
        "stage": need.stage,
        "device_class": need.device_class if need.device_class != "not_stated" else None,
        "collaboration": profile.kind if halves else None,
        "region": None,
    }[code]
    if named is None:
        return sentence
    return Text(f"{sentence.zh}：{label(named).zh}", f"{sentence.en}: {label(named).en}")


def words_text(words: Sequence[str], reached: bool) -> Text:
    """One line on the text facet."""
    if not words:
        return Text("没有共同的词语", "No words in common")
    shown_zh, shown_en = "、".join(words[:3]), ", ".join(words[:3])
    if reached:
        return Text(f"共同词语：{shown_zh}", f"Words in common: {shown_en}")
    return Text(f"共同词语太少：{shown_zh}", f"Too few words in common: {shown_en}")


def change_text(need: Need, profile: Profile, halves: dict[str, int], missing: Sequence[Text]) -> Text | None:
    """What the organisation could state, if it is true, to be found fitter."""
    zh, en = [], []
    if missing:
        zh.append("在介绍或产品中写明" + "、".join(f"“{word.zh}”" for word in missing))
        en.append("say in its profile or items: " + ", ".join(f"“{word.en}”" for word in missing))
    if need.specialty != "other" and need.specialty not in profile_specialties(profile):
        zh.append(f"注明专科“{label(need.specialty).zh}”")
        en.append(f"state the specialty “{label(need.specialty).en}”")
    for code, value in (("device_class", need.device_class), ("stage", need.stage)):
        if value and value != "not_stated" and halves[code] == 0:
            zh.append(f"列出{label(value).zh}的产品或项目")
            en.append(f"list an item at {label(value).en}" if code == "stage" else f"list a {label(value).en} device")
    if not zh:
        return None
    return Text("如果属实，该组织可以：" + "；".join(zh[:3]) + "。", "If true, it could " + "; ".join(en[:3]) + ".")

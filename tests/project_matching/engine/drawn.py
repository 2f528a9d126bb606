"""Hypothesis strategies for needs, profiles and subscriptions with few words, so that they often meet."""

from hypothesis import strategies as st

from project_matching.engine import Item, Need, Profile, Subscription, Text
from project_matching.engine.traits import CLASSES, FITS, KINDS, SPECIALTIES, STAGES, WANTED_KINDS

ENGLISH = [
    *("aneurysm", "coil", "coils", "catheter", "thrombectomy", "stroke", "flow", "diverter", "stent", "retriever"),
    *("haematoma", "imaging", "software", "glucose", "assay", "3d", "robot", "hospital", "test", "the"),
]
CHINESE = [
    "动脉瘤",
    "弹簧圈",
    "取栓",
    "支架",
    "血流导向装置",
    "导管",
    "卒中",
    "影像",
    "血糖",
    "检测",
    "机器人",
    "的",
    "CT",
]
PEOPLE = ("a", "b", "c", "d", "e", "f")

english = st.lists(st.sampled_from(ENGLISH), max_size=6).map(" ".join)
chinese = st.lists(st.sampled_from(CHINESE), max_size=5).map("".join)
texts = st.builds(Text, zh=st.none() | chinese, en=st.none() | english)
organisations = st.sampled_from(PEOPLE)
few = st.frozensets(organisations, max_size=1)
regions = st.sampled_from([None, "CN-11", "CN-31", "us", "US-CA", " "])
classes = st.sampled_from(["not_stated", *CLASSES])
specialties = st.sampled_from((*SPECIALTIES[:8], "clinical_chemistry", "other"))


def tuples(values: st.SearchStrategy[str], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    """Often empty: pairs that meet no condition at all would never meet."""
    return st.just(()) | st.lists(values, max_size=most).map(tuple)


items = st.builds(
    Item,
    title=texts,
    text=texts,
    device_class=classes,
    specialty=st.none() | specialties,
    stage=st.none() | st.sampled_from(STAGES),
)


def needs(ids: st.SearchStrategy[str]) -> st.SearchStrategy[Need]:
    return st.builds(
        Need,
        id=ids,
        organisation_id=organisations,
        title=texts,
        texts=st.lists(texts, max_size=2).map(tuple),
        specialty=specialties,
        achievement_type=st.none() | st.sampled_from(sorted(FITS)),
        wanted=tuples(st.sampled_from(sorted(WANTED_KINDS))),
        device_class=classes,
        stage=st.none() | st.sampled_from(STAGES),
        region=regions,
        blocked=few,
        competitors=few,
    )


profiles = st.builds(
    Profile,
    organisation_id=organisations,
    kind=st.sampled_from(KINDS),
    names=texts,
    active=st.sampled_from([True, True, True, False]),
    summary=texts,
    capabilities=st.lists(texts, max_size=1).map(tuple),
    items=st.lists(items, max_size=2).map(tuple),
    specialties=tuples(specialties),
    region=regions,
    blocked=few,
    competitors=few,
)

words = tuples(st.sampled_from([*ENGLISH, *CHINESE, "flow diverter", "颅内动脉瘤", "瘤", "stent retriever"]))


def subscriptions(ids: st.SearchStrategy[str]) -> st.SearchStrategy[Subscription]:
    return st.builds(
        Subscription,
        id=ids,
        organisation_id=organisations,
        specialties=tuples(specialties, 3),
        achievement_types=tuples(st.sampled_from(sorted(FITS))),
        wanted=tuples(st.sampled_from(sorted(WANTED_KINDS))),
        regions=tuples(st.sampled_from(["CN-11", "cn-31 ", "US-CA"])),
        words_all=words,
        words_any=words,
        words_none=words,
    )

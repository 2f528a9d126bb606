"""What needs and profiles are about: some pairs share words, most do not."""

import random
from typing import Any

PHRASES = {
    "aneurysm": ("aneurysm neck coil", "detachable coil", "flow diverter", "血流导向装置"),
    "ais_thrombectomy": ("thrombectomy of a distal clot", "stent retriever", "aspiration catheter", "远端血栓取栓支架"),
    "icas": ("stenosis of an intracranial artery", "drug eluting balloon", "颅内动脉狭窄球囊"),
    "avm_davf": ("fistula embolisation", "liquid embolic agent", "硬脑膜动静脉瘘"),
    "csdh": ("chronic subdural haematoma", "middle meningeal artery", "慢性硬膜下血肿引流"),
    "access": ("guiding catheter for tortuous access", "radial access sheath", "微导丝"),
    "imaging_ai": ("segmentation of angiography images", "perfusion imaging", "影像分割"),
    "robots": ("robot for remote catheter control", "力反馈手术机器人"),
}
SPECIALTIES = tuple(PHRASES)


def text(words: str) -> dict[str, str]:
    return {"zh" if any(letter >= "\u4e00" for letter in words) else "en": words}


def profile(chance: random.Random) -> dict[str, Any]:
    """What an enterprise says of itself."""
    specialties = chance.sample(SPECIALTIES, 2)
    items = [{"title": text(chance.choice(PHRASES[specialty]))} for specialty in specialties]
    return {"region": "CN-11", "specialties": specialties, "items": items}


def need(chance: random.Random, marker: str, blocked: list[str]) -> dict[str, Any]:
    """A complete need; its title bears the marker."""
    specialty = chance.choice(SPECIALTIES)
    words = chance.choice(PHRASES[specialty])
    return {
        "title": {"en": f"{words} {marker}"},
        "problem": text(chance.choice(PHRASES[specialty])),
        "population": {"en": "adult patients"},
        "outcome": {"en": "less retreatment"},
        "workflow_step": {"en": "the procedure"},
        "specialty": specialty,
        "achievement_type": "consumable",
        "wanted": chance.sample(["enterprise", "institute", "partner"], 2),
        "device_class": "III",
        "region": "CN-11",
        "disclosure": chance.choice(["summary", "summary", "title"]),
        "blocked_organisations": blocked,
    }


def subscription(chance: random.Random, marker: str) -> dict[str, Any]:
    specialties = chance.sample(SPECIALTIES, 2)
    conditions: dict[str, Any] = {
        "specialties": specialties,
        "words_any": [chance.choice(PHRASES[specialty]).split()[0] for specialty in specialties],
        "wanted": ["enterprise"],
    }
    kept = chance.sample(list(conditions), chance.randint(1, 2))
    return {"name": {"en": marker}, **{name: conditions[name] for name in kept}}

"""Needs out of the US Code of Federal Regulations, title 21: device types in its own words."""

import re
from collections.abc import Iterator
from pathlib import Path

from deploy.demo.sources.reading import Row, json_lines, shorten, tidy, without_empty

POSTER = "public/cfr-21"
PROVENANCE = {
    "source": "US Code of Federal Regulations, title 21, parts 862-892, edition of 2025",
    "licence": "Work of the US government, public domain in the US (17 U.S.C. 105)",
    "as_of": "2025",
}
# Sections beside the laboratory's that a neurointervention unit has to do with, and the specialty of each.
SECTIONS: dict[str, str] = {
    **dict.fromkeys(("882.5950", "882.5955", "882.5200", "882.4175", "882.5225", "870.2855", "882.5175"), "aneurysm"),
    **dict.fromkeys(("882.5600", "870.5150", "870.1251", "870.3375"), "ais_thrombectomy"),
    **dict.fromkeys(("882.5150", "870.3300"), "avm_davf"),
    **dict.fromkeys(("882.1935", "882.5250", "882.4300", "882.4305", "882.4060"), "csdh"),
    **dict.fromkeys(("870.1200", "870.1210", "870.1250", "870.1280", "870.1310", "870.1330", "870.1340"), "access"),
    **dict.fromkeys(("870.1342", "870.1345", "870.1370", "870.1380"), "access"),
    **dict.fromkeys(("870.1290", "870.5700", "882.4560"), "robots"),
    **dict.fromkeys(("892.2050", "892.2070", "892.2080", "870.1405", "870.1415"), "imaging_ai"),
    **dict.fromkeys(("892.1000", "892.1550", "892.1560", "892.1600", "892.1650", "892.1750", "870.1650"), "radiology"),
    **dict.fromkeys(("882.1620", "882.1400", "882.1450", "882.4100", "882.5550", "882.5910", "882.1240"), "neurology"),
    **dict.fromkeys(("870.2100", "870.2120", "870.2870", "870.3450", "870.3460", "870.2880"), "cardiovascular"),
}
SOFTWARE = re.compile(r"software|image analyzer|image management", re.IGNORECASE)
EQUIPMENT = re.compile(r"x-ray|resonance|ultrason|control system|stereotaxic|injector|monitor|electroenc|drill", re.I)
SUBJECT = re.compile(r"^(?:an?|the)\s+(.{4,160}?)\s+(?:is|are|consists?)\b", re.IGNORECASE)
PURPOSE = re.compile(
    r"\b(?:used? (?:in|to|for|primarily)|aids? in|intended to|to improve|indicated for)\b", re.IGNORECASE
)


def ivd_specialty(section: str) -> str:
    """The laboratory discipline of a section of parts 862 to 866, by its subpart."""
    part, number = section.split(".")
    subpart = number[0]
    if part == "862":
        return "toxicology" if subpart == "3" else "clinical_chemistry"
    if part == "864":
        return "pathology" if subpart in "1234" and len(number) == 4 else "haematology"
    return "microbiology" if subpart in "123" else "immunology"


def _title(title: str, identification: str) -> str:
    """The section's title; where the source cut it at a raised letter, the subject of its first sentence."""
    subject = SUBJECT.match(identification)
    if subject and (len(title) < 7 or title.count("(") != title.count(")")):
        return subject[1][:1].upper() + subject[1][1:].replace(" -", "-")
    return title


def _split(identification: str) -> tuple[str, str | None]:
    """What the device type does, and what it is used for where a later sentence says so."""
    first, _, rest = identification.partition(". ")
    return (f"{first}.", rest) if PURPOSE.search(rest) else (identification, None)


def _device_class(classification: str) -> str:
    stated = re.search(r"Class (I{1,3})\b", classification)
    return stated[1] if stated else "not_stated"


def _need(section: str, title: str, text: str, classification: str, specialty: str, achievement: str) -> Row:
    identification = tidy(text)
    problem, outcome = _split(identification)
    return without_empty(
        {
            "reference": f"cfr/{section}",
            "organisation": POSTER,
            "title": {"en": f"{shorten(_title(tidy(title), identification), 240)} (21 CFR {section})"},
            "problem": {"en": shorten(problem, 3000)},
            "outcome": {"en": shorten(outcome, 3000)} if outcome else None,
            "specialty": specialty,
            "achievement_type": achievement,
            "wanted": ["enterprise"],
            "device_class": _device_class(classification),
            "disclosure": "summary",
            "record": "public_record",
            "provenance": PROVENANCE,
        }
    )


def device_types(taxonomy: Path, laboratory: Path) -> Iterator[Row]:
    """The laboratory's device types of the matching set, then the sections named above."""
    sections = {row["regulation"]: row for row in json_lines(taxonomy / "cfr_device_types.jsonl.gz")}
    for need in json_lines(laboratory / "needs.jsonl.gz"):
        section = need["tags"][0].removeprefix("21 CFR ")
        classification = sections.get(section, {}).get("classification", "")
        yield _need(section, need["title"], need["text"], classification, ivd_specialty(section), "reagent_kit")
    for section, specialty in SECTIONS.items():
        row = sections[section]
        title = row["title"]
        kind = "data_ai" if SOFTWARE.search(title) else "interdisciplinary" if EQUIPMENT.search(title) else "consumable"
        yield _need(section, title, row["identification"], row["classification"], specialty, kind)

"""US small companies and agency topics out of the SBIR/STTR award lists: award titles and years only."""

import re
from collections.abc import Iterator
from pathlib import Path

from deploy.demo.sources.reading import Row, json_lines, shorten, tidy, without_empty
from deploy.demo.sources.wording import specialties_of

PROVENANCE = {
    "source": "SBIR/STTR award lists and agency topics of sbir.gov, to 2018",
    "licence": "Facts and texts of the US government (17 U.S.C. 105); the site states no licence of its own",
    "as_of": "2018",
}
# What a neurointervention unit could use: the vessel, the clot, the bleeding, the way in, the picture, the hand.
RELEVANT = re.compile(
    r"\bstroke|aneurysm|catheter|emboli[sz]|embolus|subdural|h[a]?ematoma|neurovascular|cerebrovascular|intracranial"
    r"|cerebral (?!palsy)|thromb[oe]|\bstent|surgical robot|robotic surg|micro-?robot|guide ?wire|arteriovenous"
    r"|angiogra|angioplast|intravascular|\bvascular|carotid|h[a]?emorrhag|ischa?emi"
    r"|brain (?:imag|injury|perfusion|oxygen)"
    r"|neurosurg|blood.?clot|coagul|atheroscl|image.guided|hemosta|fluoroscop|perfusion imag|neuroimag|blood flow"
    r"|\bMRI\b|magnetic resonance|nitinol|minimally invasive|surgical (?:simul|nav)|\bCT\b|computed tomograph"
    r"|\bEEG\b|electroencephal|neuroprotect|transcranial|shape memory polymer",
    re.IGNORECASE,
)
ELSEWHERE = re.compile(
    r"antenna|engine\b|deformable|wavefront|parachute|diesel|gps|x-ray microfluor|prostat|bladder|urin|urethr|breast"
    r"|colon|bowel|liver|hepat|renal|kidney|uter|fetal|vagin|dental|dento|male pelvis|driving|rocket|propellant|mars\b"
    r"|hose|wing|mine blast|mirror|bondline|terahertz|animal|mice\b|bacteri|warfighter|craving|teaching|cadaver eye"
    r"|microrobots$|lung|bronch|sleep|adhd|wound heal|scanning of dosim|helium|inlet|orthopedic|platelet concentr",
    re.IGNORECASE,
)
# Topics of the set that concern patients or the laboratory; its tag "health" also meets rocket and vehicle upkeep.
TOPICS: dict[str, tuple[str, str]] = {
    "topic-20f94887": ("microbiology", "data_ai"),
    "topic-84d06dd8": ("clinical_chemistry", "reagent_kit"),
    "topic-01a1213e": ("immunology", "reagent_kit"),
    "topic-df9cc3e7": ("neurology", "interdisciplinary"),
    "topic-64482e11": ("haematology", "reagent_kit"),
    "topic-5b0b4438": ("cardiovascular", "interdisciplinary"),
    "topic-cfb063fe": ("clinical_chemistry", "interdisciplinary"),
}


def _awards(organisation: Row) -> dict[tuple[str, int], Row]:
    """Relevant awards by title and year; a title that came twice in a year stands once."""
    awards = {}
    for item in organisation["items"]:
        title = tidy(item["title"])
        if RELEVANT.search(title) and not ELSEWHERE.search(title):
            specialty = next(iter(specialties_of(title)), None)
            award = {"title": {"en": shorten(title, 280)}, "specialty": specialty, "year": item["year"]}
            awards[title.lower(), item["year"]] = without_empty(award)
    return awards


def companies(*folders: Path) -> list[Row]:
    """Companies with at least one relevant award; both lists are of the same registry, so ids agree."""
    names: dict[str, str] = {}
    awards: dict[str, dict[tuple[str, int], Row]] = {}
    for folder in folders:
        for organisation in json_lines(folder / "organisations.jsonl.gz"):
            if found := _awards(organisation):
                names[organisation["id"]] = tidy(organisation["name"])
                awards.setdefault(organisation["id"], {}).update(found)
    return [_company(key, names[key], list(awards[key].values())) for key in sorted(awards)]


def _company(key: str, name: str, items: list[Row]) -> Row:
    items.sort(key=lambda item: (-item["year"], item["title"]["en"]))
    return without_empty(
        {
            "reference": f"sbir/{key}",
            "name": {"en": name},
            "kind": "enterprise",
            "record": "public_record",
            "country": "US",
            "specialties": sorted({item["specialty"] for item in items if "specialty" in item}),
            "items": items,
            "provenance": PROVENANCE,
        }
    )


def topics(folder: Path) -> Iterator[Row]:
    """The agencies' topics named above: the beginning of each, as published."""
    for row in json_lines(folder / "needs.jsonl.gz"):
        if row["id"] not in TOPICS:
            continue
        specialty, achievement = TOPICS[row["id"]]
        yield {
            "reference": f"sbir/{row['id']}",
            "organisation": "public/sbir",
            "title": {"en": f"{shorten(tidy(row['title']), 240)} ({tidy(row['specialty'])}, {row['year']})"},
            "problem": {"en": shorten(tidy(row["text"]), 1500)},
            "specialty": specialty,
            "achievement_type": achievement,
            "wanted": ["enterprise", "engineering"],
            "disclosure": "summary",
            "record": "public_record",
            "provenance": PROVENANCE,
        }

"""Companies and their devices out of FDA decision summaries (in vitro diagnostics, AI-enabled devices)."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from deploy.demo.sources.reading import Row, json_lines, shorten, tidy, without_empty
from deploy.demo.sources.regulations import ivd_specialty
from deploy.demo.sources.wording import specialties_of

ITEM_TITLE, ITEM_TEXT = 280, 320
IVD_SOURCE = {
    "source": "FDA 510(k) decision summaries K05-K25, in vitro diagnostics (text extraction: ADLM 2025 data challenge)",
    "licence": "Work of the US government, public domain in the US (17 U.S.C. 105)",
    "as_of": "2025",
}
AI_SOURCE = {
    "source": "Public FDA summaries of AI-enabled devices, as listed in the package claimbounded 0.2.1",
    "licence": "MIT (claimbounded contributors)",
    "as_of": "2022",
}


def _items(organisation: Row, *, by_words: bool) -> list[Row]:
    """A cleared device is past registration, hence the stage; its class is not in these sources."""
    return [
        without_empty(
            {
                "title": {"en": shorten(tidy(item["title"]), ITEM_TITLE)},
                "text": {"en": shorten(tidy(item["text"]), ITEM_TEXT)},
                "specialty": next(iter(specialties_of(f"{item['title']} {item['text']}")), None) if by_words else None,
                "stage": "registration",
                "year": item["year"],
            }
        )
        for item in organisation["items"]
    ]


def _company(organisation: Row, *, prefix: str, items: list[Row], specialties: Iterable[str], provenance: Row) -> Row:
    return without_empty(
        {
            "reference": f"{prefix}/{organisation['id']}",
            "name": {"en": tidy(organisation["name"])},
            "kind": "enterprise",
            "record": "public_record",
            "specialties": sorted(set(specialties)),
            "items": items,
            "provenance": provenance,
        }
    )


def _cleared_under(folder: Path) -> dict[str, set[str]]:
    """The parts of the regulation under which a company's devices were cleared, as specialties."""
    cleared: dict[str, set[str]] = defaultdict(set)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        need, organisation, _ = line.split("\t")
        part, section = need.removeprefix("type-").split("-")
        cleared[organisation].add(ivd_specialty(f"{part}.{section}"))
    return cleared


def ivd_companies(folder: Path) -> list[Row]:
    """All companies of the in vitro diagnostics set with their portfolios."""
    cleared = _cleared_under(folder)
    return [
        _company(
            organisation,
            prefix="fda-ivd",
            items=_items(organisation, by_words=False),
            specialties=cleared.get(organisation["id"], set()),
            provenance=IVD_SOURCE,
        )
        for organisation in json_lines(folder / "organisations.jsonl.gz")
    ]


def ai_companies(folder: Path) -> list[Row]:
    """All companies of the AI set with the devices authorised before 2023."""
    companies = []
    for organisation in json_lines(folder / "organisations.jsonl.gz"):
        items = _items(organisation, by_words=True)
        specialties = {"imaging_ai"} | {item["specialty"] for item in items if "specialty" in item}
        companies.append(
            _company(organisation, prefix="fda-ai", items=items, specialties=specialties, provenance=AI_SOURCE)
        )
    return companies

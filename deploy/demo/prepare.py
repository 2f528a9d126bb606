"""Makes `data/*.jsonl.gz` out of the source folder: `python -m deploy.demo.prepare FOLDER` (see README.md)."""

import argparse
import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path

from deploy.demo.sources import fda, regulations, sbir, universities
from deploy.demo.sources.reading import Row

DATA = Path(__file__).with_name("data")
LEGAL_FORM = re.compile(r"\b(inc|llc|ltd|limited|corp|corporation|co|company|gmbh|ag|ab|nv|bv|sa|oy|plc)\b")
POSTERS: tuple[Row, ...] = (
    {
        "reference": regulations.POSTER,
        "name": {
            "zh": "美国《联邦法规汇编》第 21 编（公开记录）",
            "en": "US Code of Federal Regulations, title 21 (public record)",
        },
        "kind": "partner",
        "record": "public_record",
        "country": "US",
        "website": "https://www.ecfr.gov/current/title-21",
        "provenance": regulations.PROVENANCE,
    },
    {
        "reference": "public/sbir",
        "name": {
            "zh": "美国联邦机构 SBIR 课题（公开记录）",
            "en": "Topics of US federal agencies, SBIR (public record)",
        },
        "kind": "partner",
        "record": "public_record",
        "country": "US",
        "website": "https://www.sbir.gov/topics",
        "provenance": sbir.PROVENANCE,
    },
)


def same_company(name: str) -> str:
    """Names with the same key differ only in case, punctuation and legal form."""
    return re.sub(r"[^a-z0-9]", "", LEGAL_FORM.sub("", name.lower()))


def merged(first: list[Row], *later: Iterable[Row]) -> list[Row]:
    """The first source's companies one by one; a later source's company of the same name joins the earlier entry."""
    companies = [dict(company) for company in first]
    by_name = {same_company(company["name"]["en"]): company for company in companies}
    for source in later:
        for company in source:
            known = by_name.get(same_company(company["name"]["en"]))
            if known is None:
                companies.append(by_name.setdefault(same_company(company["name"]["en"]), dict(company)))
            else:
                _join(known, company)
    return companies


def _join(known: Row, company: Row) -> None:
    known["items"] = [*known["items"], *company["items"]]
    known["specialties"] = sorted({*known.get("specialties", ()), *company.get("specialties", ())})
    known["country"] = known.get("country") or company.get("country")
    if known["country"] is None:
        del known["country"]
    own, other = known["provenance"], company["provenance"]
    known["provenance"] = {
        "source": f"{own['source']}; {other['source']}",
        "licence": f"{own['licence']}; {other['licence']}",
        "as_of": max(own["as_of"], other["as_of"]),
    }


def write(path: Path, records: Iterable[Row]) -> int:
    """Gzipped JSON Lines, the same bytes for the same records (no time stamp inside)."""
    lines = [json.dumps(record, ensure_ascii=False, sort_keys=True) + "\n" for record in records]
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=9, mtime=0, filename="") as out:
        out.write("".join(lines).encode())
    return len(lines)


def main() -> None:
    """Reads the folder named on the command line and writes the data files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder that holds fda-ivd-type, fda-ai-device, sbir-topic, …")
    folder: Path = parser.parse_args().folder
    companies = merged(
        fda.ivd_companies(folder / "fda-ivd-type"),
        fda.ai_companies(folder / "fda-ai-device"),
        sbir.companies(folder / "sbir-health-aim", folder / "sbir-topic"),
    )
    needs = [
        *regulations.device_types(folder / "device-taxonomy", folder / "fda-ivd-type"),
        *sbir.topics(folder / "sbir-topic"),
    ]
    counts = {
        "companies.jsonl.gz": write(DATA / "companies.jsonl.gz", companies),
        "universities.jsonl.gz": write(
            DATA / "universities.jsonl.gz", universities.universities(folder / "organisation-registries")
        ),
        "posters.jsonl.gz": write(DATA / "posters.jsonl.gz", POSTERS),
        "needs.jsonl.gz": write(DATA / "needs.jsonl.gz", needs),
    }
    for name, count in counts.items():
        print(f"{name}: {count} records, {(DATA / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

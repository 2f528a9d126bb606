"""Universities: name, country and web page; Chinese names only where domain and official list leave no doubt."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from deploy.demo.sources.reading import Row, csv_rows, json_lines, tidy, without_empty

PROVENANCE = {
    "source": "university-domains-list (commit bb07faf); Chinese names: list of the Chinese ministry of education",
    "licence": "MIT (Hipo); names of the ministry's list are facts of an official document",
    "as_of": "2026-06-20",
}
MEDICAL = re.compile(
    r"medical univ|university of medic|medical scien|health science|medical school|college of medicine|medical college",
    re.IGNORECASE,
)
PER_COUNTRY = 6  # beside the Chinese ones; otherwise three countries would fill the list
CHINESE_NAMES = Path(__file__).with_name("universities_zh.json")


def universities(folder: Path) -> Iterator[Row]:
    """Chinese universities of the hand-checked table, and medical universities of other countries."""
    by_domain: dict[str, str] = json.loads(CHINESE_NAMES.read_text(encoding="utf-8"))
    official = {row["name_zh"] for row in csv_rows(folder / "cn_universities.csv.gz")}
    seen: set[str] = set()
    of_country: Counter[str] = Counter()
    for row in json_lines(folder / "world_universities.jsonl.gz"):
        domain, name = row["domains"][0], tidy(row["name"])
        chinese = next((by_domain[d] for d in row["domains"] if d in by_domain), None)
        if chinese is not None and chinese not in official:
            raise ValueError(f"{chinese} is not in the ministry's list")
        if name in seen or not (chinese or (row["alpha_two_code"] != "CN" and MEDICAL.search(name))):
            continue
        if not chinese and of_country[row["alpha_two_code"]] >= PER_COUNTRY:
            continue
        seen.add(name)
        of_country[row["alpha_two_code"]] += 1
        yield without_empty(
            {
                "reference": f"university/{domain}",
                "name": without_empty({"zh": chinese, "en": name}),
                "kind": "university",
                "record": "public_record",
                "country": row["alpha_two_code"],
                "website": row["web_pages"][0] if row["web_pages"] else None,
                "provenance": PROVENANCE,
            }
        )

"""The demonstration's data says what it is, is complete, and fits what the services accept."""

import json
from collections import Counter
from pathlib import Path

from common.text import Bilingual, BilingualText
from common.vocabulary import (
    AchievementType,
    DeviceClass,
    Disclosure,
    MemberKind,
    RecordKind,
    Specialty,
    Stage,
    WantedSide,
)
from deploy.demo.dataset import HERE, Record, dataset
from deploy.demo.prepare import same_company

NEUROINTERVENTION = ("aneurysm", "ais_thrombectomy", "icas", "avm_davf", "csdh", "access", "imaging_ai", "robots")


def _from(source: str) -> list[Record]:
    return [o for o in dataset().public_organisations if o["reference"].startswith(f"{source}/")]


def test_the_promised_number_of_real_organisations_is_there() -> None:
    devices = _from("fda-ivd")
    assert len(devices) >= 375
    assert all(company["items"] for company in devices)
    assert len(_from("fda-ai")) + len(_from("sbir")) + len(_from("university")) >= 200
    assert len(_from("sbir")) >= 100
    assert len(_from("university")) >= 100


def test_the_promised_number_of_needs_is_there() -> None:
    sources = Counter(need["reference"].partition("/")[0] for need in dataset().public_needs)
    assert sources["cfr"] + sources["sbir"] >= 100
    assert sources["sbir"] >= 5
    assert len(dataset().demo_needs) >= 20
    assert {need["organisation"] for need in dataset().demo_needs} >= {f"demo/hospital-{n}" for n in (1, 2, 3, 4)}


def test_the_written_needs_cover_neurointervention_and_every_achievement_type() -> None:
    by_specialty = Counter(need["specialty"] for need in dataset().demo_needs)
    assert all(by_specialty[specialty] >= 3 for specialty in NEUROINTERVENTION)
    assert {need["achievement_type"] for need in dataset().demo_needs} == set(AchievementType)


def test_every_record_is_marked_and_every_public_record_names_source_and_licence() -> None:
    for record in dataset().public_organisations + dataset().public_needs:
        assert record["record"] == RecordKind.public_record, record["reference"]
        assert all(record["provenance"][field] for field in ("source", "licence", "as_of")), record["reference"]
    for record in dataset().demo_organisations + dataset().demo_needs:
        assert record["record"] == RecordKind.demo, record["reference"]
        assert "provenance" not in record, record["reference"]


def test_fictional_organisations_say_so_in_their_names() -> None:
    for organisation in dataset().demo_organisations:
        assert "虚构" in organisation["name"]["zh"]
        assert "fictional" in organisation["name"]["en"]
        assert organisation["website"].endswith(".example")


def test_references_are_unique_and_lead_somewhere() -> None:
    data = dataset()
    organisations = [o["reference"] for o in data.organisations]
    needs = [n["reference"] for n in data.needs]
    assert len(set(organisations)) == len(organisations)
    assert len(set(needs)) == len(needs)
    assert {n["organisation"] for n in data.needs} <= set(organisations)
    assert {a["organisation"] for a in data.accounts} - {None} <= set(organisations)


def test_names_and_titles_tell_the_records_apart() -> None:
    """The loader finds what is there already by these, so none may come twice."""
    names = Counter((o["record"], json.dumps(o["name"], sort_keys=True)) for o in dataset().organisations)
    titles = Counter((n["organisation"], json.dumps(n["title"], sort_keys=True)) for n in dataset().needs)
    assert [name for name, count in (names + titles).items() if count > 1] == []


def test_a_company_of_two_sources_stands_once() -> None:
    sources: dict[str, set[str]] = {}
    for company in _from("fda-ivd") + _from("fda-ai") + _from("sbir"):
        sources.setdefault(same_company(company["name"]["en"]), set()).add(company["reference"].partition("/")[0])
    assert [name for name, found in sources.items() if len(found) > 1] == []


def _bilingual(record: Record, *fields: str) -> None:
    for field in fields:
        if field in record:
            Bilingual.model_validate(record[field])


def test_every_organisation_fits_the_vocabulary() -> None:
    for organisation in dataset().organisations:
        _check_organisation(organisation)


def _check_organisation(organisation: Record) -> None:
    MemberKind(organisation["kind"])
    _bilingual(organisation, "name")
    BilingualText.model_validate(organisation.get("summary", {}))
    assert len(json.dumps(organisation).encode()) < 100_000
    assert set(organisation.get("specialties", ())) <= set(Specialty)
    for item in organisation.get("items", ()):
        _bilingual(item, "title")
        BilingualText.model_validate(item.get("text", {}))
        assert item.get("specialty", Specialty.other) in set(Specialty)
        assert item.get("stage", Stage.market) in set(Stage)
        assert 1990 <= item["year"] <= 2026
        assert item.get("device_class", DeviceClass.not_stated) in set(DeviceClass)
    for capability in organisation.get("capabilities", ()):
        Bilingual.model_validate(capability)


def test_every_need_fits_the_vocabulary() -> None:
    for need in dataset().needs:
        _check_need(need)


def _check_need(need: Record) -> None:
    _bilingual(need, "title")
    for field in ("problem", "population", "outcome", "workflow_step"):
        BilingualText.model_validate(need.get(field, {}))
    Specialty(need["specialty"])
    AchievementType(need["achievement_type"])
    Disclosure(need["disclosure"])
    assert need["wanted"]
    assert set(need["wanted"]) <= set(WantedSide)
    assert need.get("device_class", DeviceClass.not_stated) in set(DeviceClass)
    assert need.get("stage", Stage.pain_point) in set(Stage)
    assert "&" not in need["title"]["en"].replace("R&D", "")
    assert "\u00ad" not in need["title"]["en"]


def test_the_shipped_data_is_small_and_its_licences_lie_beside_it() -> None:
    assert sum(file.stat().st_size for file in (HERE / "data").rglob("*") if file.is_file()) < 3_000_000
    for name in ("claimbounded-MIT.txt", "university-domains-list-MIT.txt"):
        assert "Permission is hereby granted" in (HERE / "data" / "licences" / name).read_text("utf-8")


def test_the_readme_states_the_true_counts() -> None:
    readme = Path(HERE / "README.md").read_text("utf-8")
    for count in (
        len(_from("fda-ivd")),
        len(_from("fda-ai")),
        len(_from("sbir")),
        len(_from("university")),
        len(dataset().public_needs),
        len(dataset().demo_needs),
        len(dataset().demo_organisations),
    ):
        assert f"| {count} |" in readme, count

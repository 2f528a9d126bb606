"""The demonstration's data says what it is, is complete, and fits what the services accept."""

import json
from collections import Counter
from pathlib import Path

from common.auth.caller import role_of
from common.vocabulary import AchievementType, MemberKind, Office, RecordKind
from deploy.demo.dataset import HERE, Record, dataset
from deploy.demo.prepare import same_company
from deploy.demo.seal import PASSWORD
from member_registry.api.organisation_bodies import RegistrationBody
from member_registry.api.person_bodies import PersonBody
from member_registry.model.passwords import acceptable
from project_matching.api.bodies import NeedBody
from project_matching.model.completeness import check_complete

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
    assert {a["organisation"] for a in data.accounts} <= set(organisations)


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


def test_every_organisation_is_one_the_registry_accepts() -> None:
    for organisation in dataset().organisations:
        body = {key: value for key, value in organisation.items() if key != "reference"}
        RegistrationBody.model_validate_json(json.dumps(body)).registration()
        assert len(json.dumps(body).encode()) < 100_000, organisation["reference"]


def test_every_need_is_one_that_may_be_published() -> None:
    for need in dataset().needs:
        body = {key: value for key, value in need.items() if key not in ("reference", "organisation")}
        check_complete(NeedBody.model_validate_json(json.dumps(body)).content(RecordKind(need["record"])))
        assert not set(need["title"]["en"]) & {"\u00ad", "\u200b", "&"}, need["reference"]


def test_every_account_is_one_the_registry_accepts() -> None:
    for account in dataset().accounts:
        body = {key: account[key] for key in ("name", "email", "language")}
        PersonBody.model_validate({**body, "password": acceptable(PASSWORD, email=account["email"])})
        assert account["email"].endswith(".example")
        kind = next(o["kind"] for o in dataset().organisations if o["reference"] == account["organisation"])
        assert role_of(Office(account["office"]), MemberKind(kind)) == account["role"]


def test_no_account_with_a_published_password_has_the_rights_of_the_secretariat() -> None:
    assert not [account["email"] for account in dataset().accounts if account["role"] == "secretariat"]


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

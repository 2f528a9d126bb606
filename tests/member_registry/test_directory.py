"""The directory: found by words in two languages, by names with typing errors, by codes; filtered; page by page."""

from typing import Any

import pytest
import pytest_asyncio

from common.vocabulary import Specialty
from tests.member_registry.conftest import Registry, unique


@pytest_asyncio.fixture(scope="module")
async def mark(registry: Registry) -> str:
    """A word in the name of each organisation of this module, so that others do not count."""
    word = unique("mark")
    texts: list[dict[str, Any]] = [
        {
            "name": {"zh": "示例通流介入科技", "en": f"Tongliu Interventional {word}"},
            "kind": "enterprise",
            "capabilities": [{"zh": "镍钛取栓支架激光切割", "en": "laser cutting of nitinol"}],
            "items": [{"title": {"en": "Dual-layer stent retriever"}, "text": {"en": "catches firm thrombus"}}],
            "specialties": ["ais_thrombectomy"],
        },
        {
            "name": {"zh": "示例宣武神经外科中心", "en": f"Xuanwu Neurosurgery {word}"},
            "kind": "hospital",
            "summary": {"zh": "动脉瘤与取栓临床研究", "en": "clinical research on aneurysms and thrombectomies"},
            "region": "CN-11",
        },
        {"name": {"zh": "示例影像研究所", "en": f"Imaging Institute {word}"}, "kind": "institute", "country": "DE"},
    ]
    for text in texts:
        await registry.organisation(**text)
    await registry.organisation(
        name={"en": f"Retriever Makers {word}"}, kind="enterprise", record="public_record",
        provenance={"source": "a register", "licence": "CC0", "as_of": "2026"}, ror="046cr9566",
    )  # fmt: skip
    return word


async def names(registry: Registry, mark: str, **asked: Any) -> list[str]:
    """First words of the names found, in order."""
    answer = await registry.get(registry.secretariat, "/organisations", **asked)
    assert answer.status_code == 200, answer.text
    return [item["name"]["en"].split()[0] for item in answer.json()["items"] if mark in (item["name"]["en"] or "")]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("取栓", {"Tongliu", "Xuanwu"}),
        ("取栓支架", {"Tongliu"}),
        ("支架", {"Tongliu"}),
        ("激光 nitinol", {"Tongliu"}),
        ("Thrombectomy", {"Tongliu", "Xuanwu"}),
        ("aneurysm", {"Xuanwu"}),
        ("stent retriev", {"Tongliu"}),
        ("retriever", {"Tongliu", "Retriever"}),
        ("xuanwo neurosurgery", {"Xuanwu"}),
        ("tonglu interventional", {"Tongliu"}),
        ("宣武", {"Xuanwu"}),
        ("影像", {"Imaging"}),
        ("046cr9566", {"Retriever"}),
        ("046CR9566", {"Retriever"}),
    ],
)
async def test_an_organisation_is_found_by_what_people_type(
    registry: Registry, mark: str, q: str, expected: set[str]
) -> None:
    found = await names(registry, mark, q=q, limit=100)
    assert set(found) == expected


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "a' | b:*", "<->", "()", "🧠", "的", " "])
async def test_signs_are_no_words_and_do_no_harm(registry: Registry, mark: str, q: str) -> None:
    answer = await registry.get(registry.secretariat, "/organisations", q=q)
    assert answer.status_code == 200, answer.text


async def test_a_hit_in_the_name_comes_before_a_hit_in_an_item(registry: Registry, mark: str) -> None:
    assert (await names(registry, mark, q="retriever", limit=100))[0] == "Retriever"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "hospital"}, {"Xuanwu"}),
        ({"kind": "enterprise"}, {"Tongliu", "Retriever"}),
        ({"record": "public_record"}, {"Retriever"}),
        ({"specialty": "ais_thrombectomy"}, {"Tongliu"}),
        ({"country": "DE"}, {"Imaging"}),
        ({"state": "suspended"}, set()),
        ({"kind": "enterprise", "record": "demo"}, {"Tongliu"}),
    ],
)
async def test_filters_narrow_the_list(
    registry: Registry, mark: str, asked: dict[str, str], expected: set[str]
) -> None:
    assert set(await names(registry, mark, q=mark, limit=100, **asked)) == expected
    if asked != {"country": "DE"}:
        assert set(await names(registry, mark, limit=100, **asked)) <= expected | {"Imaging"}


@pytest.mark.parametrize("searching", [True, False])
async def test_pages_hold_each_organisation_once_and_in_order(registry: Registry, mark: str, searching: bool) -> None:
    asked: dict[str, Any] = {"q": mark} if searching else {"record": "public_record"}
    whole = (await registry.get(registry.secretariat, "/organisations", limit=100, **asked)).json()["items"]
    assert len(whole) >= (4 if searching else 1)
    paged: list[Any] = []
    while True:
        page = (await registry.get(registry.secretariat, "/organisations", limit=1, **asked)).json()
        paged += page["items"]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert [item["id"] for item in paged] == [item["id"] for item in whole]


async def test_members_come_before_fiction_and_public_records(registry: Registry, mark: str) -> None:
    everything = await registry.get(registry.secretariat, "/organisations", limit=100)
    order = [item["record"] for item in everything.json()["items"]]
    assert sorted(order, key=["member", "demo", "public_record"].index) == order


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "x" * 201},
        {"q": "nul\x00"},
        {"kind": "bakery"},
        {"specialty": "x"},
        {"country": "china"},
        {"region": "\x00"},
        {"limit": 0},
        {"limit": 101},
        {"limit": "9" * 40},
        {"cursor": "x"},
        {"cursor": "W10"},
        {"cursor": "WyJhIiwiYiJd"},
        {"cursor": "WyJcdTAwMDAiLCIwMWEyMDIwMC1lM2Y5LTdmYzQtOTYzZC02NjZmYzY5MTY2NjgiXQ"},
        {"cursor": "WzEsMiwzLDRd"},
        {"q": "x", "cursor": "Wzk5OTk5OTk5OTk5OTk5LCIwMWEyMDIwMC1lM2Y5LTdmYzQtOTYzZC02NjZmYzY5MTY2NjgiXQ"},
    ],
)
async def test_what_cannot_be_asked_is_refused_at_its_field(registry: Registry, asked: dict[str, Any]) -> None:
    answer = await registry.get(registry.secretariat, "/organisations", **asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] in asked


async def test_every_specialty_can_be_asked_for(registry: Registry) -> None:
    for specialty in Specialty:
        assert (await registry.get(registry.secretariat, "/organisations", specialty=specialty)).status_code == 200

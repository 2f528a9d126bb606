"""Needs written for the demonstration are need statements: complete in both languages, with no solution inside."""

import re

import pytest

from deploy.demo.dataset import Record, dataset

PARTS = ("title", "problem", "population", "outcome", "workflow_step")
SOLUTION_EN = re.compile(
    r"\b(by using|by means of|with the help of|using an?|develop|design an?|invent|software|algorithm|app|device|system"
    r"|platform|sensor|robot|artificial intelligence|AI|implant|stent|kit)\b",
    re.IGNORECASE,
)
SOLUTION_ZH = re.compile(r"利用|采用|借助|研发|开发|设计一|新型|软件|算法|系统|平台|传感器|机器人|人工智能|支架|试剂盒")


@pytest.mark.parametrize("need", dataset().demo_needs, ids=lambda n: n["reference"])
def test_every_part_is_there_in_both_languages(need: Record) -> None:
    for part in PARTS:
        assert re.search("[\u4e00-\u9fff]", need[part]["zh"]), part
        assert need[part]["en"].isascii(), part


@pytest.mark.parametrize("need", dataset().demo_needs, ids=lambda n: n["reference"])
def test_the_statement_names_no_solution(need: Record) -> None:
    """Biodesign: "a way to [problem] in [population] in order to [outcome]"; the remedy is for others to find."""
    assert SOLUTION_EN.search(need["problem"]["en"].replace("on the implant", "")) is None
    assert SOLUTION_ZH.search(need["problem"]["zh"]) is None


@pytest.mark.parametrize("need", dataset().demo_needs, ids=lambda n: n["reference"])
def test_the_statement_reads_as_one_sentence(need: Record) -> None:
    statement = f"a way to {need['problem']['en']} in {need['population']['en']} in order to {need['outcome']['en']}"
    assert re.match(r"a way to [a-z]+ ", statement)
    assert "." not in need["problem"]["en"]
    assert need["outcome"]["en"][0].islower()
    assert not need["outcome"]["en"].endswith(".")


def test_the_word_list_would_find_a_solution() -> None:
    assert SOLUTION_EN.search("measure pressure using a sensor on the guidewire")
    assert SOLUTION_ZH.search("研发一种新型支架")

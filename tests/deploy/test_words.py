"""Whatever is told in a terminal is there in Chinese and in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.failure import Failure
from deploy.services import ROOT
from deploy.words import SETTINGS, Told, Words, language, padded

# Left out: what gathers the demonstration's records, run once by its author.
GATHERING = ROOT / "deploy/demo/prepare.py", *(ROOT / "deploy/demo/sources").iterdir()
FILES = sorted({*(ROOT / "deploy").rglob("*.py")} - {*GATHERING, ROOT / "deploy/words.py"})
CHINESE = re.compile("[\u4e00-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
SPEAKING = {
    "print",
    "say",
    "warn",
    "step",
    "input",
    "update",
    "add_task",
    "SystemExit",
    "Failure",
    "Told",
    "DemoFailed",
}
MARKUP = re.compile(r"\[[a-z /]*\]|bold [a-z]+")
NAMES = re.compile(r"PostgreSQL|Kafka|Python|Ctrl-C|[A-Z_]{2,}|CPU|MB|make [a-z]+( YES=1)?|kill -9|[^A-Za-z]")


@pytest.fixture(autouse=True)
def nobody_has_said_which_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def _literal(node: ast.expr) -> str:
    """The fixed part of a text."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _texts_outside_words(node: ast.AST) -> Iterator[str]:
    """The fixed texts in an expression that are not inside a pair of words."""
    if isinstance(node, ast.Call) and _name(node) == "Words":
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _texts_outside_words(child)


def test_every_pair_has_chinese_first_and_english_second() -> None:
    pairs = [
        (f"{path.relative_to(ROOT)}:{call.lineno}", *map(_literal, call.args))
        for path in FILES
        for call in _calls(path)
        if _name(call) in ("Words", "_say") and not any(isinstance(one, ast.Name | ast.Starred) for one in call.args)
    ]
    assert len(pairs) > 80
    for place, zh, en in pairs:
        assert not CHINESE.search(en), place
        assert CHINESE.search(zh) or not NAMES.sub("", en), f"{place}: no Chinese for {en!r}"
        assert CHINESE.search(zh) is None or re.search("[a-z]", en), f"{place}: no English for {zh!r}"


def test_nothing_is_said_in_one_language_only() -> None:
    for path in FILES:
        for call in _calls(path):
            if _name(call) in SPEAKING:
                arguments = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "style")]
                for text in (text for argument in arguments for text in _texts_outside_words(argument)):
                    alone = SENTENCE.search(MARKUP.sub("", text)) and not CHINESE.search(text)
                    assert not alone, f"{path.relative_to(ROOT)}:{call.lineno}: {text!r}"


def test_every_command_explains_itself_in_both() -> None:
    for path in FILES:
        for call in _calls(path):
            for keyword in call.keywords:
                if keyword.arg == "help":
                    assert not list(_texts_outside_words(keyword.value)), f"{path.relative_to(ROOT)}:{call.lineno}"


@pytest.mark.parametrize(
    ("settings", "spoken"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "正在停止"),
        ({"LANG": "en_GB.UTF-8"}, "stopping"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "stopping"),
        ({"LANG": "en_GB.UTF-8", "ALLIANCE_LANGUAGE": "zh"}, "正在停止"),
        ({"LANG": "C.UTF-8"}, "正在停止 / stopping"),
        ({}, "正在停止 / stopping"),
    ],
)
def test_progress_is_told_in_the_operators_language(
    settings: dict[str, str], spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert str(Words("正在停止", "stopping")) == spoken


def test_a_failure_is_told_in_both_languages_whatever_the_operators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_LANGUAGE", "zh")
    assert language() == "zh"
    failure = Failure(Words("磁盘满", "the disk is full"), remedy=Words("清理", "make room"), last_lines=["no space"])
    lines = ["磁盘满", "the disk is full", "  | no space", "  怎么办：清理", "  what to do: make room"]
    assert str(failure).splitlines() == lines
    assert str(Told(Words("没有", "nothing"))) == "没有\nnothing"


def test_columns_are_counted_as_a_terminal_shows_them() -> None:
    assert padded("主题 topics", 14) == "主题 topics   "
    assert padded(Words("角色", "roles"), 4) == "角色 / roles"

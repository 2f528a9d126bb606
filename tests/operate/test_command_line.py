"""The commands as an operator types them: both languages, a status that tells, words instead of tracebacks."""

import pytest

from deploy.operate.__main__ import main
from deploy.operate.place import Place
from deploy.services import all_services
from deploy.words import SETTINGS


@pytest.mark.parametrize(
    ("words", "status", "zh", "en"),
    [
        ("refill feeds", 0, "补发 0 条", "0 of them sent again"),
        ("refill portal", 1, "可选的服务", "to choose from: member_registry, project_matching, feeds"),
        ("rebuild portal", 0, "逐行一致", "Equal, row by row."),
        ("dead list portal", 0, "没有死信", "There are no dead letters."),
        ("dead drop portal", 1, "--reason", "say which (numbers) and why"),
        ("seek feeds project_matching:first --offset 0", 1, "分区须为数字", "A partition is a number"),
        ("restore /nowhere", 1, "没有完整的备份", "no whole backup"),
    ],
)
def test_a_command_says_in_both_languages_what_came_of_it(
    place: Place,
    words: str,
    status: int,
    zh: str,
    en: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALLIANCE_ADMIN_URL", place.admin_url)
    monkeypatch.setenv("ALLIANCE_KAFKA", place.kafka)
    monkeypatch.setattr("sys.argv", ["operate", *words.split()])
    assert main() == status
    told = capsys.readouterr()
    assert zh in told.out + told.err
    assert en in told.out + told.err
    assert place.admin_url not in told.out + told.err


def test_lag_shows_every_service(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALLIANCE_ADMIN_URL", place.admin_url)
    monkeypatch.setenv("ALLIANCE_KAFKA", place.kafka)
    monkeypatch.setattr("sys.argv", ["operate", "lag", "--seconds", "0"])
    main()
    told = capsys.readouterr().out
    assert all(word in told for word in ("发件箱 outbox", *(service.name for service in all_services())))


def test_servers_that_do_not_answer_are_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALLIANCE_ADMIN_URL", "postgresql://postgres:secret@127.0.0.1:1/alliance")
    monkeypatch.setenv("ALLIANCE_KAFKA", "127.0.0.1:1")
    monkeypatch.setattr("sys.argv", ["operate", "refill", "feeds"])
    assert main() == 1
    told = capsys.readouterr().err
    assert "did not do it" in told
    assert "secret" not in told

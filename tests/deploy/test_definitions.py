"""The files that describe the system agree with one another and with the code."""

import importlib
import json
import re
from pathlib import Path

import pytest

from common.settings import Settings
from deploy import check, compose, tables
from deploy.local.service import ServiceProcess
from deploy.services import ROOT, Service, all_services, behind_the_entrance

SERVICES = all_services()


@pytest.fixture(autouse=True)
def told_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_LANGUAGE", "en")


def test_every_service_folder_is_listed_and_every_listed_one_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check.folders() == ""
    for name in ("another", *(service.name for service in SERVICES if service.name != "feeds")):
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "app.py").touch()
    monkeypatch.setattr(check, "ROOT", tmp_path)
    assert check.folders().splitlines() == [
        "services/another/: not listed in deploy/services.toml",
        "services/feeds/app.py: missing, though deploy/services.toml lists it",
    ]


def test_a_table_that_callers_are_not_kept_apart_in_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tables.open_tables() == ""
    migration = tmp_path / "services/feeds/migrations/100_item.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text(
        """-- migrate:up
CREATE TABLE item (id uuid);
CREATE TABLE note (id uuid);
CREATE TABLE inbox (id uuid);
CALL keep_apart('item', 'true');
-- migrate:down
DROP TABLE inbox, note, item;
"""
    )
    monkeypatch.setattr(tables, "ROOT", tmp_path)
    assert tables.open_tables() == (
        "services/feeds/migrations/100_item.sql: note is open: CALL keep_apart('note', …), "
        "or give the reason in deploy/tables.py"
    )


def test_the_compose_file_agrees_with_the_list_of_services() -> None:
    assert compose.compose_faults() == ""


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_list_says_which_services_publish(service: Service) -> None:
    declared = importlib.import_module(f"{service.name}.app").service
    assert declared.name == service.name
    assert bool(declared.publishes) == service.publishes


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_local_stack_tells_a_service_what_its_settings_ask_for(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = ServiceProcess(service, tmp_path, postgres_port=1, kafka="127.0.0.1:2")
    for name, value in process.environment().items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]
    assert (settings.service, settings.port, settings.kafka) == (service.name, service.port, "127.0.0.1:2")
    assert f"postgresql://{service.name}:" in settings.database_url.get_secret_value()
    assert (settings.key_secret is not None) == ("key_secret" in service.secrets)
    others = {other.name for other in behind_the_entrance()}
    assert set(settings.upstreams) == (others if service.entrance else set())


def test_a_service_that_believes_everybody_where_a_request_comes_from_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = tmp_path / "docker-compose.yml"
    loose.write_text(re.sub(r"FORWARDED_ALLOW_IPS: .*", 'FORWARDED_ALLOW_IPS: "*"', compose.FILE.read_text("utf-8")))
    monkeypatch.setattr(compose, "FILE", loose)
    faults = compose.compose_faults().splitlines()
    believing = "docker-compose.yml: {}: believes * where a request comes from"
    assert faults == [believing.format(service.name) for service in behind_the_entrance()]


def test_what_a_service_lacks_in_the_compose_file_is_told_as_it_has_to_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    another = Service("another", 1, publishes=True)
    monkeypatch.setattr(compose, "all_services", lambda: (*SERVICES, another))
    monkeypatch.setattr(compose, "behind_the_entrance", lambda: (*behind_the_entrance(), another))
    faults = compose.compose_faults()
    assert compose.container_of(another) in faults
    for line in (
        'docker-compose.yml: portal: ALLIANCE_UPSTREAMS lacks "another": "http://another:8000"',
        "docker-compose.yml: setup lacks ALLIANCE_PASSWORD_ANOTHER: ${ALLIANCE_PASSWORD_ANOTHER:?}",
        "docker-compose.yml: demo.depends_on lacks another: { condition: service_healthy }",
        "deploy/compose.env.example: lacks ALLIANCE_PASSWORD_ANOTHER=",
    ):
        assert line in faults.splitlines()


def test_what_no_service_asks_for_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "all_services", lambda: tuple(s for s in SERVICES if s.name != "feeds"))
    needless = "ALLIANCE_PASSWORD_FEEDS belongs to no service of deploy/services.toml"
    assert {f"{file}: {needless}" for file in ("docker-compose.yml", "deploy/compose.env.example")} <= {
        *compose.compose_faults().splitlines()
    }


@pytest.mark.parametrize("service", behind_the_entrance(), ids=lambda service: service.name)
def test_the_container_that_is_proposed_is_the_one_that_runs(service: Service) -> None:
    assert compose.container_of(service) in compose.FILE.read_text(encoding="utf-8")


def test_compose_gives_the_portal_addresses_it_can_read() -> None:
    told = re.search(r"ALLIANCE_UPSTREAMS: >-\n((?:\s+.*\n)+?)\n", compose.FILE.read_text(encoding="utf-8"))
    assert told is not None
    assert set(json.loads(told.group(1))) == {service.name for service in behind_the_entrance()}


def test_compose_secrets_are_generated_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose, "SECRETS", tmp_path / "compose.env")
    monkeypatch.setattr(compose, "ROOT", tmp_path)
    compose.main()
    first = (tmp_path / "compose.env").read_text()
    compose.main()
    assert (tmp_path / "compose.env").read_text() == first
    assert [line.partition("=")[0] for line in first.splitlines()] == compose.names()


def test_a_function_that_is_too_long_is_found_with_its_line() -> None:
    body = "\n".join(f"    x{number} = {number}" for number in range(check.LONGEST_FUNCTION))
    assert check.long_functions(f"\n\ndef endless():\n{body}\n") == ["3: endless has 41 lines, at most 40"]
    assert check.long_functions("def short():\n    return 1\n") == []


def test_no_lock_names_where_packages_come_from() -> None:
    for lock in (ROOT / "requirements.lock", ROOT / "deploy/requirements.lock"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text

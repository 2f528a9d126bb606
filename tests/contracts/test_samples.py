"""What `make contracts` seals, and what it and `make check` say of what is not as it should be."""

import shutil
from pathlib import Path

import pytest

from deploy.contracts import __main__ as contracts
from deploy.contracts import samples
from deploy.services import all_services
from deploy.words import Told


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the samples to play with."""
    monkeypatch.setenv("ALLIANCE_LANGUAGE", "en")
    shutil.copytree(samples.SAMPLES, tmp_path / "samples")
    monkeypatch.setattr(samples, "ROOT", tmp_path)
    monkeypatch.setattr(samples, "SAMPLES", tmp_path / "samples")
    return tmp_path / "samples"


def test_a_new_sample_is_sealed_below_the_others(copied: Path) -> None:
    before = (copied / samples.SEALS).read_text()
    shutil.copy(copied / "feeds/item.added.json", copied / "feeds/item.added-again.json")
    assert [*samples.sample_faults()] == ["feeds/item.added-again.json: this sample is not sealed: make contracts"]
    assert samples.seal_new_samples() == ["feeds/item.added-again.json"]
    after = (copied / samples.SEALS).read_text()
    assert after.startswith(before)
    assert after.count("\n") == before.count("\n") + 1
    assert [*samples.sample_faults()] == []


def test_a_sealed_sample_that_was_changed_is_not_sealed_again(copied: Path) -> None:
    before = (copied / samples.SEALS).read_text()
    with (copied / "feeds/item.added.json").open("a") as file:
        file.write(" ")
    assert samples.seal_new_samples() == []
    assert (copied / samples.SEALS).read_text() == before
    (fault,) = samples.sample_faults()
    assert fault.startswith("feeds/item.added.json: a sealed sample never changes")


def test_a_new_sample_that_cannot_be_read_is_not_sealed(copied: Path) -> None:
    (copied / "feeds/item.added-wrong.json").write_text("{}")
    with pytest.raises(Told, match=r"item\.added-wrong\.json is no FeedItemAdded"):
        samples.seal_new_samples()
    (copied / "feeds/item.added.json").unlink()
    (copied / "feeds/item.added-wrong.json").unlink()
    assert next(samples.sample_faults()) == "samples/feeds/item.added.json: this event has no sample yet"


def test_events_of_a_service_that_is_not_listed_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_LANGUAGE", "en")
    monkeypatch.setattr(contracts, "ROOT", tmp_path)
    monkeypatch.setattr(contracts, "EVENTS", tmp_path)
    publishing = {service.name for service in all_services() if service.publishes}
    for name in ("__init__", "base", "nobodys", *(publishing - {"feeds"})):
        (tmp_path / f"{name}.py").touch()
    assert [*contracts.module_faults()] == [
        "feeds.py: missing: deploy/services.toml says that it publishes",
        'nobodys.py: no service owns it: add name = "nobodys", publishes = true to deploy/services.toml',
    ]

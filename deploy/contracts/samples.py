"""Samples of events: at least one of each, sealed by its hash when it is added, read by every later version."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from common.events import Event, decode
from deploy.contracts.documents import events
from deploy.services import ROOT
from deploy.words import Told, Words

SAMPLES = ROOT / "tests/contracts/samples"
SEALS = "SHA256SUMS"


def samples_of(name: str) -> list[Path]:
    """The samples of `<producer>/<entity>.<past participle>.v1`; what follows a hyphen tells them apart."""
    found = (SAMPLES / name).parent.glob("*.json")
    return sorted(path for path in found if path.stem.partition("-")[0] == Path(name).name.removesuffix(".v1"))


def sample_faults() -> Iterator[str]:
    """Which events lack a sample, which samples are not sealed, which sealed ones are no longer what they were."""
    for name in events():
        if not samples_of(name):
            place = f"{SAMPLES.relative_to(ROOT)}/{name.removesuffix('.v1')}.json"
            yield f"{place}: {Words('该事件还没有样例', 'this event has no sample yet')}"
    sealed, present = _sealed(), _present()
    for name in sorted(present.keys() - sealed.keys()):
        yield f"{name}: {Words('样例尚未封存：make contracts', 'this sample is not sealed: make contracts')}"
    for name in sorted(name for name, seal in sealed.items() if present.get(name) != seal):
        said = Words(
            "封存的样例不可更改：请恢复它，另加一个", "a sealed sample never changes: restore it and add another"
        )
        yield f"{name}: {said}"


def seal_new_samples() -> list[str]:
    """Adds a line for each sample that has none and returns them. Told of one that cannot be read."""
    present = _present()
    new = sorted(present.keys() - _sealed().keys())
    for name, event in events().items():
        for path in samples_of(name):
            if path.relative_to(SAMPLES).as_posix() in new:
                _read(event, path)
    with (SAMPLES / SEALS).open("a", encoding="utf-8") as file:
        file.writelines(f"{present[name]}  {name}\n" for name in new)
    return new


def _read(event: type[Event], path: Path) -> None:
    try:
        decode(event, path.read_bytes())
    except ValidationError as error:
        name = path.relative_to(SAMPLES)
        raise Told(Words(f"{name} 不是 {event.__name__}：{error}", f"{name} is no {event.__name__}: {error}")) from None


def _sealed() -> dict[str, str]:
    lines = (SAMPLES / SEALS).read_text(encoding="utf-8").splitlines()
    return {name: seal for seal, _, name in (line.partition("  ") for line in lines)}


def _present() -> dict[str, str]:
    return {
        path.relative_to(SAMPLES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in SAMPLES.rglob("*.json")
    }

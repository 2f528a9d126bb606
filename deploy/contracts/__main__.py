"""`make contracts`: writes docs/contracts and seals new samples. --check only says what is not as it should be;
--release also keeps the schemas as those that later versions must fit."""

import argparse
import sys
from collections.abc import Iterator

from deploy.contracts.documents import EVENTS, FOLDER, documents, render, schemas
from deploy.contracts.samples import sample_faults, seal_new_samples
from deploy.services import ROOT, all_services
from deploy.words import Told, Words

RELEASED = FOLDER / "released"
CHECK = Words("只检查，不写入", "write nothing, only say what differs")
FREEZE = Words("把现在的模式固定为最近发布版", "freeze the present schemas as the last release")


def main() -> int:
    """0 when every event is owned, published and has a sealed sample."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts", description=__doc__)
    parser.add_argument("--check", action="store_true", help=str(CHECK))
    parser.add_argument("--release", action="store_true", help=str(FREEZE))
    chosen = parser.parse_args()
    faults = [*module_faults()]
    if not faults and not chosen.check:
        try:
            write(release=chosen.release)
        except Told as told:
            faults.append(str(told.what))
    if not faults:
        faults = [*stale_documents(), *sample_faults()]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def module_faults() -> Iterator[str]:
    """Modules of events that no service owns, and services without theirs: their events would be in no document."""
    there = {path.stem for path in EVENTS.glob("*.py")} - {"__init__", "base"}
    publishing = {service.name for service in all_services() if service.publishes}
    for name in sorted(there ^ publishing):
        place = EVENTS.relative_to(ROOT) / f"{name}.py"
        nobodys = Words(
            f'没有服务拥有它：请在 deploy/services.toml 加上 name = "{name}"，publishes = true',
            f'no service owns it: add name = "{name}", publishes = true to deploy/services.toml',
        )
        missing = Words("缺少：deploy/services.toml 说它会发布", "missing: deploy/services.toml says that it publishes")
        yield f"{place}: {nobodys if name in there else missing}"


def stale_documents() -> Iterator[str]:
    """Published files that do not say what the code says."""
    said = Words("与代码不符：make contracts", "not what the code says: make contracts")
    for path, document in documents().items():
        if not path.exists() or path.read_text(encoding="utf-8") != render(document):
            yield f"{path.relative_to(ROOT)}: {said}"


def write(*, release: bool) -> None:
    """Write what the code says now; removing what it no longer says is left to the reviewer."""
    for name in seal_new_samples():
        print(f"{name}: {Words('已封存', 'sealed')}")
    frozen = {RELEASED / f"{name}.json": schema for name, schema in schemas().items()} if release else {}
    for path, document in {**documents(), **frozen}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(document), encoding="utf-8")
    print(Words(f"契约已写入 {FOLDER}", f"contracts written to {FOLDER}"))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m deploy.contracts`: writes docs/contracts; with --release also the copies that later versions must fit."""

import argparse

from deploy.contracts.documents import FOLDER, documents, render, schemas
from deploy.words import Words

RELEASED = FOLDER / "released"
FREEZE = Words("把现在的模式固定为最近发布版", "freeze the present schemas as the last release")


def main() -> None:
    """Write what the code says now; removing what it no longer says is left to the reviewer."""
    parser = argparse.ArgumentParser(prog="python -m deploy.contracts", description=__doc__)
    parser.add_argument("--release", action="store_true", help=str(FREEZE))
    release = parser.parse_args().release
    for path, document in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(document), encoding="utf-8")
    if release:
        for name, schema in schemas().items():
            target = RELEASED / f"{name}.json"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(render(schema), encoding="utf-8")
    print(Words(f"契约已写入 {FOLDER}", f"contracts written to {FOLDER}"))


if __name__ == "__main__":
    main()

"""`make check`: everything that is looked at before the tests run; each check says what is wrong and where."""

import ast
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.compose import compose_faults
from deploy.services import ROOT, all_services
from deploy.tables import open_tables
from deploy.words import Words, padded

CORES = str(os.cpu_count() or 1)
PROGRAMS = Path(sys.executable).parent
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
SOURCES = ("deploy", "libs", "services", "tests")


@dataclass(frozen=True)
class Check:
    """A name and something that returns what it has to complain about, "" when nothing."""

    name: Words
    run: Callable[[], str]


def program(*words: str | Path) -> Callable[[], str]:
    """A check by a program of the environment: its output, if it ends with anything but 0."""

    def run() -> str:
        command = [str(PROGRAMS / words[0]), *map(str, words[1:])]
        ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
        return "" if ended.returncode == 0 else (ended.stdout + ended.stderr).strip() or f"status {ended.returncode}"

    return run


def sources(suffix: str) -> Iterator[Path]:
    """Our own files of a kind; what others wrote lies in folders named vendor."""
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            if "vendor" not in path.parts:
                yield path


def long_parts() -> str:
    """Files and functions that are too long to be seen at once."""
    faults = []
    for path in [*sources(".py"), *sources(".sql")]:
        text = path.read_text(encoding="utf-8")
        if (lines := text.count("\n")) > LONGEST_FILE:
            said = Words(f"{lines} 行，最多 {LONGEST_FILE} 行", f"{lines} lines, at most {LONGEST_FILE}")
            faults.append(f"{path.relative_to(ROOT)}: {said}")
        if path.suffix == ".py":
            faults += [f"{path.relative_to(ROOT)}:{fault}" for fault in long_functions(text)]
    return "\n".join(faults)


def long_functions(text: str) -> list[str]:
    """Line, name and length of each function that is too long."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION:
                said = Words(
                    f"有 {length} 行，最多 {LONGEST_FUNCTION} 行", f"has {length} lines, at most {LONGEST_FUNCTION}"
                )
                found.append(f"{node.lineno}: {node.name} {said}")
    return found


def migrations() -> str:
    """squawk on the part of each migration that is applied; the way back may drop what it likes."""
    with tempfile.TemporaryDirectory() as folder:
        for path in [*ROOT.glob("libs/common/migrations/*.sql"), *ROOT.glob("services/*/migrations/*.sql")]:
            applied = path.read_text(encoding="utf-8").split("-- migrate:down")[0]
            copy = Path(folder) / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(applied, encoding="utf-8")
        files = sorted(str(path) for path in Path(folder).rglob("*.sql"))
        return program("squawk", "--config", ".squawk.toml", "--reporter", "gcc", *files)().replace(f"{folder}/", "")


def imports() -> str:
    """import-linter, its contracts filled with every service of the list."""
    names = [service.name for service in all_services()]
    models = [f"{name}.model" for name in names if [*(ROOT / "services" / name).glob("model*")]]
    contracts = (ROOT / "deploy/imports.toml").read_text(encoding="utf-8")
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as filled:
        for place, modules in (("{services}", names), ("{models}", models)):
            contracts = contracts.replace(f'"{place}"', ", ".join(f'"{module}"' for module in modules))
        filled.write(contracts)
        filled.flush()
        return program("lint-imports", "--no-cache", "--config", filled.name)()


def folders() -> str:
    """Every folder of a service is in the list, every service of the list has its folder."""
    there = {path.parent.name for path in ROOT.glob("services/*/*.py")}
    listed = {service.name for service in all_services()}
    unlisted = Words("不在 deploy/services.toml 的清单里", "not listed in deploy/services.toml")
    missing = Words("缺少：deploy/services.toml 列出了它", "missing, though deploy/services.toml lists it")
    faults = [f"services/{name}/: {unlisted}" for name in sorted(there - listed)]
    undeclared = [name for name in sorted(listed) if not (ROOT / "services" / name / "app.py").exists()]
    faults += [f"services/{name}/app.py: {missing}" for name in undeclared]
    return "\n".join(faults)


CHECKS = (
    Check(
        Words("风格 ruff check", "style (ruff check)"),
        program("ruff", "check", "--quiet", "--output-format", "concise"),
    ),
    Check(
        Words("格式 ruff format", "format (ruff format)"),
        program("ruff", "format", "--check", "--quiet", "--output-format", "concise"),
    ),
    Check(Words("类型 mypy --strict", "types (mypy --strict)"), program("mypy", "--num-workers", CORES)),
    Check(Words("导入 import-linter", "imports (import-linter)"), imports),
    Check(
        Words("依赖 deptry", "dependencies (deptry)"),
        program("deptry", "--known-first-party", "deploy", "services", "libs", "deploy"),
    ),
    Check(Words("迁移 squawk", "migrations (squawk)"), migrations),
    Check(Words("行级隔离（决策 0011）", "tables closed to other callers (decision 0011)"), open_tables),
    Check(Words("服务目录与服务清单", "folders of services against the list"), folders),
    Check(
        Words("事件契约与样例", "contracts and samples of events"),
        program("python", "-m", "deploy.contracts", "--check"),
    ),
    Check(Words("过长的文件和函数", "long files and functions"), long_parts),
    Check(
        Words("compose 文件（Compose 规范）", "compose file (Compose specification)"),
        program("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"),
    ),
    Check(Words("compose 文件与服务清单", "compose file against the list of services"), compose_faults),
)


def carried_out(check: Check) -> tuple[str, float]:
    """What a check complains about, and the seconds it took beside the others."""
    began = time.monotonic()
    return check.run(), time.monotonic() - began


def main() -> int:
    """Runs every check, also after one has failed; as many at a time as there are cores."""
    failed = 0
    with ThreadPoolExecutor(int(CORES)) as pool:
        for check, (complaint, seconds) in zip(CHECKS, pool.map(carried_out, CHECKS), strict=True):
            print(f"  {'✗' if complaint else '✓'} {padded(check.name, 72)} {seconds:5.1f} s", flush=True)
            if complaint:
                failed += 1
                print("\n".join(f"      {line}" for line in complaint.splitlines()), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

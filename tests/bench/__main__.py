"""`python -m tests.bench [--rows 1,3,9]`: measures the rows of the performance goals and writes `build/bench.json`.

Every row is a ratio of the product's own code to a limit, both measured in this run, in turns, on servers of its own.
"""

import argparse
import os
import signal
import sys
import time
from contextlib import AsyncExitStack

import uvloop

from common import telemetry
from deploy.services import ROOT
from tests.bench import report
from tests.bench.harness import Figure
from tests.bench.rows import MEASUREMENTS, Measurement
from tests.bench.stage import Known, Stage
from tests.conftest import Servers, started


def main() -> None:
    """Measures what was asked for; a goal that is missed is told, not a failure."""
    every = sorted({row for measurement in MEASUREMENTS for row in measurement.rows})
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", default=",".join(map(str, every)), help="some rows, for example 1,3,9")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers are ended in any case
    wanted = {int(text) for text in parser.parse_args().rows.split(",")}
    if unknown := wanted - set(every):
        parser.error(f"no such rows: {sorted(unknown)}; there are {every}")
    telemetry.configure_logs("bench", level="error", shape="console")
    began, known = time.monotonic(), Known()
    figures: list[Figure] = []
    failed: list[str] = []
    print(report.HEADING, flush=True)
    for measurement in MEASUREMENTS:
        if wanted & set(measurement.rows):
            try:
                figures += measured(measurement, known)
            except AssertionError as error:  # the other rows are worth having all the same
                failed.append(f"rows {measurement.rows} were not measured: {error}")
                print(f"    {failed[-1]}", flush=True)
    report.write(figures, known.notes)
    print(report.report(sorted(figures, key=lambda figure: figure.row), known.notes))
    print(f"\n{time.monotonic() - began:.0f} s; the same in build/bench.json and build/bench.txt")
    sys.exit("\n".join(failed) or None)


def measured(measurement: Measurement, known: Known) -> list[Figure]:
    """The figures of a measurement on servers of its own, told as soon as they are there."""
    began = time.monotonic()
    if measurement.alone:
        figures = uvloop.run(measurement.alone(known))
    else:
        state = ROOT / ".local" / "bench" / str(os.getpid())
        with started(state, fsync=True, settings=measurement.settings) as servers:
            figures = uvloop.run(_on_stage(measurement, servers, known))
    print("\n".join(map(report.line_of, figures)), f"\n    ({time.monotonic() - began:.0f} s)", flush=True)
    return figures


async def _on_stage(measurement: Measurement, servers: Servers, known: Known) -> list[Figure]:
    assert measurement.run is not None
    async with AsyncExitStack() as closing:
        return await measurement.run(Stage(servers, known, closing))


if __name__ == "__main__":
    main()

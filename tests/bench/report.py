"""What was measured, as a table for people and as `build/bench.json` for programs."""

from collections.abc import Sequence
from dataclasses import asdict

import orjson

from tests.bench.harness import STEADY, Figure
from tests.bench.stage import BUILD


def line_of(figure: Figure) -> str:
    """A line of the table; the second lines of a row are conditions beside its ratio."""
    row = "" if figure.beside else str(figure.row)
    told = f"{_short(figure.ours):>9} {_short(figure.limit):>9} {figure.ratio:>8.3f}  {figure.goal:<8}"
    unsteady = "  (limit unsteady)" if figure.spread > STEADY else ""
    state = "met" if figure.met else "MISSED"
    return f"{row:>3} {figure.name:<66} {told} {state:<7} {figure.spread:>6.2f}  {figure.unit}{unsteady}"


HEADING = f"{'row':>3} {'quantity':<66} {'ours':>9} {'limit':>9} {'ratio':>8}  {'goal':<8} {'':<7} spread  unit"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(figures: Sequence[Figure], notes: Sequence[str]) -> None:
    """The rows as JSON, and the whole report as text beside it."""
    BUILD.mkdir(exist_ok=True)
    ordered = sorted(figures, key=lambda figure: figure.row)
    rows = [{k: v for k, v in asdict(figure).items() if k != "beside"} for figure in ordered if not figure.beside]
    (BUILD / "bench.json").write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    (BUILD / "bench.txt").write_text(report(ordered, notes) + "\n", encoding="utf-8")


def report(figures: Sequence[Figure], notes: Sequence[str]) -> str:
    return "\n".join(["", HEADING, *map(line_of, figures), "", *notes])

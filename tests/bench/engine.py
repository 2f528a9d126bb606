"""Rows 9 and 10: one need against 100 000 made-up profiles, beside a full scan of all rows and beside tantivy.

Times are CPU milliseconds of this process, medians over the needs, so that other work on the machine disturbs little.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from project_matching.engine import (
    TEXT_FLOOR,
    AnalysedNeed,
    NeedIndex,
    ProfileIndex,
    analyse_need,
    analyse_profile,
    brute_force,
    explain,
)
from tests.bench.full_scan import FullScan
from tests.bench.harness import Figure, Leg, Samples, interleaved, size
from tests.bench.stage import Known
from tests.bench.tantivy_index import TantivyIndex
from tests.project_matching.engine import known_answers, synthetic

PROFILES, NEEDS = size(100_000), 30
NO_FLOOR = 1
"""Every profile that shares a word counts: so there are always a hundred."""

A = TypeVar("A")


def cpu_ms(work: Callable[..., object], *given: object) -> float:
    began = time.process_time()
    work(*given)
    return (time.process_time() - began) * 1000


def middle(work: Callable[[A], object], over: Sequence[A]) -> float:
    return statistics.median(cpu_ms(work, one) for one in over)


async def measure(known: Known) -> list[Figure]:
    """The best hundred of each need by several ways; brute force says whether ours are the best."""
    corpus = synthetic.corpus(PROFILES, NEEDS)
    index = _built(known, corpus)
    scan, other = FullScan(corpus.profiles), TantivyIndex(corpus.profiles)
    ways: dict[str, Callable[[AnalysedNeed], object]] = {
        "ours": lambda need: index.search(need, 100, NO_FLOOR),
        "shipped": lambda need: index.search(need, 100),
        "scan": lambda need: scan.best(need, 100),
        "words": scan.words,
        "tantivy": lambda need: other.best(need, 100),
    }

    def leg(way: Callable[[AnalysedNeed], object]) -> Leg:
        async def repetition() -> dict[str, float]:
            return {"ms": middle(way, corpus.needs)}

        return repetition

    samples = await interleaved({name: leg(way) for name, way in ways.items()}, steady=("scan", "ms"))
    differing = sum(not _same(need, index, scan, corpus) for need in corpus.needs)
    unlike = sum(not _as_scanned(need, index, scan) for need in corpus.needs)
    known.note(
        f"engine: {differing} of {NEEDS} needs differ from brute force in their best hundred,"
        f" {unlike} from the scan without a floor"
    )
    _other_questions(known, corpus, index)
    return _figures(samples)


def _figures(samples: Samples) -> list[Figure]:
    best = "match of one need, best of 100 000 profiles"
    floor, words = "the same with the shipped floor", "beside the scan of the words alone"
    return [
        samples.figure(9, f"{best} / CSR full scan", "ms", limit="scan", goal="<= 0.2", unit="ms"),
        samples.figure(9, floor, "ms", ours="shipped", limit="scan", goal="<= 0.2", unit="ms", beside=True),
        samples.figure(9, words, "ms", limit="words", goal="<= 0.2", unit="ms", beside=True),
        samples.figure(10, f"{best} / tantivy", "ms", limit="tantivy", goal="<= 2.5", unit="ms"),
    ]


def _built(known: Known, corpus: synthetic.Corpus) -> ProfileIndex:
    index = ProfileIndex()

    def build() -> None:
        for profile in corpus.profiles:
            index.put(profile)
        index.settle()

    known.note(f"engine: {PROFILES} profiles built in {cpu_ms(build):.0f} ms, {index.bytes / 1e6:.0f} MB")
    return index


def _same(need: AnalysedNeed, index: ProfileIndex, scan: FullScan, corpus: synthetic.Corpus) -> bool:
    """Whether brute force finds the same best hundred, among all profiles with enough words for the shipped floor."""
    enough = np.flatnonzero(scan.words(need) >= TEXT_FLOOR)
    expected = brute_force.profiles_for(need, (corpus.profiles[row] for row in enough), 100)
    return index.search(need, 100) == expected


def _as_scanned(need: AnalysedNeed, index: ProfileIndex, scan: FullScan) -> bool:
    """Whether the scan, which knows no floor, reaches the same hundred totals (it may break ties otherwise)."""
    return [one.micro for one in index.search(need, 100, NO_FLOOR)] == [total for total, _ in scan.best(need, 100)]


def _other_questions(known: Known, corpus: synthetic.Corpus, index: ProfileIndex) -> None:
    """What has no limit to compare with: changes, the other direction, and real texts."""
    chance = random.Random(1)

    def replace_and_search(need: AnalysedNeed) -> None:
        index.put(chance.choice(corpus.profiles))
        index.search(need)

    by_profile = NeedIndex(synthetic.corpus(PROFILES // 20, 5000).needs)
    by_profile.settle()
    known.note(
        f"engine: replace and search {middle(replace_and_search, corpus.needs):.2f} ms,"
        f" 5 000 needs by a profile {middle(by_profile.search, corpus.profiles[:100]):.2f} ms"
    )
    profiles, needs = known_answers.profiles("fda_organisations"), known_answers.needs("fda_needs")
    chinese = known_answers.needs("nmpa_needs")
    pairs = list(zip(map(analyse_need, needs), map(analyse_profile, profiles), strict=False))
    known.note(
        f"engine, real texts: analyse a profile {middle(analyse_profile, profiles):.2f} ms, a need"
        f" {middle(analyse_need, needs):.2f} ms, a Chinese one {middle(analyse_need, chinese):.2f} ms,"
        f" explain a pair {middle(lambda pair: explain(*pair), pairs):.2f} ms"
    )

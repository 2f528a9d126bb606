"""Measures the engine: python -m tests.project_matching.engine.bench_engine [PROFILES] (services/ on PYTHONPATH).

Times are CPU milliseconds of this thread, medians, so that other work on the machine disturbs little. The full scan
beside the index reads every profile's row in numpy (row pointers, as CSR); its scores are checked against the index.
"""

import random
import resource
import sys
import time
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from project_matching.engine import (
    AnalysedNeed,
    NeedIndex,
    ProfileIndex,
    Subscription,
    SubscriptionIndex,
    analyse_need,
    analyse_profile,
    answers,
    explain,
)
from project_matching.engine.facets import TEXT_FLOOR
from project_matching.engine.glossary import glossary
from project_matching.engine.traits import FITS, SPECIALTIES, WANTED_KINDS
from tests.project_matching.engine import known_answers, synthetic


def cpu_ms(work: Callable[..., object], *given: object) -> float:
    start = time.thread_time()
    work(*given)
    return (time.thread_time() - start) * 1000


def quantiles(times: Iterable[float]) -> str:
    ordered = sorted(times)
    return f"p50 {ordered[len(ordered) // 2]:8.3f} ms   p95 {ordered[int(len(ordered) * 0.95)]:8.3f} ms"


class FullScan:
    """Every row of every profile, multiplied with the need's weights."""

    def __init__(self, corpus: synthetic.Corpus) -> None:
        sizes = [len(profile.en.terms) for profile in corpus.profiles]
        self._first = np.cumsum([0, *sizes[:-1]])
        terms = np.concatenate([profile.en.terms for profile in corpus.profiles])
        self._terms, columns = np.unique(terms, return_inverse=True)
        self._columns = columns.astype(np.int32)
        self._weights = np.concatenate([profile.en.weights for profile in corpus.profiles]).astype(np.int32)

    def scores(self, need: AnalysedNeed) -> NDArray[np.int32]:
        asked = np.zeros(len(self._terms), dtype=np.int32)
        place = np.minimum(np.searchsorted(self._terms, need.en.terms), len(self._terms) - 1)
        hit = self._terms[place] == need.en.terms
        asked[place[hit]] = need.en.weights[hit]
        found: NDArray[np.int32] = np.add.reduceat(asked[self._columns] * self._weights, self._first)
        return found


def bench_index(profiles: int, needs: int = 60) -> None:
    corpus = synthetic.corpus(profiles, needs)
    index = ProfileIndex()

    def build() -> None:
        for profile in corpus.profiles:
            index.put(profile)
        index.settle()

    def replace_and_search(need: AnalysedNeed) -> None:
        index.put(random.Random(1).choice(corpus.profiles))
        index.search(need)

    entries = sum(postings(corpus, need) for need in corpus.needs) / needs / profiles
    print(f"{profiles} made-up profiles: build {cpu_ms(build):.0f} ms, {index.bytes / 1e6:.1f} MB")
    print(f"  a need has {entries:.2f} x {profiles} postings")
    scan = FullScan(corpus)
    for floor, name in ((TEXT_FLOOR, "shipped floor"), (1, "no floor")):
        found = [len(index.search(need, 100, floor)) for need in corpus.needs]
        times = [cpu_ms(index.search, need, 100, floor) for need in corpus.needs]
        print(f"  search, {name:14} {quantiles(times)}   found {sum(found) / len(found):.0f}")
    print(f"  full scan             {quantiles(cpu_ms(scan.scores, need) for need in corpus.needs)}")
    print(f"  replace and search    {quantiles(cpu_ms(replace_and_search, need) for need in corpus.needs)}")
    by_profile = NeedIndex(synthetic.corpus(profiles, 5000).needs)
    by_profile.settle()
    print(f"  5000 needs by profile {quantiles(cpu_ms(by_profile.search, p) for p in corpus.profiles[:200])}")


def postings(corpus: synthetic.Corpus, need: AnalysedNeed) -> int:
    asked = set(need.en.terms.tolist())
    return sum(len(asked.intersection(profile.en.terms.tolist())) for profile in corpus.profiles[::100]) * 100


def bench_real_texts() -> None:
    profiles, needs = known_answers.profiles("fda_organisations"), known_answers.needs("fda_needs")
    chinese = known_answers.needs("nmpa_needs")
    analysed = [analyse_profile(profile) for profile in profiles]
    terms = sum(len(profile.en.terms) for profile in analysed) / len(analysed)
    print(f"real texts: {terms:.0f} terms a profile")
    print(f"  analyse a profile     {quantiles(cpu_ms(analyse_profile, p) for p in profiles)}")
    print(f"  analyse a need        {quantiles(cpu_ms(analyse_need, n) for n in needs)}")
    print(f"  analyse, Chinese      {quantiles(cpu_ms(analyse_need, n) for n in chinese)}")
    pairs = list(zip(needs, profiles, strict=False))
    print(f"  explain a pair        {quantiles(cpu_ms(explain, *pair) for pair in pairs)}")


def bench_subscriptions(count: int) -> None:
    drawn = random.Random(5)
    entries = list(glossary().entries.values())
    words = [entry.written for entry in entries] + [phrase for entry in entries for phrase in entry.english]
    drawn.shuffle(words)

    def word() -> str:
        return words[int(len(words) ** drawn.random()) - 1]

    every = [
        Subscription(
            f"s{number}",
            f"o{number % 977}",
            specialties=tuple(drawn.sample(SPECIALTIES, drawn.choice((1, 2, 3)))),
            achievement_types=tuple(drawn.sample(sorted(FITS), drawn.choice((0, 0, 2)))),
            wanted=tuple(drawn.sample(sorted(WANTED_KINDS), drawn.choice((0, 0, 2)))),
            regions=("CN-11",) if drawn.random() < 0.1 else (),
            words_all=tuple(word() for _ in range(drawn.choice((0, 1, 1, 2)))),
            words_any=tuple(word() for _ in range(drawn.choice((0, 0, 2)))),
        )
        for number in range(count)
    ]
    index = SubscriptionIndex()
    print(f"{count} subscriptions: build {cpu_ms(lambda: index.put_all(every)):.0f} ms")
    asked = [analyse_need(need) for name in ("fda_needs", "nmpa_needs") for need in known_answers.needs(name)]
    print(f"  match                 {quantiles(cpu_ms(index.match, n) for n in asked)}")
    candidates = sorted(len(index.candidates(need)) for need in asked)[len(asked) // 2]
    hits = sorted(len(index.match(need)) for need in asked)[len(asked) // 2]
    naive = cpu_ms(lambda: [answers(asked[0], one) for one in every])
    print(f"  candidates {candidates}, hits {hits} (medians); naive loop {naive:.0f} ms")


def main() -> None:
    bench_index(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    bench_real_texts()
    bench_subscriptions(100_000)
    print(f"peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

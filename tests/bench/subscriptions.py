"""Row 11: real needs against 100 000 subscriptions, beside a plain loop over all of them."""

import random
import statistics

from project_matching.engine import AnalysedNeed, Subscription, SubscriptionIndex, analyse_need, answers
from project_matching.engine.glossary import glossary
from project_matching.engine.traits import FITS, SPECIALTIES, WANTED_KINDS
from tests.bench.engine import cpu_ms, middle
from tests.bench.harness import Figure, interleaved, size
from tests.bench.stage import Known
from tests.project_matching.engine import known_answers

MANY = size(100_000)


async def measure(known: Known) -> list[Figure]:
    """Both must find the same; the loop looks at the specialty first, which most subscriptions fail on."""
    every = subscriptions(MANY)
    index = SubscriptionIndex()
    build = cpu_ms(index.put_all, every)
    rows = [(frozenset(one.specialties), one) for one in every]
    needs = [analyse_need(need) for name in ("fda_needs", "nmpa_needs") for need in known_answers.needs(name)][::8]

    def loop(need: AnalysedNeed) -> list[str]:
        asked = need.need.specialty
        return sorted(one.id for wanted, one in rows if asked in wanted and answers(need, one))

    async def ours() -> dict[str, float]:
        return {"ms": middle(index.match, needs)}

    async def limit() -> dict[str, float]:
        return {"ms": middle(loop, needs)}

    samples = await interleaved({"ours": ours, "limit": limit}, steady=("limit", "ms"))
    differing = sum(index.match(need) != loop(need) for need in needs)
    candidates = [len(index.candidates(need)) for need in needs]
    known.note(
        f"subscriptions: {MANY} built in {build:.0f} ms, {differing} of {len(needs)} needs differ from the loop,"
        f" {statistics.median(len(index.match(need)) for need in needs):.0f} hits"
    )
    return [
        samples.figure(11, "need against 100 000 subscriptions / plain loop", "ms", goal="<= 0.05", unit="ms"),
        share(candidates),
    ]


def share(candidates: list[int]) -> Figure:
    """How many have to be looked at."""
    middle_one = statistics.median(candidates)
    name = "subscriptions looked at, as a share of all"
    return Figure(11, name, middle_one, MANY, middle_one / MANY, "<= 0.03", 0.0, "", beside=True)


def subscriptions(count: int) -> list[Subscription]:
    """Made up: one to three specialties each, other conditions here and there, words of the glossary."""
    drawn = random.Random(5)
    entries = list(glossary().entries.values())
    words = [entry.written for entry in entries] + [phrase for entry in entries for phrase in entry.english]
    drawn.shuffle(words)

    def word() -> str:
        return words[int(len(words) ** drawn.random()) - 1]

    return [
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

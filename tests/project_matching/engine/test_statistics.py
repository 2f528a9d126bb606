"""The background statistics: small, complete, and the same numbers wherever they are built and read."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from project_matching.engine import Profile, Text, analyse_profile, shipped_statistics
from project_matching.engine.build_statistics import counted_channels
from project_matching.engine.statistics import UNIT, load, save
from project_matching.engine.terms import term_of
from project_matching.engine.tokens import stem

RECORDS = [
    {"name": "Alpha", "profile": "Stent and stent and coil", "items": []},
    {"name": "Beta", "profile": "stents only", "items": []},
    {"title": "取栓支架", "text": "支架"},
    {"title": "支架", "text": "coils"},
]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    corpus = tmp_path / "corpus.jsonl.gz"
    corpus.write_bytes(gzip.compress("\n".join(json.dumps(record) for record in RECORDS).encode()))
    save(tmp_path / "statistics.npz", counted_channels([corpus]))
    return tmp_path / "statistics.npz"


def test_the_shipped_statistics_stay_small() -> None:
    path = Path(analyse_profile.__code__.co_filename).with_name("statistics.npz")
    assert path.stat().st_size < 1_500_000
    assert len(shipped_statistics().en.keys) > 200_000


def test_frequent_words_are_less_rare_and_unknown_words_are_the_rarest() -> None:
    en = shipped_statistics().en
    words = [term_of(stem(word)) for word in ("device", "thrombectomy", "qwertzuiop")]
    device, thrombectomy, unknown = en.rarity_of(np.array(words, dtype=np.uint64)).tolist()
    assert device < thrombectomy < unknown == en.unknown
    assert en.rarity.max() <= en.unknown


def test_rarity_counts_documents_not_occurrences(built: Path) -> None:
    known = load(built).en
    stent, coil, alpha = known.rarity_of(np.array([term_of(w) for w in ("stent", "coil", "alpha")], dtype=np.uint64))
    assert stent == coil == round(UNIT * np.log(4 / 3))
    assert alpha == known.unknown


def test_words_seen_once_are_not_kept(built: Path) -> None:
    assert len(load(built).en.keys) == len({"stent", "coil"})


def test_building_twice_gives_the_same_version(built: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.npz"
    save(again, counted_channels([tmp_path / "corpus.jsonl.gz"]))
    assert load(again).version == load(built).version


def test_other_statistics_have_another_version_and_give_other_weights(built: Path) -> None:
    other = load(built)
    assert other.version != shipped_statistics().version
    profile = Profile("o", "enterprise", Text(en="Stents"))
    assert analyse_profile(profile, other).en.weights.tolist() != analyse_profile(profile).en.weights.tolist()


def test_chinese_rarities_are_counted_among_chinese_texts_only(built: Path) -> None:
    assert load(built).zh.unknown == round(UNIT * np.log(3 / 2))

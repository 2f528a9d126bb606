"""The same profiles in tantivy, a search engine in Rust, with the need's words as a query with their weights."""

from collections.abc import Sequence

import tantivy

from project_matching.engine import AnalysedNeed, AnalysedProfile


class TantivyIndex:
    """In memory, one segment; it ranks by BM25, so its best hundred are others than ours."""

    def __init__(self, profiles: Sequence[AnalysedProfile]) -> None:
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("words", stored=False, tokenizer_name="whitespace", index_option="freq")
        self._schema = schema.build()
        index = tantivy.Index(self._schema)
        writer = index.writer(heap_size=256_000_000, num_threads=1)
        for profile in profiles:
            writer.add_document(tantivy.Document(words=" ".join(map(str, profile.en.terms.tolist()))))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def best(self, need: AnalysedNeed, count: int) -> object:
        words = zip(need.en.terms.tolist(), need.en.weights.tolist(), strict=True)
        return self._searcher.search(tantivy.Query.boolean_query([self._word(*word) for word in words]), count).hits

    def _word(self, term: int, weight: int) -> tuple[tantivy.Occur, tantivy.Query]:
        word = tantivy.Query.term_query(self._schema, "words", str(term), "freq")
        return tantivy.Occur.Should, tantivy.Query.boost_query(word, float(weight))

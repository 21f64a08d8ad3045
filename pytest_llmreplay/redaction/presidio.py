"""Personal data by presidio: names and places by a spaCy model, numbers and addresses by patterns. PYTEST_DONT_REWRITE

presidio: https://microsoft.github.io/presidio/. Nothing is fetched: a model has to be there, and the suffixes of
domains are those that come with tldextract.
"""

from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.redaction.protocol import Found

NOBODYS = frozenset({"URL", "DATE_TIME"})
"""Kinds that are no person's, and that a replay needs."""


class Presidio:
    """A finder. ``model``: a spaCy model such as ``en_core_web_sm``, or a language, ``en``, for the patterns alone.

    Raises MissingExtra without presidio, UsageProblem for a model that is not installed.
    """

    def __init__(self, model: str) -> None:
        try:
            import presidio_analyzer
            import spacy
            from tldextract.tldextract import TLD_EXTRACTOR
        except ImportError:
            raise MissingExtra("llm_pii", "presidio-analyzer", "pii") from None
        TLD_EXTRACTOR.suffix_list_urls = ()  # or it would ask the network for them
        self.language = model.partition("_")[0]
        if model != self.language and not spacy.util.is_package(model):
            raise UsageProblem(f"llm_pii: the model {model} is not installed: python -m spacy download {model}")
        try:
            loaded = spacy.blank(model) if model == self.language else spacy.load(model)
        except ImportError:
            raise UsageProblem(f"llm_pii: {model!r} is no language and no model of spaCy") from None
        engine: Any = presidio_analyzer.nlp_engine.SpacyNlpEngine(
            models=[{"lang_code": self.language, "model_name": model}]
        )
        engine.nlp = {self.language: loaded}
        self._analyzer: Any = presidio_analyzer.AnalyzerEngine(nlp_engine=engine, supported_languages=[self.language])

    def find(self, text: str, lowered: str) -> Iterator[Found]:
        """All that presidio takes for personal data."""
        for each in self._analyzer.analyze(text, language=self.language):
            if each.entity_type not in NOBODYS and each.start < each.end:
                yield Found(each.start, each.end, each.entity_type.lower().replace("_", "-"))

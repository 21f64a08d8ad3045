"""Personal data by presidio: names and places by a spaCy model, numbers and addresses by patterns. PYTEST_DONT_REWRITE

presidio: https://microsoft.github.io/presidio/. Nothing is fetched: a model has to be there, and the suffixes of
domains are those that come with tldextract.
"""

import re
from collections.abc import Iterator
from typing import Any

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.redaction.protocol import Found

NOBODYS = frozenset({"URL", "DATE_TIME"})
"""Kinds that are no person's, and that a replay needs."""
SURE = 0.4
"""The score from 0 to 1 from which a find counts: below it are guesses such as any word with a digit, which presidio
takes for a driver's licence of some state."""
MACHINES = re.compile(
    r"[0-9a-fA-F-]{8,64}|[+-]?[0-9.]{1,40}(?:e[+-]?[0-9]{1,3})?|"
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,20}(?:Z|[+-][0-9:]{2,6})?|[a-z]{2,12}[-_][A-Za-z0-9]{16,64}"
)
"""Texts that are ids, numbers or times as a whole: they hold digits, and nobody's data."""


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
        if MACHINES.fullmatch(text):
            return
        for each in self._analyzer.analyze(text, language=self.language, score_threshold=SURE):
            if each.entity_type not in NOBODYS and each.start < each.end:
                yield Found(each.start, each.end, each.entity_type.lower().replace("_", "-"))

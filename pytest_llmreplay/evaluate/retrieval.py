"""Evaluators of retrieval that need no model: which documents came, and what was quoted. PYTEST_DONT_REWRITE

A document is known by its id, else by how its text begins (``compare/documents.py``). Relevant are those that are
given, else those that production retrieved. Binary relevance throughout; sources: Manning, Raghavan and Schuetze,
Introduction to Information Retrieval (2008), chapter 8; Jarvelin and Kekalainen, Cumulated gain-based evaluation
(2002).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pytest_llmreplay.compare.documents import TEXTS, label
from pytest_llmreplay.evaluate.context import EvaluationContext
from pytest_llmreplay.evaluate.normal import normal
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.values import as_text
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

QUOTED = re.compile(r'["\u201c\u201e\u00ab]([^"\u201c\u201d\u201e\u00ab\u00bb]{1,500})["\u201d\u201c\u00bb]')
SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
LEAST_WORDS = 3
"""A sentence of fewer words says nothing that could be grounded."""
WAYS = ("unicode", "case", "space")
"""What no reader sees."""
FEW = 3
"""How many documents or quotations are named."""


@dataclass(frozen=True)
class Ranked(Evaluator):
    """What the measures of a ranking have in common."""

    own: ClassVar[bool] = True

    relevant: Sequence[str] | str | None = None
    """Ids of the documents that should come; production's where none are given."""
    k: int | None = field(default=None, kw_only=True)
    """Only the first so many count."""

    def __post_init__(self) -> None:
        if isinstance(self.relevant, str):
            object.__setattr__(self, "relevant", [self.relevant])
        if self.relevant is not None and not all(isinstance(each, str) for each in self.relevant):
            raise ValueError("relevant is a list of ids")
        if self.k is not None and (isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 1):
            raise ValueError(f"k is a whole number from 1, not {self.k!r}")

    def measure(self, got: Sequence[str], wanted: frozenset[str]) -> float:
        """The measure of a ranking."""
        raise TypeError(f"{type(self).__name__} does not say what it measures")

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Measure."""
        got = list(dict.fromkeys(map(label, ctx.documents)))[: self.k]
        given = self.relevant
        recorded = ctx.of_production()
        wanted = frozenset(map(label, recorded.documents if recorded else ()) if given is None else given)
        if not wanted:
            return Skip("no document is relevant: none are given, and production retrieved none")
        missing = sorted(wanted.difference(got))
        extra = [each for each in got if each not in wanted]
        words = [f"missing {few(missing)}"] * bool(missing) + [f"not relevant: {few(extra)}"] * bool(extra)
        evidence = tuple(Evidence(f"documents[{got.index(each)}]", each) for each in extra[:FEW])
        return Score(self.measure(got, wanted), "; ".join(words), evidence)


def few(ids: Sequence[str]) -> str:
    """The first ids of a list."""
    return ", ".join(ids[:FEW]) + (f" and {len(ids) - FEW} more" if len(ids) > FEW else "")


@dataclass(frozen=True)
class RetrievalPrecision(Ranked):
    """The share of the retrieved documents that are relevant; 0 where none was retrieved."""

    registered: ClassVar[str] = "retrieval_precision"

    def measure(self, got: Sequence[str], wanted: frozenset[str]) -> float:
        """Relevant ones of those retrieved."""
        return sum(each in wanted for each in got) / len(got) if got else 0.0


@dataclass(frozen=True)
class RetrievalRecall(Ranked):
    """The share of the relevant documents that were retrieved."""

    registered: ClassVar[str] = "retrieval_recall"

    def measure(self, got: Sequence[str], wanted: frozenset[str]) -> float:
        """Retrieved ones of those relevant."""
        return sum(each in wanted for each in got) / len(wanted)


@dataclass(frozen=True)
class Mrr(Ranked):
    """The reciprocal rank of the first relevant document; 0 where none came."""

    registered: ClassVar[str] = "mrr"

    def measure(self, got: Sequence[str], wanted: frozenset[str]) -> float:
        """One by the rank."""
        return next((1 / rank for rank, each in enumerate(got, 1) if each in wanted), 0.0)


@dataclass(frozen=True)
class Ndcg(Ranked):
    """Normalised discounted cumulative gain: 1 where all relevant documents come first."""

    registered: ClassVar[str] = "ndcg"

    def measure(self, got: Sequence[str], wanted: frozenset[str]) -> float:
        """The gain by that of the best order."""
        best = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(wanted), self.k or len(wanted)) + 1))
        return sum(1 / math.log2(rank + 1) for rank, each in enumerate(got, 1) if each in wanted) / best


@dataclass(frozen=True)
class Quoted(Evaluator):
    """The share of what the output quotes that stands in the documents, letter by letter but for case and blanks.

    Without quotation marks the sentences of the output count, each of three words or more. It tells what was copied,
    not what is true: a faithful paraphrase is not found.
    """

    registered: ClassVar[str] = "quoted"
    own: ClassVar[bool] = True

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Look for each quotation in the documents."""
        texts = [normal(text_of(each), WAYS) for each in ctx.documents]
        if not texts:
            return Skip("the run retrieved no document")
        quotations = QUOTED.findall(ctx.text) or [
            each.strip() for each in SENTENCE.findall(ctx.text) if len(each.split()) >= LEAST_WORDS
        ]
        if not quotations:
            return Skip("the output quotes nothing and holds no sentence")
        strange = [each for each in quotations if not any(normal(each, WAYS).strip(" .!?") in text for text in texts)]
        reason = f"in no document: {strange[0][:80]!r}" if strange else ""
        evidence = tuple(Evidence(f"output[{ctx.text.find(each)}]", each) for each in strange[:FEW])
        return Score(1 - len(strange) / len(quotations), reason, evidence)


def text_of(document: Any) -> str:
    """The text of a document."""
    if isinstance(document, dict):
        for name in TEXTS:
            if isinstance(document.get(name), str):
                return str(document[name])
    return as_text(document)

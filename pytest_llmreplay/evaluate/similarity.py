"""Evaluators of how alike two texts are. PYTEST_DONT_REWRITE"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, ClassVar

from pytest_llmreplay.errors import MissingExtra, nearest
from pytest_llmreplay.evaluate.context import EvaluationContext, Exchange, recorded
from pytest_llmreplay.evaluate.text import NOTHING_EXPECTED, OfText, first_difference, quoted
from pytest_llmreplay.model.call import Message, Text
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

METHODS = ("difflib", "indel", "levenshtein", "jaro_winkler", "token_sort", "token_set", "partial")
"""All but the first need rapidfuzz. ``indel`` is what difflib comes near to."""
MOST_PAIRS = 25_000_000
"""Characters of one text times those of the other that difflib may be asked about; it takes some seconds."""


@dataclass(frozen=True)
class LexicalSimilarity(OfText):
    """How alike the output and a text are in their letters, from 0 to 1. Give a ``threshold`` to judge by it."""

    registered: ClassVar[str] = "lexical_similarity"

    expected: Any = None
    """The text; without it what the test expects, else what production gave."""
    method: str = "difflib"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method not in METHODS:
            known = ", ".join(METHODS)
            raise ValueError(f"no method is named {self.method!r}{nearest(str(self.method), METHODS)}: {known}")
        if self.method != "difflib" and find_spec("rapidfuzz") is None:
            raise MissingExtra(f"lexical_similarity with method {self.method}", "rapidfuzz", "similarity")

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare."""
        reference = ctx.reference if self.expected is None else self.expected
        if reference is None:
            return NOTHING_EXPECTED
        expected, got = self.normal(reference), self.normal(ctx.output)
        if expected == got:
            return Score(1.0, "the same text")
        value = by_difflib(expected, got) if self.method == "difflib" else by_rapidfuzz(self.method, expected, got)
        return Score(value, first_difference(expected, got), (Evidence("output", ctx.output),))


@dataclass(frozen=True)
class EmbeddingSimilarity(OfText):
    """How alike the output and a text are in meaning: the cosine of their vectors, from -1 to 1.

    The vectors come from ``embed``, or are those that production's embedding steps hold of just these texts. Give a
    ``threshold`` to judge by it.
    """

    registered: ClassVar[str] = "embedding_similarity"
    own: ClassVar[bool] = False

    expected: Any = None
    """The text; without it what the test expects, else what production gave."""
    embed: Callable[[str], Iterable[float]] | None = None
    """A function of a text that returns its vector."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.embed is not None and not callable(self.embed):
            raise TypeError(f"embed is a function of a text, not {self.embed!r}")

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare. Raises ValueError for vectors that cannot be compared."""
        reference = ctx.reference if self.expected is None else self.expected
        if reference is None:
            return NOTHING_EXPECTED
        expected, got = self.normal(reference), self.normal(ctx.output)
        vectors = []
        for words, text in (("the output", got), ("what is expected", expected)):
            vector = self.recorded(ctx, text) if self.embed is None else tuple(map(float, self.embed(text)))
            if vector is None:
                return Skip(f"no embedding step has a vector of {words}, and embed is not given: {quoted(text)}")
            vectors.append(vector)
        return Score(cosine(*vectors), f"{quoted(got)} beside {quoted(expected)}")

    def recorded(self, ctx: EvaluationContext, text: str) -> tuple[float, ...] | None:
        """The vector that an embedding step of the run or of production holds for just this text."""
        for each in (*ctx.exchanges, *map(recorded, ctx.trace.steps)):
            if each.call.kind == "embedding":
                for asked, vector in pairs(each):
                    if self.normal(asked) == text:
                        return vector
        return None


def by_difflib(a: str, b: str) -> float:
    """The share of characters in matching blocks. Raises ValueError for texts that would take long."""
    from difflib import SequenceMatcher

    if len(a) * len(b) > MOST_PAIRS:
        raise ValueError(f"texts of {len(a):,} and {len(b):,} characters are too long for difflib; take method indel")
    return SequenceMatcher(None, a, b, autojunk=False).ratio()


def by_rapidfuzz(method: str, a: str, b: str) -> float:
    """A similarity of rapidfuzz, from 0 to 1."""
    from rapidfuzz import distance, fuzz

    distances = {"levenshtein": distance.Levenshtein, "jaro_winkler": distance.JaroWinkler}
    if method in distances:
        return float(distances[method].normalized_similarity(a, b))
    ratios = {
        "indel": fuzz.ratio,
        "token_sort": fuzz.token_sort_ratio,
        "token_set": fuzz.token_set_ratio,
        "partial": fuzz.partial_ratio,
    }
    return ratios[method](a, b) / 100


def pairs(exchange: Exchange) -> Iterable[tuple[str, tuple[float, ...]]]:
    """The texts of an embedding call, each with its vector; none where the trace does not hold one for each."""
    texts = list(map(spoken, exchange.call.messages))
    return zip(texts, exchange.answer.vectors, strict=True) if len(texts) == len(exchange.answer.vectors) else ()


def spoken(message: Message) -> str:
    """The text of a message."""
    return "".join(part.content for part in message.parts if isinstance(part, Text))


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """The cosine of the angle between two vectors. Raises ValueError where there is none."""
    if len(a) != len(b):
        raise ValueError(f"the vectors have {len(a)} and {len(b)} dimensions")
    lengths = math.hypot(*a) * math.hypot(*b)
    if not lengths or not math.isfinite(lengths):
        raise ValueError("a vector without a direction: all zero, or not finite")
    return max(-1.0, min(1.0, math.fsum(x * y for x, y in zip(a, b, strict=True)) / lengths))

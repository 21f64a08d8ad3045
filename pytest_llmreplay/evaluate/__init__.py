"""Judging what a run gave: the protocol, the evaluators that are built in, and adapters. PYTEST_DONT_REWRITE

``from pytest_llmreplay.evaluate import Contains, step``: each name is imported when it is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pytest_llmreplay.registry import BUILT_IN

if TYPE_CHECKING:
    from pytest_llmreplay.evaluate.adapters.autoevals import Autoevals as Autoevals
    from pytest_llmreplay.evaluate.adapters.deepeval import DeepEval as DeepEval
    from pytest_llmreplay.evaluate.adapters.openevals import OpenEvals as OpenEvals
    from pytest_llmreplay.evaluate.adapters.pydantic_evals import PydanticEvals as PydanticEvals
    from pytest_llmreplay.evaluate.adapters.ragas import Ragas as Ragas
    from pytest_llmreplay.evaluate.budgets import Cost as Cost
    from pytest_llmreplay.evaluate.budgets import Latency as Latency
    from pytest_llmreplay.evaluate.budgets import ModelCalls as ModelCalls
    from pytest_llmreplay.evaluate.budgets import Tokens as Tokens
    from pytest_llmreplay.evaluate.budgets import ToolCalls as ToolCalls
    from pytest_llmreplay.evaluate.context import EvaluationContext as EvaluationContext
    from pytest_llmreplay.evaluate.context import Exchange as Exchange
    from pytest_llmreplay.evaluate.context import StepFilter as StepFilter
    from pytest_llmreplay.evaluate.context import ToolUse as ToolUse
    from pytest_llmreplay.evaluate.context import step as step
    from pytest_llmreplay.evaluate.function import check as check
    from pytest_llmreplay.evaluate.judge import Judge as Judge
    from pytest_llmreplay.evaluate.protocol import Evaluator as Evaluator
    from pytest_llmreplay.evaluate.rag import AnswerRelevance as AnswerRelevance
    from pytest_llmreplay.evaluate.rag import ContextPrecision as ContextPrecision
    from pytest_llmreplay.evaluate.rag import ContextRecall as ContextRecall
    from pytest_llmreplay.evaluate.rag import Faithfulness as Faithfulness
    from pytest_llmreplay.evaluate.retrieval import Mrr as Mrr
    from pytest_llmreplay.evaluate.retrieval import Ndcg as Ndcg
    from pytest_llmreplay.evaluate.retrieval import Quoted as Quoted
    from pytest_llmreplay.evaluate.retrieval import RetrievalPrecision as RetrievalPrecision
    from pytest_llmreplay.evaluate.retrieval import RetrievalRecall as RetrievalRecall
    from pytest_llmreplay.evaluate.safety import Pii as Pii
    from pytest_llmreplay.evaluate.safety import PromptLeak as PromptLeak
    from pytest_llmreplay.evaluate.safety import Refusal as Refusal
    from pytest_llmreplay.evaluate.safety import Secrets as Secrets
    from pytest_llmreplay.evaluate.schema import JsonSchema as JsonSchema
    from pytest_llmreplay.evaluate.similarity import EmbeddingSimilarity as EmbeddingSimilarity
    from pytest_llmreplay.evaluate.similarity import LexicalSimilarity as LexicalSimilarity
    from pytest_llmreplay.evaluate.sql import SqlEqual as SqlEqual
    from pytest_llmreplay.evaluate.structure import JsonEqual as JsonEqual
    from pytest_llmreplay.evaluate.structure import Number as Number
    from pytest_llmreplay.evaluate.text import Contains as Contains
    from pytest_llmreplay.evaluate.text import EndsWith as EndsWith
    from pytest_llmreplay.evaluate.text import Exact as Exact
    from pytest_llmreplay.evaluate.text import Regex as Regex
    from pytest_llmreplay.evaluate.text import StartsWith as StartsWith
    from pytest_llmreplay.evaluate.trajectory import ForbiddenTools as ForbiddenTools
    from pytest_llmreplay.evaluate.trajectory import MaxSteps as MaxSteps
    from pytest_llmreplay.evaluate.trajectory import NoLoops as NoLoops
    from pytest_llmreplay.evaluate.trajectory import ToolsContain as ToolsContain
    from pytest_llmreplay.evaluate.trajectory import ToolsExact as ToolsExact
    from pytest_llmreplay.evaluate.trajectory import ToolsInOrder as ToolsInOrder
    from pytest_llmreplay.evaluate.trajectory import ToolsSameSet as ToolsSameSet
    from pytest_llmreplay.evaluate.trajectory import ToolsWithin as ToolsWithin
    from pytest_llmreplay.model.evaluation import Evidence as Evidence
    from pytest_llmreplay.model.evaluation import Score as Score
    from pytest_llmreplay.model.evaluation import Skip as Skip

HOMES = {
    "Autoevals": "pytest_llmreplay.evaluate.adapters.autoevals",
    "DeepEval": "pytest_llmreplay.evaluate.adapters.deepeval",
    "OpenEvals": "pytest_llmreplay.evaluate.adapters.openevals",
    "PydanticEvals": "pytest_llmreplay.evaluate.adapters.pydantic_evals",
    "Ragas": "pytest_llmreplay.evaluate.adapters.ragas",
    "EvaluationContext": "pytest_llmreplay.evaluate.context",
    "Evaluator": "pytest_llmreplay.evaluate.protocol",
    "Evidence": "pytest_llmreplay.model.evaluation",
    "Exchange": "pytest_llmreplay.evaluate.context",
    "Score": "pytest_llmreplay.model.evaluation",
    "Skip": "pytest_llmreplay.model.evaluation",
    "StepFilter": "pytest_llmreplay.evaluate.context",
    "ToolUse": "pytest_llmreplay.evaluate.context",
    "check": "pytest_llmreplay.evaluate.function",
    "step": "pytest_llmreplay.evaluate.context",
}
"""The module of each public name; of evaluators the registry knows it."""
HOMES.update((name, module) for module, _, name in (each.partition(":") for each in BUILT_IN["evaluators"].values()))

__all__ = sorted(HOMES)  # noqa: PLE0605  the registry knows the names

if not TYPE_CHECKING:  # a type checker knows the names from above

    def __getattr__(name: str) -> Any:
        """A public name, imported when it is asked for."""
        if name in HOMES:
            return getattr(import_module(HOMES[name]), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """The public names."""
    return __all__

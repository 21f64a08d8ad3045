"""Names and the objects behind them, imported on first use; entry points add more. PYTEST_DONT_REWRITE

Adding a format, dialect, provider, evaluator or reporter to this package touches one new file and one line below.
Another distribution adds one through the entry-point groups ``llmreplay.formats``, ``.dialects``, ``.providers``,
``.evaluators`` and ``.reporters``.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, TypeAlias

from pytest_llmreplay.errors import UsageProblem, nearest

Group: TypeAlias = Literal["formats", "dialects", "providers", "evaluators", "reporters"]

BUILT_IN: dict[Group, dict[str, str]] = {
    "formats": {  # asked in this order; the first that recognises a file reads it
        "vcr-cassette": "pytest_llmreplay.traces.formats.vcr_cassette:VcrCassette",
        "recorded-response": "pytest_llmreplay.traces.formats.recorded_response:RecordedResponse",
        "otlp-json": "pytest_llmreplay.traces.formats.otlp_json:OtlpJson",
        "case-file": "pytest_llmreplay.snapshots.caseformat:CaseFiles",
        "otlp-protobuf": "pytest_llmreplay.traces.formats.otlp_protobuf:OtlpProtobuf",
    },
    "dialects": {  # asked in this order; the first that knows a span reads it
        "raw-exchange": "pytest_llmreplay.traces.dialects.raw_exchange:RawExchanges",
        "realtime": "pytest_llmreplay.traces.dialects.realtime:Realtime",
        "bedrock": "pytest_llmreplay.traces.dialects.bedrock:BedrockSpans",
        "openinference": "pytest_llmreplay.traces.dialects.openinference:OpenInference",
        "anthropic-sdk": "pytest_llmreplay.traces.dialects.anthropic_sdk:AnthropicSdk",
        "genai-events": "pytest_llmreplay.traces.dialects.genai_events:GenAIEvents",
        "genai": "pytest_llmreplay.traces.dialects.genai:GenAI",
        "openllmetry-indexed": "pytest_llmreplay.traces.dialects.openllmetry_indexed:OpenLLMetryIndexed",
        "traceloop-functions": "pytest_llmreplay.traces.dialects.traceloop:TraceloopFunctions",
    },
    "providers": {
        "openai.chat": "pytest_llmreplay.providers.openai_chat:OpenAIChat",
        "openai.responses": "pytest_llmreplay.providers.openai_responses:OpenAIResponses",
        "openai.completions": "pytest_llmreplay.providers.openai_completions:OpenAICompletions",
        "cohere.embed": "pytest_llmreplay.providers.cohere_embed:CohereEmbed",
        "ollama.embed": "pytest_llmreplay.providers.ollama_embed:OllamaEmbed",
        "openai.embeddings": "pytest_llmreplay.providers.openai_embeddings:OpenAIEmbeddings",
        "anthropic.messages": "pytest_llmreplay.providers.anthropic_messages:AnthropicMessages",
        "mistral.chat": "pytest_llmreplay.providers.mistral_chat:MistralChat",
        "cohere.chat": "pytest_llmreplay.providers.cohere_chat:CohereChat",
        "cohere.v1.chat": "pytest_llmreplay.providers.cohere_v1:CohereV1Chat",
        "cohere.rerank": "pytest_llmreplay.providers.cohere_rerank:CohereRerank",
        "ollama.chat": "pytest_llmreplay.providers.ollama:Ollama",
        "bedrock.converse": "pytest_llmreplay.providers.bedrock_converse:BedrockConverse",
        "bedrock.invoke": "pytest_llmreplay.providers.bedrock_invoke:BedrockInvoke",
        "google.gemini": "pytest_llmreplay.providers.google_gemini:GoogleGemini",
        "google.embeddings": "pytest_llmreplay.providers.google_embeddings:GoogleEmbeddings",
    },
    "evaluators": {
        "exact": "pytest_llmreplay.evaluate.text:Exact",
        "contains": "pytest_llmreplay.evaluate.text:Contains",
        "starts_with": "pytest_llmreplay.evaluate.text:StartsWith",
        "ends_with": "pytest_llmreplay.evaluate.text:EndsWith",
        "regex": "pytest_llmreplay.evaluate.text:Regex",
        "lexical_similarity": "pytest_llmreplay.evaluate.similarity:LexicalSimilarity",
        "embedding_similarity": "pytest_llmreplay.evaluate.similarity:EmbeddingSimilarity",
        "json_schema": "pytest_llmreplay.evaluate.schema:JsonSchema",
        "json_equal": "pytest_llmreplay.evaluate.structure:JsonEqual",
        "number": "pytest_llmreplay.evaluate.structure:Number",
        "sql_equal": "pytest_llmreplay.evaluate.sql:SqlEqual",
        "latency": "pytest_llmreplay.evaluate.budgets:Latency",
        "tokens": "pytest_llmreplay.evaluate.budgets:Tokens",
        "cost": "pytest_llmreplay.evaluate.budgets:Cost",
        "model_calls": "pytest_llmreplay.evaluate.budgets:ModelCalls",
        "tool_calls": "pytest_llmreplay.evaluate.budgets:ToolCalls",
        "judge": "pytest_llmreplay.evaluate.judge:Judge",
        "faithfulness": "pytest_llmreplay.evaluate.rag:Faithfulness",
        "context_precision": "pytest_llmreplay.evaluate.rag:ContextPrecision",
        "context_recall": "pytest_llmreplay.evaluate.rag:ContextRecall",
        "answer_relevance": "pytest_llmreplay.evaluate.rag:AnswerRelevance",
        "pii": "pytest_llmreplay.evaluate.safety:Pii",
        "secrets": "pytest_llmreplay.evaluate.safety:Secrets",
        "refusal": "pytest_llmreplay.evaluate.safety:Refusal",
        "prompt_leak": "pytest_llmreplay.evaluate.safety:PromptLeak",
        "tools_exact": "pytest_llmreplay.evaluate.trajectory:ToolsExact",
        "tools_in_order": "pytest_llmreplay.evaluate.trajectory:ToolsInOrder",
        "tools_same_set": "pytest_llmreplay.evaluate.trajectory:ToolsSameSet",
        "tools_contain": "pytest_llmreplay.evaluate.trajectory:ToolsContain",
        "tools_within": "pytest_llmreplay.evaluate.trajectory:ToolsWithin",
        "forbidden_tools": "pytest_llmreplay.evaluate.trajectory:ForbiddenTools",
        "max_steps": "pytest_llmreplay.evaluate.trajectory:MaxSteps",
        "no_loops": "pytest_llmreplay.evaluate.trajectory:NoLoops",
        "retrieval_precision": "pytest_llmreplay.evaluate.retrieval:RetrievalPrecision",
        "retrieval_recall": "pytest_llmreplay.evaluate.retrieval:RetrievalRecall",
        "mrr": "pytest_llmreplay.evaluate.retrieval:Mrr",
        "ndcg": "pytest_llmreplay.evaluate.retrieval:Ndcg",
        "quoted": "pytest_llmreplay.evaluate.retrieval:Quoted",
    },
    "reporters": {
        "json": "pytest_llmreplay.report.json:JsonReport",
        "md": "pytest_llmreplay.report.markdown:MarkdownReport",
        "html": "pytest_llmreplay.report.html:HtmlReport",
    },
}


@cache
def targets(group: Group) -> dict[str, str]:
    """Every name of a group with its ``module:attribute``; built-in names come first and cannot be taken over."""
    from importlib.metadata import entry_points

    found = dict(BUILT_IN[group])
    for point in entry_points(group=f"llmreplay.{group}"):
        found.setdefault(point.name, point.value)
    return found


def is_known(group: Group, name: str) -> bool:
    """Whether something is registered under a name."""
    return name in BUILT_IN[group] or name in targets(group)


@cache
def load(group: Group, name: str) -> Any:
    """An instance of what is registered under a name. Raises UsageProblem for a name that nobody registered."""
    return find(group, name)()


@cache
def find(group: Group, name: str) -> Any:
    """What is registered under a name.

    Raises UsageProblem for a name that nobody registered, and for one of another distribution that cannot be imported.
    """
    from importlib import import_module

    known = BUILT_IN[group] if name in BUILT_IN[group] else targets(group)
    if name not in known:
        raise UsageProblem(f"no {group[:-1]} is named {name!r}{nearest(name, list(known))}")
    module, _, attribute = known[name].partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        if name in BUILT_IN[group]:
            raise
        place = f"the entry point {name!r} of the group llmreplay.{group}"
        raise UsageProblem(f"{place} leads to {known[name]}, which cannot be imported: {error}") from error


def one_by_one(group: Group) -> Iterator[Any]:
    """Instances of all that is registered in a group, in order, each loaded when it is its turn."""
    for name in BUILT_IN[group]:
        yield load(group, name)
    for name in targets(group):
        if name not in BUILT_IN[group]:
            yield load(group, name)


@cache
def every(group: Group) -> tuple[Any, ...]:
    """Instances of all that is registered in a group, in order."""
    return tuple(one_by_one(group))

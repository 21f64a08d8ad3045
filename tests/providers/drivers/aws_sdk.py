"""boto3: Converse, and InvokeModel in the body of each maker."""

import json
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Answer, Choice, Message, Reasoning, Text, Usage
from pytest_llmreplay.providers._bedrock_bodies import SHAPES
from pytest_llmreplay.providers._converse_stream import joined
from pytest_llmreplay.testing import Driver, Question, Seen, SeenChoice, Wire, conversations
from pytest_llmreplay.testing.conversations import COUNTS, NAMES, WORDS
from tests.providers.aws import bedrock_client
from tests.providers.drivers import _messages as plain
from tests.providers.sdks import at

PARTS = st.tuples(
    st.lists(st.builds(Reasoning, WORDS, st.none() | NAMES), max_size=1),
    st.lists(WORDS.map(Text), max_size=1),
    conversations.calls(),
).map(lambda groups: tuple(part for group in groups for part in group))
USAGES = st.builds(
    lambda plain, output, read, written: Usage(
        input=plain + (read or 0) + (written or 0), output=output, cache_read=read, cache_write=written
    ),
    COUNTS,
    COUNTS,
    st.none() | COUNTS,
    st.none() | COUNTS,
)


class Converse(Driver):
    """Converse and ConverseStream."""

    provider = "bedrock.converse"
    path = "/model/m/converse"
    failure = ClientError

    def answers(self) -> st.SearchStrategy[Answer]:
        reasons = ["end_turn", "max_tokens", "tool_use", "guardrail_intervened", "stop_sequence"]
        choice = st.builds(Choice, parts=PARTS, finish_reason=st.sampled_from(reasons))
        return st.builds(
            Answer,
            choices=choice.map(lambda each: (each,)),
            provider=st.just(self.provider),
            usage=USAGES,
            details=st.just({"metrics": {"latencyMs": 7}}),
        )

    def ask(self, wire: Wire, question: Question) -> Seen:
        first, *rest = question.messages
        system, turns = ([{"text": plain.words(first)}], rest) if first.role == "system" else ([], question.messages)
        asked: dict[str, Any] = {"modelId": "m", "system": system, "messages": [turn(each) for each in turns]}
        if question.tools:
            asked["toolConfig"] = {"tools": [spec(each) for each in question.tools]}
        if not question.stream:
            return seen(at(bedrock_client, wire).converse(**asked))
        found = at(bedrock_client, wire).converse_stream(**asked)
        events = [(kind, data) for event in found["stream"] for kind, data in event.items()]
        return seen(joined(events))


def spec(each: Any) -> dict[str, Any]:
    inner = {"name": each.name, "description": each.description, "inputSchema": {"json": each.parameters}}
    return {"toolSpec": inner}


def turn(message: Message) -> dict[str, Any]:
    if (told := plain.result(message)) is not None:
        result = {"toolUseId": told.id, "content": [{"text": told.content}]}
        return {"role": "user", "content": [{"toolResult": result}]}
    blocks: list[dict[str, Any]] = [{"text": said} for said in [plain.words(message)] if said]
    blocks += [
        {"toolUse": {"toolUseId": each.id, "name": each.name, "input": each.arguments}} for each in plain.calls(message)
    ]
    return {"role": message.role, "content": blocks}


def seen(body: Any) -> Seen:
    blocks = body["output"]["message"]["content"]
    used = [each["toolUse"] for each in blocks if "toolUse" in each]
    thoughts = [each["reasoningContent"]["reasoningText"] for each in blocks if "reasoningContent" in each]
    choice = SeenChoice(
        text="".join(each["text"] for each in blocks if "text" in each),
        reasoning="".join(each["text"] for each in thoughts),
        calls=tuple((each["name"], opened(each["input"]), each["toolUseId"]) for each in used),
        finish_reason=body["stopReason"],
    )
    usage = body["usage"]
    cached = usage.get("cacheReadInputTokens", 0) + usage.get("cacheWriteInputTokens", 0)
    return Seen(
        choices=(choice,),
        usage=(usage["inputTokens"] + cached, usage["outputTokens"]),
        more=[usage, body["metrics"], [each.get("signature") for each in thoughts]],
    )


def opened(given: Any) -> Any:
    return json.loads(given or "{}") if isinstance(given, str) else given


SAID: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "{}"}]}]
TYPED = {"amazon.nova": [{"text": "{}"}], "anthropic.messages": [{"type": "text", "text": "{}"}], "openai.chat": "{}"}
MAKERS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "anthropic.messages": (
        "us.anthropic.claude-3-5-sonnet-20240620-v1:0",
        {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 99, "messages": ...},
        ("end_turn", "max_tokens"),
    ),
    "amazon.nova": (
        "amazon.nova-micro-v1:0",
        {"schemaVersion": "messages-v1", "inferenceConfig": {"max_new_tokens": 99}, "messages": ...},
        ("end_turn", "max_tokens"),
    ),
    "openai.chat": (
        "openai.gpt-oss-20b-1:0",
        {"max_completion_tokens": 99, "messages": ...},
        ("stop", "length"),
    ),
    "amazon.titan": (
        "amazon.titan-text-express-v1",
        {"inputText": ..., "textGenerationConfig": {"maxTokenCount": 99}},
        ("FINISH", "LENGTH"),
    ),
    "meta.llama": ("meta.llama3-70b-instruct-v1:0", {"prompt": ..., "max_gen_len": 99}, ("stop", "length")),
    "mistral.text": ("mistral.mistral-7b-instruct-v0:2", {"prompt": ..., "max_tokens": 99}, ("stop", "length")),
    "cohere.command": ("cohere.command-text-v14", {"prompt": ..., "max_tokens": 99}, ("COMPLETE", "MAX_TOKENS")),
    "cohere.command-r": ("cohere.command-r-v1:0", {"message": ..., "max_tokens": 99}, ("COMPLETE", "MAX_TOKENS")),
    "anthropic.text": (
        "anthropic.claude-v2:1",
        {"prompt": ..., "max_tokens_to_sample": 99},
        ("stop_sequence", "max_tokens"),
    ),
    "openai.completions": (
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/mine",
        {"prompt": ..., "max_tokens": 99},
        ("stop", "length"),
    ),
}
"""Model, body with a place for what is asked, and reasons, by the shape of the body."""
UNCOUNTED = ("mistral.text", "cohere.command", "cohere.command-r", "anthropic.text")
"""Makers whose bodies have no counts."""


class Invoke(Driver):
    """InvokeModel and its stream, of one maker: one text is asked."""

    provider = "bedrock.invoke"
    failure = ClientError

    def __init__(self, shape: str) -> None:
        self.shape = shape
        self.model, self.body, self.reasons = MAKERS[shape]
        self.path = f"/model/{self.model}/invoke"

    @property
    def label(self) -> str:
        return f"{self.provider}:{self.shape}"

    def questions(self) -> st.SearchStrategy[Question]:
        return conversations.texts().map(lambda each: Question(messages=each.messages[:1]))

    def answers(self) -> st.SearchStrategy[Answer]:
        text = WORDS.map(Text)
        parts = st.tuples(text, conversations.calls() if self.shape in TYPED else st.just([])).map(
            lambda pair: (pair[0], *pair[1])
        )
        choice = st.builds(Choice, parts=parts, finish_reason=st.sampled_from(self.reasons))
        usage = st.none() if self.shape in UNCOUNTED else conversations.usages()
        return st.builds(Answer, choices=choice.map(lambda each: (each,)), provider=st.just(self.provider), usage=usage)

    def ask(self, wire: Wire, question: Question) -> Seen:
        (words,) = [plain.words(each) for each in question.messages]
        body = {name: filled(self.shape, words) if value is ... else value for name, value in self.body.items()}
        given = {"modelId": self.model, "body": json.dumps(body)}
        if not question.stream:
            return self.seen(json.loads(at(bedrock_client, wire).invoke_model(**given)["body"].read()))
        events = at(bedrock_client, wire).invoke_model_with_response_stream(**given)["body"]
        chunks = [json.loads(event["chunk"]["bytes"]) for event in events]
        usage = wire.answer.usage or Usage()
        counts = {"inputTokenCount": usage.input or 0, "outputTokenCount": usage.output or 0}
        assert counts.items() <= chunks[-1]["amazon-bedrock-invocationMetrics"].items()
        return self.seen(SHAPES[self.shape].joined(chunks))

    def stripped(self, answer: Answer) -> Answer:
        """Some makers' bodies have an id and a model that no trace holds."""
        return Answer(choices=answer.choices, provider=answer.provider, usage=answer.usage)

    def seen(self, body: Any) -> Seen:
        answer = SHAPES[self.shape].answer(body)
        usage = answer.usage
        return Seen(
            choices=tuple(map(SeenChoice.of, answer.choices)),
            usage=None if usage is None else (usage.input, usage.output),
        )


def filled(shape: str, words: str) -> Any:
    """What is asked, in the place for it."""
    if shape not in TYPED:
        return words
    content: Any = {"openai.chat": words, "amazon.nova": [{"text": words}]}.get(
        shape, [{"type": "text", "text": words}]
    )
    return [{"role": "user", "content": content}]


DRIVERS = (Converse(), *map(Invoke, MAKERS))

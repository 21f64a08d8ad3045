"""Bodies of InvokeModel, which each maker of models writes in its own way. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock user guide, "Inference request parameters and response fields for foundation models".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from pytest_llmreplay.model.call import Answer, Call, Choice, Message, Part, Text, ToolCall, Usage, finish_class
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.providers import _body, _sse, anthropic_messages, bedrock_converse, openai_chat
from pytest_llmreplay.providers._bedrock_vectors import COHERE_VECTORS, NOVA_VECTORS, TITAN_VECTOR
from pytest_llmreplay.providers._json import dumps, made_up

MAKER: Final = re.compile(r"(?:\A|[./])(ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.")
NAMES: Final = {
    **bedrock_converse.PARAMETERS,
    "max_gen_len": "max_tokens",
    "maxTokenCount": "max_tokens",
    "max_tokens_to_sample": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "p": "top_p",
    "k": "top_k",
    "stop": "stop_sequences",
}
"""Parameters that the GenAI conventions call otherwise."""
UNCOUNTED: Final = Usage()
CLASSES: Final = frozenset({"stop", "length", "tool_call", "content_filter", "error"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a text answer is made of."""

    text: str
    word: str | None = None
    """Why it ended; None within a stream."""
    usage: Usage = UNCOUNTED
    seed: str = ""
    model: str | None = None


class Shape(Protocol):
    """How one maker writes requests and answers."""

    @property
    def name(self) -> str:
        """Names the shape."""

    def call(self, body: Object) -> Call:
        """The question of a request."""

    def body(self, call: Call, answer: Answer) -> JSON:
        """A whole answer."""

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """An answer as the chunks of a stream."""

    def tells(self, body: Object) -> bool:
        """Whether a body is an answer of this shape."""

    def answer(self, body: Object) -> Answer:
        """The answer of a whole body."""

    def joined(self, chunks: list[Object]) -> Object:
        """The chunks of a stream put together to a whole body."""


def finish_word(choice: Choice, words: Mapping[str, str]) -> str:
    """The word for why a choice ended, out of a maker's own, which are given by their classes."""
    word = choice.finish_reason or ("tool_call" if any(isinstance(p, ToolCall) for p in choice.parts) else "stop")
    kind = finish_class(word)
    if word in words.values() or kind not in CLASSES:
        return word
    return words.get(kind, words["stop"])


def parameters(values: Object) -> dict[str, JSON]:
    """Request parameters under their GenAI names."""
    named = ((NAMES.get(name, name), value) for name, value in values.items() if value not in (None, []))
    return {k: [v] if k == "stop_sequences" and isinstance(v, str) else v for k, v in named}


def first(answer: Answer) -> Choice:
    """The first choice: InvokeModel gives one."""
    return answer.choices[0] if answer.choices else Choice()


class ClaudeMessages:
    """Anthropic's Messages."""

    name = "anthropic.messages"

    def __init__(self) -> None:
        self._api = anthropic_messages.AnthropicMessages()

    def call(self, body: Object) -> Call:
        """The question of a request; the version of the format is no part of it."""
        return self._api.call_of_body({k: v for k, v in body.items() if k not in ("anthropic_version", "modelId")})

    def body(self, call: Call, answer: Answer) -> JSON:
        """A ``message``; the model goes by Anthropic's own name."""
        named = answer.model or plain_name(call.model)
        return {**anthropic_messages.message_body(call, answer), "model": named}

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The events of Messages, without their frames."""
        for each in anthropic_messages.stream_events(body):
            for _, data in _sse.events(each):
                yield dict(members(_body.decode(data)))

    def tells(self, body: Object) -> bool:
        """A message with blocks."""
        return self._api.tells(body)

    def answer(self, body: Object) -> Answer:
        """The answer of a message."""
        return self._api.answer_of_body(body)

    def joined(self, chunks: list[Object]) -> Object:
        """The events put together."""
        return anthropic_messages.joined(b"".join(_sse.event(each) for each in chunks))


class NovaMessages:
    """Amazon Nova, which speaks as Converse does."""

    name = "amazon.nova"

    def __init__(self) -> None:
        self._api = bedrock_converse.BedrockConverse()

    def call(self, body: Object) -> Call:
        """The question of a request."""
        return self._api.call_of_body({k: v for k, v in body.items() if k != "modelId"})

    def body(self, call: Call, answer: Answer) -> JSON:
        """A message below ``output``; the counts of the cache have longer names than in Converse."""
        whole = bedrock_converse.message_body(answer)
        usage = members(whole["usage"])
        counts = {k.replace("InputTokens", "InputTokenCount"): v for k, v in usage.items()}
        return {"output": whole["output"], "stopReason": whole["stopReason"], "usage": {**counts, **plain_count(usage)}}

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The events of ConverseStream, each below its own name."""
        for kind, data in bedrock_converse.stream_events(body):
            yield {kind: data}

    def tells(self, body: Object) -> bool:
        """A message below ``output``."""
        return self._api.tells(body)

    def answer(self, body: Object) -> Answer:
        """The answer of a body."""
        return self._api.answer_of_body(body)

    def joined(self, chunks: list[Object]) -> Object:
        """The events put together."""
        return bedrock_converse.joined((kind, data) for each in chunks for kind, data in each.items())


def plain_count(usage: Object) -> dict[str, JSON]:
    """The count of the input under its own name."""
    return {"inputTokens": usage.get("inputTokens")}


class ChatMessages:
    """OpenAI's chat completions: gpt-oss, Jamba, Mistral's and other makers' newer models."""

    name = "openai.chat"

    def __init__(self) -> None:
        self._api = openai_chat.OpenAIChat()

    def call(self, body: Object) -> Call:
        """The question of a request."""
        return self._api.call_of_body({k: v for k, v in body.items() if k != "modelId"})

    def body(self, call: Call, answer: Answer) -> JSON:
        """A ``chat.completion``."""
        return openai_chat.completion(call, answer)

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The chunks of a stream with its usage, without their frames."""
        answer = self._api.answer_of_body(body)
        call = Call(kind="chat", stream=True, options={"include_usage": True})
        for each in openai_chat.chunks(call, answer):
            for _, data in _sse.events(each):
                if data != b"[DONE]":
                    yield dict(members(_body.decode(data)))

    def tells(self, body: Object) -> bool:
        """Choices with messages."""
        choices = items(body.get("choices"))
        return bool(choices) and all("message" in members(each) for each in choices)

    def answer(self, body: Object) -> Answer:
        """The answer of a completion."""
        return self._api.answer_of_body(body)

    def joined(self, chunks: list[Object]) -> Object:
        """The chunks put together."""
        return openai_chat.joined(b"".join(_sse.event(each) for each in chunks))


@dataclass(frozen=True, slots=True)
class TextShape:
    """A prompt and a text."""

    name: str
    prompt: str
    """Member of a request that holds the prompt."""
    finish: Mapping[str, str]
    """Words for the end by their classes."""
    whole: Callable[[Said], dict[str, Any]]
    """A body."""
    chunk: Callable[[Said], dict[str, Any]]
    """A chunk of a stream; the last has the counts of all."""
    words: Callable[[Object], tuple[str | None, str | None]]
    """Text and word for the end of a body or a chunk."""
    counts: Callable[[Object], tuple[Any, Any]] = lambda body: (None, None)
    """Counts of input and output."""
    nested: str | None = None
    """Member of a request that holds its parameters; None where they stand beside the prompt."""
    counts_first: bool = False
    """Whether a stream counts the input in its first chunk."""

    def call(self, body: Object) -> Call:
        """The question of a request: the prompt is a message of the user's."""
        given = {k: v for k, v in body.items() if k not in (self.prompt, self.nested, "modelId", "stream", "model")}
        inner = members(body.get(self.nested)) if self.nested else {}
        prompt = body.get(self.prompt)
        words = prompt if isinstance(prompt, str) else dumps(prompt)
        return Call(kind="chat", messages=(Message("user", (Text(words),)),), parameters=parameters({**given, **inner}))

    def body(self, call: Call, answer: Answer) -> JSON:
        """A whole answer."""
        choice = first(answer)
        word = finish_word(choice, self.finish)
        usage = answer.usage or UNCOUNTED
        return self.whole(Said(spoken(choice.parts), word, usage, answer.seed, answer.model or call.model))

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The text in pieces; the last has the counts and why it ended."""
        said, word = self.words(body)
        read, written = map(integer, self.counts(body))
        *before, last = _sse.pieces(said or "") or [""]
        for index, each in enumerate(before):
            yield self.chunk(Said(each, usage=Usage(input=read) if self.counts_first and not index else UNCOUNTED))
        told = Usage(input=None if before and self.counts_first else read, output=written)
        yield self.chunk(Said(last, word or "", told))

    def tells(self, body: Object) -> bool:
        """A text where this shape has it."""
        return self.words(body)[0] is not None

    def answer(self, body: Object) -> Answer:
        """The answer of a body."""
        said, word = self.words(body)
        read, written = map(integer, self.counts(body))
        usage = None if read is None and written is None else Usage(input=read, output=written)
        parts = (Text(said),) if said else ()
        return Answer(choices=(Choice(parts=parts, finish_reason=word),), id=text(body.get("id")), usage=usage)

    def joined(self, chunks: list[Object]) -> Object:
        """The chunks put together."""
        found = [self.words(each) for each in chunks]
        counts = [self.counts(each) for each in chunks]
        usage = Usage(input=counted(each[0] for each in counts), output=counted(each[1] for each in counts))
        word = next((word for _, word in reversed(found) if word), "")
        return self.whole(Said("".join(said or "" for said, _ in found), word, usage))


def counted(values: Iterable[Any]) -> int | None:
    """The last count of those that the chunks of a stream give."""
    found = [number for value in values if (number := integer(value)) is not None]
    return found[-1] if found else None


def spoken(parts: Iterable[Part]) -> str:
    """All that an answer says, as one text."""
    return "".join(text(getattr(part, "content", None)) or "" for part in parts)


def inner(body: Object, name: str) -> Object:
    """The first item of a list in a body."""
    found = items(body.get(name))
    return members(found[0]) if found else {}


def titan(said: Said) -> dict[str, Any]:
    """Amazon Titan's answer."""
    result = {"tokenCount": said.usage.output or 0, "outputText": said.text, "completionReason": said.word}
    return {"inputTextTokenCount": said.usage.input or 0, "results": [result]}


def titan_chunk(said: Said) -> dict[str, Any]:
    """A chunk of Amazon Titan's."""
    counts = {"totalOutputTextTokenCount": said.usage.output, "inputTextTokenCount": said.usage.input}
    return {"outputText": said.text, "index": 0, "completionReason": said.word, **counts}


def titan_words(body: Object) -> tuple[str | None, str | None]:
    """Text and word of Amazon Titan's."""
    found = inner(body, "results") or body
    return text(found.get("outputText")), text(found.get("completionReason"))


def titan_counts(body: Object) -> tuple[Any, Any]:
    """Counts of Amazon Titan's."""
    written = body.get("totalOutputTextTokenCount", inner(body, "results").get("tokenCount"))
    return body.get("inputTextTokenCount"), written


def llama(said: Said) -> dict[str, Any]:
    """Meta Llama's answer, and a chunk of it, which counts what was generated so far."""
    written = said.usage.output if said.usage.output is not None else 0
    counts = {"prompt_token_count": said.usage.input, "generation_token_count": written}
    return {"generation": said.text, **counts, "stop_reason": said.word}


def outputs(said: Said) -> dict[str, Any]:
    """Mistral's answer, and a chunk of it."""
    return {"outputs": [{"text": said.text, "stop_reason": said.word}]}


def command(said: Said) -> dict[str, Any]:
    """Cohere Command's answer."""
    result = {"finish_reason": said.word, "id": made_up(said.seed, "", 32), "text": said.text}
    return {"generations": [result], "id": made_up(said.seed, "c", 32), "prompt": ""}


def command_chunk(said: Said) -> dict[str, Any]:
    """A chunk of Cohere Command's."""
    if said.word is None:
        return {"text": said.text, "is_finished": False}
    return {"text": said.text, "is_finished": True, "finish_reason": said.word}


def command_words(body: Object) -> tuple[str | None, str | None]:
    """Text and word of Cohere Command's."""
    found = inner(body, "generations") or body
    return text(found.get("text")), text(found.get("finish_reason"))


def command_r(said: Said) -> dict[str, Any]:
    """Cohere Command R's answer."""
    ids = {"response_id": made_up(said.seed, "r", 32), "generation_id": made_up(said.seed, "", 32)}
    return {**ids, "text": said.text, "chat_history": [], "finish_reason": said.word}


def command_r_chunk(said: Said) -> dict[str, Any]:
    """A chunk of Cohere Command R's."""
    return {"event_type": "text-generation" if said.word is None else "stream-end", **command_chunk(said)}


def claude_text(said: Said) -> dict[str, Any]:
    """Anthropic's answer in the old form, and a chunk of it."""
    stop = "\n\nHuman:" if said.word == "stop_sequence" else None
    return {"type": "completion", "completion": said.text, "stop_reason": said.word, "stop": stop}


def completion(said: Said) -> dict[str, Any]:
    """A ``text_completion`` of DeepSeek's, of an imported model or of a SageMaker endpoint, and a chunk of it."""
    read, written = said.usage.input or 0, said.usage.output or 0
    counts = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    choice = {"index": 0, "text": said.text, "finish_reason": said.word, "stop_reason": said.word}
    head = {"id": made_up(said.seed, "cmpl-"), "object": "text_completion", "created": 0, "model": said.model}
    return {**head, "choices": [choice], **({"usage": counts} if said.usage != UNCOUNTED else {})}


def completion_words(body: Object) -> tuple[str | None, str | None]:
    """Text and word of a ``text_completion``."""
    found = inner(body, "choices")
    return text(found.get("text")), text(found.get("finish_reason")) or text(found.get("stop_reason"))


def completion_counts(body: Object) -> tuple[Any, Any]:
    """Counts of a ``text_completion``."""
    usage = members(body.get("usage"))
    return usage.get("prompt_tokens"), usage.get("completion_tokens")


COHERE: Final = {"stop": "COMPLETE", "length": "MAX_TOKENS", "content_filter": "ERROR_TOXIC", "error": "ERROR"}
PLAIN: Final = {"stop": "stop", "length": "length"}
TITAN = TextShape(
    name="amazon.titan",
    prompt="inputText",
    nested="textGenerationConfig",
    finish={"stop": "FINISH", "length": "LENGTH", "content_filter": "CONTENT_FILTERED"},
    whole=titan,
    chunk=titan_chunk,
    words=titan_words,
    counts=titan_counts,
    counts_first=True,
)
LLAMA = TextShape(
    name="meta.llama",
    prompt="prompt",
    finish=PLAIN,
    whole=llama,
    chunk=llama,
    words=lambda body: (text(body.get("generation")), text(body.get("stop_reason"))),
    counts=lambda body: (body.get("prompt_token_count"), body.get("generation_token_count")),
    counts_first=True,
)
MISTRAL = TextShape(
    name="mistral.text",
    prompt="prompt",
    finish=PLAIN,
    whole=outputs,
    chunk=outputs,
    words=lambda body: (text(inner(body, "outputs").get("text")), text(inner(body, "outputs").get("stop_reason"))),
)
COMMAND = TextShape(
    name="cohere.command",
    prompt="prompt",
    finish=COHERE,
    whole=command,
    chunk=command_chunk,
    words=command_words,
)
COMMAND_R = TextShape(
    name="cohere.command-r",
    prompt="message",
    finish=COHERE,
    whole=command_r,
    chunk=command_r_chunk,
    words=command_words,
)
CLAUDE_TEXT = TextShape(
    name="anthropic.text",
    prompt="prompt",
    finish={"stop": "stop_sequence", "length": "max_tokens"},
    whole=claude_text,
    chunk=claude_text,
    words=lambda body: (text(body.get("completion")), text(body.get("stop_reason"))),
)
COMPLETIONS = TextShape(
    name="openai.completions",
    prompt="prompt",
    finish=PLAIN,
    whole=completion,
    chunk=completion,
    words=completion_words,
    counts=completion_counts,
)


CLAUDE, NOVA, CHAT = ClaudeMessages(), NovaMessages(), ChatMessages()
SHAPES: Final[Mapping[str, Shape]] = {
    each.name: each
    for each in (
        CLAUDE, NOVA, CHAT, TITAN, LLAMA, MISTRAL, COMMAND, COMMAND_R, CLAUDE_TEXT, COMPLETIONS,
        TITAN_VECTOR, NOVA_VECTORS, COHERE_VECTORS,
    )
}  # fmt: skip
"""All shapes by their names."""
PROMPTS: Final[Mapping[str, Shape]] = {"anthropic": CLAUDE_TEXT, "meta": LLAMA, "mistral": MISTRAL, "cohere": COMMAND}
"""The shape of a prompt by the maker of the model."""


def shape_of(model: str | None, body: Object) -> Shape | None:
    """The shape of a request, by its members first: an ARN does not tell the model's maker."""
    found = MAKER.search(model or "")
    maker = found[1] if found else ""
    if "messages" in body:
        return message_shape(maker, body)
    if "taskType" in body or "singleEmbeddingParams" in body:
        return NOVA_VECTORS
    if "input_type" in body:
        return COHERE_VECTORS
    if "inputText" in body or "inputImage" in body:
        wants_text = "textGenerationConfig" in body or ("titan-text" in (model or "") and "inputImage" not in body)
        return TITAN if wants_text else TITAN_VECTOR
    if "message" in body:
        return COMMAND_R
    if "prompt" not in body:
        return None
    if "max_tokens_to_sample" in body:
        return CLAUDE_TEXT
    return LLAMA if "max_gen_len" in body else PROMPTS.get(maker, COMPLETIONS)


def message_shape(maker: str, body: Object) -> Shape:
    """The shape of a list of messages."""
    if "anthropic_version" in body or maker == "anthropic":
        return CLAUDE
    if maker == "amazon" or not {"schemaVersion", "inferenceConfig", "toolConfig"}.isdisjoint(body):
        return NOVA
    return CHAT


def plain_name(model: str | None) -> str:
    """A Claude by Anthropic's own name: without region, maker and version of the offer."""
    name = (model or "").rpartition("/")[2].rpartition("anthropic.")[2]
    if old := re.match(r"claude-v(\d+)(?::(\d+))?\Z", name):
        return f"claude-{old[1]}.{old[2] or 0}"
    return re.sub(r"-v\d+(:\d+)?\Z", "", name)

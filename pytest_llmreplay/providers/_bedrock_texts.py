"""Bodies of InvokeModel that hold a prompt and a text. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_llmreplay.model.call import Answer, Call, Choice, Message, Part, Text, ToolCall, Usage, finish_class
from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.providers import _sse
from pytest_llmreplay.providers._json import dumps, made_up

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


def finish_word(choice: Choice, words: Mapping[str, str]) -> str:
    """The word for why a choice ended, out of a maker's own, which are given by their classes."""
    word = choice.finish_reason or ("tool_call" if any(isinstance(p, ToolCall) for p in choice.parts) else "stop")
    kind = finish_class(word)
    if word in words.values() or kind not in CLASSES:
        return word
    return words.get(kind, words["stop"])


def first(answer: Answer) -> Choice:
    """The first choice: InvokeModel gives one."""
    return answer.choices[0] if answer.choices else Choice()


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
        return Call(kind="chat", messages=(Message("user", (Text(words),)),), parameters={**given, **inner})

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

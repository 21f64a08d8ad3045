"""Bodies of InvokeModel that hold messages, which APIs with a provider of their own write. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pytest_llmreplay.model.call import Answer, Call
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members
from pytest_llmreplay.providers import _converse_stream, _sse, anthropic_messages, bedrock_converse, openai_chat
from pytest_llmreplay.providers.protocol import Provider

ENVELOPE: Final = frozenset({"modelId", "anthropic_version"})
"""Members of a request that are no part of the question: the model's name in the path, the version of the format."""


class Spoken:
    """The bodies of an API that has a provider of its own."""

    name: str
    api: Provider

    def call(self, body: Object) -> Call:
        """The question of a request."""
        return self.api.call_of_body({k: v for k, v in body.items() if k not in ENVELOPE})

    def tells(self, body: Object) -> bool:
        """What the API's own answers look like."""
        return self.api.tells(body)

    def answer(self, body: Object) -> Answer:
        """The answer of a whole body."""
        return self.api.answer_of_body(body)


class ClaudeMessages(Spoken):
    """Anthropic's Messages."""

    name = "anthropic.messages"
    api = anthropic_messages.AnthropicMessages()

    def body(self, call: Call, answer: Answer) -> JSON:
        """A ``message``; the model goes by Anthropic's own name."""
        named = answer.model or plain_name(call.model)
        return {**anthropic_messages.message_body(call, answer), "model": named}

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The events of Messages, without their frames."""
        for each in anthropic_messages.stream_events(body):
            yield from map(dict, _sse.objects(each))

    def joined(self, chunks: list[Object]) -> Object:
        """The events put together."""
        return anthropic_messages.joined(b"".join(_sse.event(each) for each in chunks))


class NovaMessages(Spoken):
    """Amazon Nova, which speaks as Converse does."""

    name = "amazon.nova"
    api = bedrock_converse.BedrockConverse()

    def body(self, call: Call, answer: Answer) -> JSON:
        """A message below ``output``; the counts of the cache have longer names than in Converse."""
        whole = bedrock_converse.message_body(answer)
        counts = {k.replace("InputTokens", "InputTokenCount"): v for k, v in members(whole["usage"]).items()}
        return {"output": whole["output"], "stopReason": whole["stopReason"], "usage": counts}

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The events of ConverseStream, each below its own name."""
        for kind, data in _converse_stream.stream_events(body):
            yield {kind: data}

    def joined(self, chunks: list[Object]) -> Object:
        """The events put together."""
        return _converse_stream.joined((kind, data) for each in chunks for kind, data in each.items())


class ChatMessages(Spoken):
    """OpenAI's chat completions: gpt-oss, Jamba, Mistral's and other makers' newer models."""

    name = "openai.chat"
    api = openai_chat.OpenAIChat()

    def body(self, call: Call, answer: Answer) -> JSON:
        """A ``chat.completion``."""
        return openai_chat.completion(call, answer)

    def chunks(self, body: Object) -> Iterator[dict[str, Any]]:
        """The chunks of a stream with its usage, without their frames."""
        answer = self.api.answer_of_body(body)
        call = Call(kind="chat", stream=True, options={"include_usage": True})
        for each in openai_chat.chunks(call, answer):
            yield from map(dict, _sse.objects(each))

    def tells(self, body: Object) -> bool:
        """Choices with messages."""
        choices = items(body.get("choices"))
        return bool(choices) and all("message" in members(each) for each in choices)

    def joined(self, chunks: list[Object]) -> Object:
        """The chunks put together."""
        return openai_chat.joined(b"".join(_sse.event(each) for each in chunks))


def plain_name(model: str | None) -> str:
    """A Claude by Anthropic's own name: without region, maker and version of the offer."""
    name = (model or "").rpartition("/")[2].rpartition("anthropic.")[2]
    if old := re.match(r"claude-v(\d+)(?::(\d+))?\Z", name):
        return f"claude-{old[1]}.{old[2] or 0}"
    return re.sub(r"-v\d+(:\d+)?\Z", "", name)

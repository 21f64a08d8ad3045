"""Bodies of InvokeModel, which each maker of models writes in its own way. PYTEST_DONT_REWRITE

Source: the Amazon Bedrock user guide, "Inference request parameters and response fields for foundation models".
"""

import re
from collections.abc import Mapping
from typing import Final

from pytest_llmreplay.model.jsonvalue import Object
from pytest_llmreplay.providers._bedrock_messages import ChatMessages, ClaudeMessages, NovaMessages
from pytest_llmreplay.providers._bedrock_shape import Shape
from pytest_llmreplay.providers._bedrock_texts import (
    CLAUDE_TEXT,
    COMMAND,
    COMMAND_R,
    COMPLETIONS,
    LLAMA,
    MISTRAL,
    TITAN,
)
from pytest_llmreplay.providers._bedrock_vectors import COHERE_VECTORS, NOVA_VECTORS, TITAN_VECTOR

MAKER: Final = re.compile(r"(?:\A|[./])(ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen)\.")


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


def chunk_shape(chunk: Object) -> Shape:
    """The shape that the first chunk of a stream tells. Raises ValueError."""
    if chunk.get("type") in ("message_start", "message"):
        return CLAUDE
    if not {"messageStart", "contentBlockDelta", "contentBlockStart", "messageStop"}.isdisjoint(chunk):
        return NOVA
    if chunk.get("object") == "chat.completion.chunk":
        return CHAT
    if "event_type" in chunk:
        return COMMAND_R
    texts = (TITAN, LLAMA, MISTRAL, CLAUDE_TEXT, COMPLETIONS, COMMAND)
    found = next((each for each in texts if each.tells(chunk)), None)
    if found is None:
        raise ValueError("the first chunk is of no maker's that is known")
    return found

"""Which stage of an application a difference belongs to: retriever, prompt, generator or tool. PYTEST_DONT_REWRITE"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pytest_llmreplay.compare.canonical import turns
from pytest_llmreplay.model.call import Kind
from pytest_llmreplay.model.recording import Difference, Stage
from pytest_llmreplay.model.trace import Step

MESSAGE = re.compile(r"messages\[(\d+)\]")
SHORTEST_DOCUMENT = 20
"""Characters of a document's text that make it recognisable in a prompt."""

OF_FUNCTIONS: Final[Mapping[Kind, Stage]] = {"retrieval": "retriever", "tool": "tool", "function": "prompt"}
"""Of functions, whatever differs."""
OF_CALLS: Final[Mapping[Kind, Stage]] = {
    "chat": "generator",
    "completion": "generator",
    "embedding": "retriever",
    "rerank": "retriever",
}
"""Of calls that are left out."""


def stage_of(step: Step | None, differences: Sequence[Difference], steps: Sequence[Step] = ()) -> Stage | None:
    """The stage that the differences of a step belong to, or None where nothing says so.

    Of a model call: the retriever if the text of a recorded document is gone from its messages, the tool if a tool's
    result differs, the prompt if any other message does, the generator if only model or parameters do. What is embedded
    or ranked is what a retriever is asked.
    """
    if step is None:
        return None
    if (own := OF_FUNCTIONS.get(step.call.kind)) is not None:
        return own
    if not differences or step.call.kind == "http":
        return None
    changed = [each for each in differences if each.path.startswith("messages")]
    if not changed:
        return "generator"
    if step.call.kind in ("embedding", "rerank") or lost_document(step, changed, steps):
        return "retriever"
    roles = [turn[0] for turn in turns(step.call.messages, step.call.known.lost)]
    found = MESSAGE.match(changed[0].path)
    index = int(found[1]) if found else len(roles)
    return "tool" if index < len(roles) and roles[index] == "tool" else "prompt"


def stage_of_unasked(step: Step) -> Stage | None:
    """The stage that a step belongs to which nobody asks for any more, or None for a request that is no model call."""
    return OF_FUNCTIONS.get(step.call.kind) or OF_CALLS.get(step.call.kind)


def lost_document(step: Step, changed: Sequence[Difference], steps: Sequence[Step]) -> bool:
    """Whether a document of an earlier retriever is gone from the messages, or in another order there."""
    recorded = " ".join(str(each.recorded) for each in changed)
    live = " ".join(str(each.live) for each in changed)
    before = (each for each in steps if each.call.kind == "retrieval" and each.index < step.index)
    texts = [text for each in before if each.answer.returned for text in document_texts(each.answer.returned.value)]
    if any(text in recorded and text not in live for text in texts):
        return True
    both = [text for text in dict.fromkeys(texts) if text in recorded and text in live]
    return sorted(both, key=recorded.index) != sorted(both, key=live.index)


def document_texts(value: Any) -> Iterator[str]:
    """The longer texts in a retriever's output."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if len(each) >= SHORTEST_DOCUMENT:
                yield each
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each

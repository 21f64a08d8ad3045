"""How two calls differ, and how far they are apart; the home of deepdiff. PYTEST_DONT_REWRITE"""

import json
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

from pytest_llmreplay.compare.canonical import (
    Flag,
    Frozen,
    Turn,
    canonical,
    folded,
    frozen,
    model_name,
    tool,
    tools,
    turns,
)
from pytest_llmreplay.model.call import EVERYTHING, Call, Known
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.recording import Difference

TEXT_LIMIT = 4_000
"""Characters of a text that a distance looks at."""
WORD = re.compile(r"\w{4,}")
"""Words that say something: not "is", "the", "a"."""
LEAF_LIMIT = 20_000
"""Largest JSON text of a value that is taken apart leaf by leaf."""


def differences(recorded: Call, live: Call) -> tuple[Difference, ...]:
    """Every place where a live call differs from a recorded one, in what the recorded one knows. Empty: the same."""
    known = recorded.known
    if canonical(recorded, known) == canonical(live, known):
        return ()
    return tuple(_differences(recorded, live, known))


def _differences(recorded: Call, live: Call, known: Known) -> Iterator[Difference]:
    if recorded.provider and live.provider and recorded.provider != live.provider:
        yield Difference("provider", recorded.provider, live.provider)
    if "model" in known.fields and model_name(recorded.model, known) != model_name(live.model, known):
        yield Difference("model", recorded.model, live.model)
    if "messages" in known.fields:
        yield from turn_differences(turns(recorded.messages, known.lost), turns(live.messages, known.lost))
    if "tools" in known.fields:
        yield from tool_differences(recorded, live, known)
    names = known.parameters
    if names == EVERYTHING:
        names = frozenset({*recorded.parameters, *live.parameters})
    for name in sorted(names):
        old, new = (folded(each.parameters.get(name), known.lost) for each in (recorded, live))
        yield from value_differences(name, old, new)


def turn_differences(recorded: tuple[Turn, ...], live: tuple[Turn, ...]) -> Iterator[Difference]:
    """Differences between two conversations; messages that were put in or left out are named as such."""
    for op, i1, i2, j1, j2 in SequenceMatcher(None, recorded, live, autojunk=False).get_opcodes():
        if op == "equal":
            continue
        for offset in range(max(i2 - i1, j2 - j1)):
            old = recorded[i1 + offset] if i1 + offset < i2 else None
            new = live[j1 + offset] if j1 + offset < j2 else None
            index = i1 + offset if old is not None else j1 + offset
            yield from message_differences(f"messages[{index}]", old, new)


def message_differences(path: str, old: Turn | None, new: Turn | None) -> Iterator[Difference]:
    """Differences between two messages, part by part."""
    if old is None or new is None:
        yield Difference(path, old and spoken(old), new and spoken(new))
        return
    if old[0] != new[0]:
        yield Difference(f"{path}.role", old[0], new[0])
    for index in range(max(len(old[1]), len(new[1]))):
        a = old[1][index] if index < len(old[1]) else None
        b = new[1][index] if index < len(new[1]) else None
        if a != b:
            yield from part_differences(path, index, a, b)


def part_differences(path: str, index: int, a: Frozen, b: Frozen) -> Iterator[Difference]:
    """Differences between two parts at one position of a message."""
    if isinstance(a, str) and isinstance(b, str):
        yield Difference(f"{path}.content", a, b)
    elif kind_of(a) == kind_of(b) == "call" and a[1] == b[1]:
        yield from value_differences(f"{path}.tool_calls[{index}].{a[1]}", thawed(a[2]), thawed(b[2]))
        yield from value_differences(f"{path}.tool_calls[{index}].id", a[3], b[3])
    elif kind_of(a) == kind_of(b) == "result":
        yield from value_differences(f"{path}.content", a[1], b[1])
        yield from value_differences(f"{path}.tool_call_id", a[2], b[2])
    else:
        yield Difference(f"{path}.parts[{index}]", part_text(a), part_text(b))


def tool_differences(recorded: Call, live: Call, known: Known) -> Iterator[Difference]:
    """Tools that came, went or changed, by name."""
    old = {each.name: each for each in tools(recorded, known)}
    new = {each.name: each for each in tools(live, known)}
    for name in (*old, *(each for each in new if each not in old)):
        if name not in old or name not in new:
            yield Difference(f"tools.{name}", name if name in old else None, name if name in new else None)
            continue
        a, b = tool(old[name], known.lost), tool(new[name], known.lost)
        for label, x, y in zip(("description", "parameters", "options"), a[1:], b[1:], strict=True):
            if x != y:
                yield from value_differences(f"tools.{name}.{label}", thawed(x), thawed(y))
    if list(old) != list(new) and old.keys() == new.keys():
        yield Difference("tools", list(old), list(new))


def value_differences(path: str, a: Any, b: Any) -> Iterator[Difference]:
    """Differences between two JSON values; containers are taken apart leaf by leaf."""
    if frozen(a) == frozen(b):
        return
    found: list[Difference] = []
    if isinstance(a, dict | list) and type(a) is type(b) and len(str(a)) + len(str(b)) < LEAF_LIMIT:
        from deepdiff import DeepDiff

        delta = DeepDiff(a, b, view="tree")
        leaves = [leaf for group in delta.values() for leaf in group]
        for leaf in sorted(leaves, key=lambda each: str(each.path())):
            where = leaf.path(root="", output_format="str").replace("['", ".").replace("']", "")
            found.append(Difference(path + where, plain(leaf.t1), plain(leaf.t2)))
    yield from [each for each in found if frozen(each.recorded) != frozen(each.live)] or [Difference(path, a, b)]


def plain(value: Any) -> JSON:
    """A leaf of deepdiff as JSON: what is not there is None."""
    return None if type(value).__name__ == "NotPresent" else value


def kind_of(part: Frozen) -> str:
    """The kind of a canonical part."""
    return part[0] if isinstance(part, tuple) else "text"


def thawed(value: Frozen) -> Any:
    """A frozen value as plain JSON again."""
    if isinstance(value, Flag):
        return value.value
    if not isinstance(value, tuple):
        return value
    if value[:1] == ("[]",):
        return [thawed(each) for each in value[1:]]
    return {key: thawed(each) for key, each in value}


def part_text(part: Frozen) -> JSON:
    """A canonical part as a reader may see it."""
    if part is None or isinstance(part, str):
        return part
    if part[0] == "call":
        return f"{part[1]}({json.dumps(thawed(part[2]), ensure_ascii=False)})"
    if part[0] == "result":
        return str(part[1])
    return f"<{' '.join(str(each) for each in part[:3])}>"


def spoken(turn: Turn) -> str:
    """A whole message on one line: ``role: parts``."""
    return f"{turn[0]}: " + " ".join(str(part_text(part)) for part in turn[1])


def distance(recorded: Call, live: Call) -> float:
    """How far apart two calls are over their messages: 0 for the same, about 1 for each wholly different message."""
    lost = recorded.known.lost
    a, b = turns(recorded.messages, lost), turns(live.messages, lost)
    shared = min(len(a), len(b))
    apart = float(max(len(a), len(b)) - shared)
    for old, new in zip(a[:shared], b[:shared], strict=True):
        if old != new:
            apart += 1.0 - likeness(spoken(old), spoken(new))
    if model_name(recorded.model, recorded.known) != model_name(live.model, recorded.known):
        apart += 0.01
    if recorded.kind != live.kind:
        apart += 10.0
    return apart


def share_words(recorded: Call, live: Call) -> bool:
    """Whether a message of one call holds most words of one of the other; True where messages are not recorded."""
    lost = recorded.known.lost
    told, said = ([words_of(turn) for turn in turns(each.messages, lost)] for each in (recorded, live))
    near = (2 * len(a & b) > min(len(a), len(b)) for a in told for b in said if a and b)
    return "messages" not in recorded.known.fields or any(near)


def words_of(turn: Turn) -> frozenset[str]:
    """The longer words of a message, without its role; all words where it has no longer ones."""
    text = spoken(turn).partition(": ")[2][:TEXT_LIMIT].lower()
    return frozenset(WORD.findall(text) or text.split())


def same_shape(recorded: Call, live: Call) -> bool:
    """Whether two calls have messages of the same roles, in the same order."""
    told, said = (turns(each.messages, recorded.known.lost) for each in (recorded, live))
    return [turn[0] for turn in told] == [turn[0] for turn in said]


def likeness(a: str, b: str) -> float:
    """Share of words that two texts have in common, 0 to 1 (Dice)."""
    words_a, words_b = set(a[:TEXT_LIMIT].split()), set(b[:TEXT_LIMIT].split())
    total = len(words_a) + len(words_b)
    return 2 * len(words_a & words_b) / total if total else 1.0

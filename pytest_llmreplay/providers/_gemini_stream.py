"""Gemini's answers in pieces: taken apart, and put together. PYTEST_DONT_REWRITE

Source: the Gemini API reference, ``streamGenerateContent``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pytest_llmreplay.model.jsonvalue import JSON, Object, integer, items, members, text
from pytest_llmreplay.providers import _body, _sse
from pytest_llmreplay.providers._gemini_spelling import fields


def chunks(body: Object) -> Iterator[JSON]:
    """An answer in pieces: each is a whole response with a piece of one candidate; the last one counts the tokens."""
    frame = {k: v for k, v in body.items() if k in ("modelVersion", "responseId", "createTime")}
    candidates = [members(each) for each in items(body.get("candidates"))]
    pieces = [piece for each in candidates for piece in candidate_pieces(each)]
    for piece in pieces[:-1]:
        yield {"candidates": [piece], **frame}
    yield {**body, "candidates": pieces[-1:]} if pieces else body


def candidate_pieces(each: Object) -> Iterator[dict[str, JSON]]:
    """A candidate in pieces; why it ended and what else is known of it comes with the last."""
    content = members(each.get("content"))
    pieces = [piece for part in items(content.get("parts")) for piece in part_pieces(members(part))]
    place = {"index": each["index"]} if "index" in each else {}
    for piece in pieces[:-1]:
        yield {"content": {"parts": [piece], "role": content.get("role")}, **place}
    last = {**content, "parts": pieces[-1:]} if pieces else content
    yield {**each, "content": last}


def part_pieces(part: Object) -> Iterator[dict[str, JSON]]:
    """A text in pieces, the seal on the last; any other part whole."""
    words = text(part.get("text"))
    if not words:
        yield dict(part)
        return
    *first, last = _sse.pieces(words)
    for piece in first:
        yield {**{k: v for k, v in part.items() if k != "thoughtSignature"}, "text": piece}
    yield {**part, "text": last}


def whole(body: bytes) -> Object:
    """A response as one object: it is one, or a list or stream of pieces."""
    start = body.lstrip()[:1]
    if start == b"{":
        return members(_body.decode(body))
    if start == b"[":
        return joined(items(_body.decode(body)))
    return joined(_sse.objects(body))


def joined(pieces: Iterable[Any]) -> Object:
    """A stream put together to one response."""
    out: dict[str, Any] = {}
    candidates: dict[int, dict[str, Any]] = {}
    for piece in map(fields, pieces):
        for position, each in enumerate(map(fields, items(piece.pop("candidates", None)))):
            index = integer(each.get("index"))
            add_candidate(candidates.setdefault(position if index is None else index, {}), each)
        out |= {name: value for name, value in piece.items() if value is not None}
    return {**out, "candidates": [candidates[index] for index in sorted(candidates)]}


def add_candidate(slot: dict[str, Any], each: Object) -> None:
    """Add one piece of a candidate to what is put together so far."""
    content = fields(each.get("content"))
    parts: list[Any] = members(slot.get("content")).get("parts") or []
    for part in map(fields, items(content.get("parts"))):
        add_part(parts, part)
    role = content.get("role") or members(slot.get("content")).get("role")
    slot.update({name: value for name, value in each.items() if value is not None})
    slot["content"] = {"parts": parts, "role": role}


def add_part(parts: list[Any], part: dict[str, Any]) -> None:
    """Add a part; text goes on in the part before where that is text of the same kind and not sealed."""
    last = parts[-1] if parts else {}
    goes_on = isinstance(part.get("text"), str) and isinstance(last.get("text"), str)
    if goes_on and "thoughtSignature" not in last and bool(part.get("thought")) == bool(last.get("thought")):
        parts[-1] = {**last, **part, "text": last["text"] + part["text"]}
    else:
        parts.append(part)

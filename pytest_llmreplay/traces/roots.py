"""What the outermost spans say of a request: its input and output, its ids and labels. PYTEST_DONT_REWRITE"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.model.jsonvalue import JSON, Object, items, members, text

REQUEST = ("request_id", "request.id", "requestId", "req_id", "client_request_id", "correlation_id")
SESSION = ("session.id", "gen_ai.conversation.id", "session_id", "conversation_id", "thread_id")
PREFIXES = ("traceloop.association.properties.", "app.", "http.", "langsmith.metadata.", "langfuse.trace.metadata.", "")
SLUG_LENGTH = 24
SUSPECT = re.compile(r"[A-Za-z0-9_.-]{12}|(?i:pass|secret|token|key|pwd|pin)|[0-9]{4}[ -][0-9]{4}|://|=")
"""What a secret has somewhere, and most questions have not."""


def opened(value: Any) -> Any:
    """A value that may hold JSON as text; the text itself where it does not."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return value


def arguments_of(attributes: Object) -> Arguments | None:
    """The arguments that a span's function was called with, by name where names are known; None where not recorded."""
    if (given := attributes.get("traceloop.entity.input")) is not None:
        value = opened(given)
        if isinstance(value, Mapping) and value.keys() <= {"args", "kwargs"}:
            return Arguments(tuple(items(value.get("args"))), dict(members(value.get("kwargs"))))
        return Arguments((value,))
    if (given := attributes.get("input.value")) is not None:
        is_json = attributes.get("input.mime_type") == "application/json"
        value = opened(given) if is_json else given
        return Arguments(named=dict(value)) if isinstance(value, Mapping) else Arguments((value,))
    if (given := attributes.get("app.input")) is not None:
        value = opened(given) if isinstance(given, str) and given[:1] in "{[" else given
        return Arguments(named=dict(value)) if isinstance(value, Mapping) else Arguments((value,))
    return None


def output_of(attributes: Object) -> JSON:
    """What a span's function returned; None where not recorded."""
    if (given := attributes.get("traceloop.entity.output")) is not None:
        return as_json(opened(given))
    if (given := attributes.get("output.value")) is not None:
        return as_json(opened(given) if attributes.get("output.mime_type") == "application/json" else given)
    given = attributes.get("app.output")
    return as_json(opened(given) if isinstance(given, str) and given[:1] in ("{", "[") else given)


def as_json(value: Any) -> JSON:
    """A decoded value under its type."""
    found: JSON = value
    return found


@cache
def prefixed(names: tuple[str, ...]) -> Mapping[str, None]:
    """Names under every usual prefix, in the order in which they are tried."""
    return {prefix + name: None for name in names for prefix in PREFIXES}


def label(attributes: Object, names: Sequence[str]) -> str | None:
    """The first of several names that an attribute has, plain, under a usual prefix, or inside ``metadata``."""
    keys = prefixed(tuple(names))
    if not attributes.keys().isdisjoint(keys):
        for key in keys:
            if (value := attributes.get(key)) is not None:
                return str(value)
    inside = members(opened(attributes.get("metadata")))
    return next((str(inside[name]) for name in names if inside.get(name) is not None), None)


def tags_of(attributes: Object) -> tuple[str, ...]:
    """Labels given in production."""
    value = opened(attributes.get("tag.tags"))
    return tuple(map(str, value)) if isinstance(value, list) else ()


def slug(attributes: Object, name: str) -> str:
    """A readable name of a request: the first words of its input, else the root span's name, in ``[a-z0-9-]``."""
    arguments = arguments_of(attributes)
    words = "" if arguments is None else first_text(arguments)
    return slugged(words) or slugged(name) or "trace"


def first_text(arguments: Arguments) -> str:
    """The longest text among the arguments: questions are longer than flags and ids."""
    values = [*arguments.positional, *arguments.named.values()]
    texts = [found for value in values if (found := text(value)) is not None]
    return max(texts, key=len, default="")


def slugged(words: str) -> str:
    """Up to 24 characters of ``[a-z0-9-]``, cut at a word, and nothing of a secret."""
    if SUSPECT.search(words, 0, 200):
        from pytest_llmreplay.redaction.redactor import redactor

        words = redactor().text(words[:2000])
    ascii_words = unicodedata.normalize("NFKD", words[:200]).encode("ascii", "ignore").decode().lower()
    whole = re.sub(r"[^a-z0-9]+", "-", ascii_words).strip("-")
    if len(whole) <= SLUG_LENGTH:
        return whole
    cut = whole[: SLUG_LENGTH + 1].rpartition("-")[0]
    return cut if len(cut) >= SLUG_LENGTH // 2 else whole[:SLUG_LENGTH].strip("-")

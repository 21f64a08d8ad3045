"""Values of the application as JSON, and recorded JSON as values of the application. PYTEST_DONT_REWRITE"""

import builtins
import sys
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from pytest_llmreplay.model.call import Failure

UNSEEN = object()
"""Stands for a value that has no JSON form; it is not compared."""
NO_TYPE = (None, Any, type(None), object)


def as_json(value: Any) -> Any:
    """A value as plain JSON; UNSEEN where it has no such form."""
    try:
        return with_lists(msgspec.to_builtins(value, enc_hook=plain_object, str_keys=True))
    except Exception:  # an object's own method may raise anything
        return UNSEEN


def with_lists(value: Any) -> Any:
    """Plain data with lists for its tuples, as JSON has them."""
    if isinstance(value, dict):
        return {key: with_lists(each) for key, each in value.items()}
    return [with_lists(each) for each in value] if isinstance(value, list | tuple) else value


def plain_object(value: Any) -> Any:
    """An object of a well-known library as plain data. Raises NotImplementedError for any other."""
    for name in ("model_dump", "to_dict", "tolist", "dict"):
        method = getattr(value, name, None)
        if callable(method) and not isinstance(value, type):
            return method()
    raise NotImplementedError(type(value).__name__)


class Restorer:
    """Recorded values as the types that a function's annotation names."""

    def __init__(self, annotation: Any, codec: Callable[[Any], Any] | None) -> None:
        if typing.get_origin(annotation) is Iterable:
            annotation = list[typing.get_args(annotation)[0]]  # type: ignore[misc]
        self._annotation = annotation
        self._codec = codec

    @property
    def _may_be_none(self) -> bool:
        """Whether None is of the type, and a text is not: OpenInference writes None as text."""
        kinds = typing.get_args(self._annotation)
        return self._annotation is type(None) or (type(None) in kinds and str not in kinds)

    def restored(self, value: Any) -> Any:
        """The value as the application's own type. Raises ValueError that names the type where that cannot be done."""
        if self._codec is not None:
            return self._codec(value)
        if value == "None" and self._may_be_none:
            return None
        if self._annotation in NO_TYPE or isinstance(self._annotation, str):
            return value
        try:
            return msgspec.convert(value, self._annotation, strict=False, dec_hook=built)
        except (msgspec.ValidationError, TypeError, ValueError, RecursionError) as error:
            name = getattr(self._annotation, "__qualname__", str(self._annotation))
            raise ValueError(f"the recorded output does not make a {name}: {error}") from None


def built(kind: Any, value: Any) -> Any:
    """An object of a type that msgspec does not know: a pydantic model, a document of a framework, an array."""
    module, name = getattr(kind, "__module__", ""), getattr(kind, "__name__", "")
    if isinstance(value, Mapping) and name == "Document" and module.startswith("langchain"):
        words = value.get("page_content", value.get("content", value.get("text", "")))
        return kind(page_content=words, metadata=value.get("metadata") or {}, id=value.get("id"))
    if isinstance(value, Mapping) and name == "NodeWithScore" and "node" not in value:
        return node_with_score(kind, value)
    if hasattr(kind, "model_validate"):
        return kind.model_validate(value)
    if name == "ndarray" and module == "numpy":
        return sys.modules["numpy"].array(value)
    if isinstance(kind, type) and isinstance(value, kind):
        return value
    raise TypeError(f"no way to make a {name} of JSON")


def node_with_score(kind: Any, value: Mapping[str, Any]) -> Any:
    """A LlamaIndex node of a recorded document."""
    node = sys.modules["llama_index.core.schema"].TextNode(
        text=value.get("content", value.get("text", "")), metadata=value.get("metadata") or {}
    )
    if value.get("id") is not None:
        node.id_ = str(value["id"])
    return kind(node=node, score=value.get("score"))


def exception(failure: Failure) -> Exception:
    """The recorded exception as its own type if that is loaded, else as a stand-in of its name.

    Nothing is imported for it: a trace names no code.
    """
    module, _, name = failure.type.rpartition(".")
    found: Any = getattr(sys.modules.get(module) if module else builtins, name, None)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        found = type(name or "RecordedError", (Exception,), {"__module__": module or "recorded"})
    made: Exception
    try:
        made = found(failure.message)
    except Exception:  # a constructor of any shape; the arguments it had are not recorded
        made = found.__new__(found)
        made.args = (failure.message,)
    return made

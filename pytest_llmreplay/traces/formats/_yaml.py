"""YAML of others as plain values: nothing is run, nothing blown up; PyYAML's home here. PYTEST_DONT_REWRITE"""

from collections.abc import Sequence
from typing import Any, Final

import yaml
from yaml import YAMLError

__all__ = ["YAMLError", "from_yaml", "place_and_reason"]

BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libYAML's loader where PyYAML was built with it: six times as fast."""
PREFIX: Final = "tag:yaml.org,2002:"
BUFFER: Final = PREFIX + "python/object/new:_io.BytesIO"
COLLECTIONS: Final = frozenset({PREFIX + "map", PREFIX + "seq", PREFIX + "python/tuple", BUFFER})
TEXTS: Final = tuple(PREFIX + each for each in ("timestamp", "value", "python/str", "python/unicode"))
"""Tags of scalars that are taken as their text: times, as JSON has none, and the words of Python 2."""
BLOW_UP: Final = 4
"""How many times its own length a file's values may take once its aliases are followed."""


class Loader(BASE):  # type: ignore[misc]  # one of two classes
    """PyYAML's safe loader, with times as text."""


for tag in TEXTS:
    Loader.add_constructor(tag, Loader.construct_yaml_str)


class Refused(yaml.MarkedYAMLError):
    """What YAML allows and a recording has no use for."""

    def __init__(self, node: Any, problem: str) -> None:
        super().__init__(None, None, problem, node.start_mark)


class Builder:
    """Plain values of a document's nodes."""

    def __init__(self, loader: Any, room: int) -> None:
        self._loader = loader
        self._room = room
        self._within: set[int] = set()

    def value(self, node: Any) -> Any:
        """The value of a node. Raises YAMLError for tags, circles, repeated keys, and aliases that multiply."""
        if isinstance(node, yaml.ScalarNode):
            self._take(node, len(node.value))
            return self._loader.construct_object(node)
        if node.tag not in COLLECTIONS:
            raise Refused(node, f"the tag {node.tag.removeprefix(PREFIX)!r} is not let in")
        if id(node) in self._within:
            raise Refused(node, "an alias of what it stands in")
        self._take(node, 1)
        self._within.add(id(node))
        value = self._mapping(node) if isinstance(node, yaml.MappingNode) else [self.value(each) for each in node.value]
        self._within.discard(id(node))
        return value

    def _take(self, node: Any, length: int) -> None:
        self._room -= length + 1
        if self._room < 0:
            raise Refused(node, "aliases that multiply")

    def _mapping(self, node: Any) -> Any:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag == PREFIX + "merge":
                raise Refused(key_node, "a key that is no text")
            key = str(self.value(key_node))
            if key in out:
                raise Refused(key_node, "a key that is there already")
            out[key] = self.value(value_node)
        return contents(out) if node.tag == BUFFER else out


def contents(buffer: dict[str, Any]) -> Any:
    """What was in a buffer that Python wrote down as an object: the first member of its state."""
    state = buffer.get("state")
    return state[0] if isinstance(state, list) and state else b""


def from_yaml(data: bytes, listed: Sequence[str]) -> tuple[Any, Sequence[int]]:
    """A document, and the lines (from 1) where the members of the list under one of some keys begin.

    Raises YAMLError, or RecursionError for nesting without end.
    """
    loader = Loader(data)
    try:
        node = loader.get_single_node()
        lines: list[int] = []
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value in listed and isinstance(value, yaml.SequenceNode):
                lines = [each.start_mark.line + 1 for each in value.value]
        room = BLOW_UP * len(data) + 1000
        return (None if node is None else Builder(loader, room).value(node)), lines
    finally:
        loader.dispose()


def place_and_reason(error: yaml.YAMLError, data: bytes) -> tuple[int, str]:
    """Line (from 1) and words of what is wrong."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return mark.line + 1, str(getattr(error, "problem", None) or "not YAML")
    position = getattr(error, "position", None)
    where = position if isinstance(position, int) else 0
    return data[:where].count(b"\n") + 1, f"not YAML: {getattr(error, 'reason', None) or 'not readable'}"

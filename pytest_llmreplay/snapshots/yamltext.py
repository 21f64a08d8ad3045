"""JSON values as YAML that reads well, and back without loss. PYTEST_DONT_REWRITE

What is written is YAML 1.1 and 1.2 alike: text that either would take for something else is quoted. What is read is
JSON in YAML's clothes: no dates, no octal numbers, no anchors, no tags, each key once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

from pytest_llmreplay.model.jsonvalue import JSON

WIDTH = 120
LONG = 100
"""Characters from which on a text is folded over lines."""
TEXT, MAP, LIST = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"
NULL, BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"
INT, FLOAT = "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
PLAIN = (
    (NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    (BOOL, re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    (INT, re.compile(r"[-+]?[0-9]+\Z"), list("-+0123456789")),
    (
        FLOAT,
        re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z"),
        list("-+0123456789."),
    ),
)
"""What a word without quotes means, and the characters it may begin with."""
FIRST = frozenset(each for _, _, first in PLAIN for each in first)
ALIAS = re.compile(rb"[&*](?<![^\s\[{,].)[^\s\[\]{},*&]+[ \t]*(?:$|[\s,\]}])", re.MULTILINE)
"""What may be an anchor or an alias; most often it is a word of some text."""
UNPRINTABLE = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class YamlProblem(Exception):
    """Text that is not what is read here. ``line`` counts from 1."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class InLine(dict[str, Any]):
    """An object that is written within a line."""


class Folded(str):
    """A text of one long line that is folded over several."""

    __slots__ = ()


class Block(str):
    """A text of several lines that is written line by line."""

    __slots__ = ()


class Writer(yaml.SafeDumper):
    """Block text wherever it can be read back, and lists indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent a list below its key, too."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        """A value that is there twice is written twice."""
        return True

    def analyze_scalar(self, scalar: str) -> Any:
        """Let spaces at the end of a line, and tabs, stand in block text; escape what is not printable."""
        found = super().analyze_scalar(scalar)
        if UNPRINTABLE.search(scalar):
            found.allow_flow_plain = found.allow_block_plain = found.allow_single_quoted = found.allow_block = False
        elif scalar:
            found.allow_block = True
        return found

    def determine_block_hints(self, text: str) -> Any:
        """Say the indentation where text begins with a tab, as where it begins with a space."""
        hints = super().determine_block_hints(text)
        return f"{self.best_indent}{hints}" if text.startswith("\t") else hints


Writer.add_representer(str, lambda writer, text: writer.represent_str(text))
Writer.add_representer(Block, lambda writer, text: writer.represent_scalar(TEXT, str(text), style="|"))
Writer.add_representer(Folded, lambda writer, text: writer.represent_scalar(TEXT, str(text), style=">"))
Writer.add_representer(InLine, lambda writer, value: writer.represent_mapping(MAP, value.items(), flow_style=True))
for _tag, _pattern, _first in PLAIN:
    Writer.add_implicit_resolver(_tag, _pattern, _first)  # beside those of YAML 1.1


class Reader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The parser of libyaml where it is there, with JSON's own idea of what a plain word means."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """The tag of a node that names none."""
        if kind is not yaml.ScalarNode:
            return LIST if kind is yaml.SequenceNode else MAP
        if implicit[0] and value[:1] in FIRST:
            return next((tag for tag, pattern, _ in PLAIN if pattern.match(value)), TEXT)
        return TEXT

    def descend_resolver(self, current_node: object, current_index: object) -> None:
        """A node's place says nothing of its tag."""

    def ascend_resolver(self) -> None:
        """The same."""


def written(value: Mapping[str, Any]) -> str:
    """A plain JSON object as YAML."""
    text = dumped(styled(value))
    return text if read(text.encode()) == value else dumped(value)


def dumped(value: Any) -> str:
    """A value by the writer."""
    text: str = yaml.dump(value, Dumper=Writer, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


def plain(value: Any) -> Any:
    """A value as JSON has it: lists, objects, finite numbers; U+FFFD for lone surrogates, which no file can hold."""
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, float) and not isfinite(value):
        return None
    if isinstance(value, Mapping):
        return (InLine if isinstance(value, InLine) else dict)({plain(key): plain(each) for key, each in value.items()})
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def styled(value: Any) -> Any:
    """A plain value with each text in the style that reads best."""
    if isinstance(value, str):
        if "\n" in value:
            return Block(value)
        return Folded(value) if len(value) > LONG and " " in value.strip() else value
    if isinstance(value, dict):
        return type(value)({key: styled(each) for key, each in value.items()})
    return [styled(each) for each in value] if isinstance(value, list) else value


def read(data: bytes) -> JSON:
    """The value of a YAML document. Raises YamlProblem."""
    value, _ = read_with_nodes(data)
    return value


def read_with_nodes(data: bytes) -> tuple[JSON, yaml.Node | None]:
    """The value of a YAML document, and its nodes, which know their lines. Raises YamlProblem."""
    try:
        if ALIAS.search(data):
            refuse_aliases(data)
        loader = Reader(data)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
        return (None if node is None else value_of(node)), node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = mark.line if mark else 0
        tab = "start any token" in str(error.problem) and b"\t" in data.split(b"\n")[place]
        why = "a tab; indent with spaces" if tab else error.problem or error.context
        raise YamlProblem(place + 1, f"not YAML: {why}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise not_text(data) or YamlProblem(1, f"not YAML: {str(error).splitlines()[0]}") from None
    except RecursionError:
        raise YamlProblem(1, "nested too deeply") from None


def not_text(data: bytes) -> YamlProblem | None:
    """The problem of bytes that are no text; None where they are one."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return YamlProblem(data.count(b"\n", 0, error.start) + 1, f"no UTF-8 at byte {error.start}")
    return None


def refuse_aliases(data: bytes) -> None:
    """Raise YamlProblem for an anchor or an alias: a small file of them may stand for gigabytes."""
    for event in yaml.parse(data, Loader=Reader):
        if getattr(event, "anchor", None):
            raise YamlProblem(line(event), "anchors and aliases (& and *) are not read; write the value out")


def line(place: Any) -> int:
    """The line at which a node or an event begins, from 1."""
    number: int = place.start_mark.line
    return number + 1


def value_of(node: yaml.Node) -> JSON:
    """The value of a node. Raises YamlProblem."""
    if isinstance(node, yaml.ScalarNode):
        return scalar(node)
    if isinstance(node, yaml.SequenceNode) and node.tag == LIST:
        return [value_of(each) for each in node.value]
    if node.tag != MAP:
        raise YamlProblem(line(node), f"the tag {node.tag} is not read")
    out: dict[str, JSON] = {}
    for key, each in node.value:
        name = key.value
        if type(key) is not yaml.ScalarNode:
            raise YamlProblem(line(key), "a key is a word, not a list or an object")
        if name in out:
            raise YamlProblem(line(key), f"the key {name[:40]!r} is there twice")
        out[name] = value_of(each)
    return out


def scalar(node: yaml.ScalarNode) -> JSON:
    """The value of a word. Raises YamlProblem."""
    text: str = node.value
    tag: str = node.tag
    if tag == TEXT:
        return text
    if tag == NULL:
        return None
    if tag == BOOL:
        return text.lower() == "true"
    if tag == FLOAT and isfinite(float(text)):
        return float(text)
    if tag == INT and len(text) < 4000:
        return int(text)
    reason = "a number that is too large" if tag in (INT, FLOAT) else f"the tag {tag} is not read"
    raise YamlProblem(line(node), reason)


def line_of(node: yaml.Node | None, path: list[str | int]) -> int:
    """The line on which a path of a document stands, or the nearest above it that does."""
    here = 1
    for step in path:
        found = None
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is not None:
                here, found = line(pair[0]), pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            here = line(found)
        if found is None:
            break
        node = found
    return here

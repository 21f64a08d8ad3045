"""Messages that were uploaded and stand in spans by reference, read from beside the trace. PYTEST_DONT_REWRITE

Source: the completion hook ``upload`` of opentelemetry-util-genai, whose spans hold ``gen_ai.input.messages_ref`` (its
documentation writes ``.messages.ref``). A reference is never followed to where it points: only its last names count,
and only below the folder of the trace file.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pytest_llmreplay.model.trace import Span

CONTENT = (
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
)
ANSWER = "gen_ai.output.messages"
SPELLINGS = ("_ref", ".ref")
REFERENCES = frozenset(name + spelling for name in CONTENT for spelling in SPELLINGS)
MOST = 64 * 1024 * 1024
"""Bytes of one file that are read."""


def references(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The content attributes that a span does not hold, with the reference to each."""
    for name in CONTENT:
        if name not in attributes:
            for spelling in SPELLINGS:
                reference = attributes.get(name + spelling)
                if isinstance(reference, str) and reference:
                    yield name, reference


def with_uploads(span: Span, file: Path) -> Span:
    """The span with the content of files that lie beside its own; references without a file stay as they are."""
    named = references(span.attributes)
    found = {name: text for name, reference in named if (text := content(reference, file.parent)) is not None}
    return span._replace(attributes={**span.attributes, **found}) if found else span


def content(reference: str, folder: Path) -> str | None:
    """The text of the file that a reference names, beside the trace file or in a folder there. None where none is."""
    names = [unquote(name) for name in urlsplit(reference).path.split("/") if name not in ("", ".", "..")]
    home = folder.resolve()
    for count in (2, 1):
        path = home.joinpath(*names[-count:]).resolve()
        try:
            if names and path.is_relative_to(home) and path.is_file() and path.stat().st_size <= MOST:
                return path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
    return None


def where(attributes: Mapping[str, Any]) -> str | None:
    """What to do about an answer that was uploaded and is not there; None where none was."""
    reference = dict(references(attributes)).get(ANSWER)
    if reference is None:
        return None
    last = "/".join(urlsplit(reference).path.split("/")[-2:])
    return f"its answer was uploaded to {reference}: put {last} beside the trace file"

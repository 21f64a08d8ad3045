"""What judges answered, in a file beside the tests: ``__llm__/judges/<module>.yaml``. PYTEST_DONT_REWRITE

It is written as a snapshot file is: one entry for each call, with its question and its answer in the words of a case
file. A call that is made twice has two entries.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_llmreplay.compare.canonical import Frozen, canonical
from pytest_llmreplay.errors import DamagedFile
from pytest_llmreplay.model.call import FULLY_KNOWN, Answer, Call
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.snapshots.casecontents import answer_of, call_of
from pytest_llmreplay.snapshots.casefile import step_value
from pytest_llmreplay.snapshots.caseshape import Known
from pytest_llmreplay.snapshots.caseshape import Step as Shape
from pytest_llmreplay.snapshots.store import FOLDER, load
from pytest_llmreplay.snapshots.yamltext import plain

INSIDE: Final = "judges"
"""The folder of these files, below that of snapshots."""
TRACE, SPAN = "judge", "call"
SEED: Final = f"{TRACE}:{SPAN}"
"""What made-up ids of answers are derived from."""


def file_of(path: Path) -> Path:
    """The file for what a test module, a case file or a folder asks its judges."""
    folder = path if path.is_dir() else path.parent
    name = "app" if path.is_dir() else path.name.partition(".")[0]
    return (folder if folder.name == FOLDER else folder / FOLDER) / INSIDE / f"{name}.yaml"


def key_of(call: Call) -> Frozen:
    """What makes two calls the same question."""
    return canonical(call, FULLY_KNOWN)


def name_of(call: Call, number: int) -> str:
    """The name of an entry: the model and a digest of the question, and from the second answer on its number."""
    digest = hashlib.sha256(json.dumps(key_of(call), default=str).encode()).hexdigest()[:16]
    return f"{call.model or call.kind} {digest}" + (f" #{number}" if number > 1 else "")


def entry_of(call: Call, answer: Answer) -> dict[str, JSON]:
    """A call with its answer as an entry."""
    said = replace(answer, seed=SEED)
    step = Step(
        index=1,
        span_id=SPAN,
        parent_id=None,
        name=call.model or call.kind,
        call=call,
        answer=said,
        start_ns=0,
        end_ns=0,
        dialect="",
    )
    value: dict[str, JSON] = plain(step_value(step, TRACE, 0))
    del value["recorded"]
    return value


def read(path: Path) -> Iterator[tuple[Call, Answer]]:
    """The calls of a file, the answers to equal ones in their order. Raises DamagedFile for what is no call."""
    entries = load(path, lenient=True).values
    for name in sorted(entries, key=place):
        yield recorded(path, name, entries[name])


def place(name: str) -> tuple[str, int]:
    """Where an entry stands among those of its question."""
    question, _, number = name.partition(" #")
    return question, int(number) if number.isdecimal() else 1


def recorded(path: Path, name: str, value: Any) -> tuple[Call, Answer]:
    """An entry as a call with its answer. Raises DamagedFile."""
    try:
        step = msgspec.convert(value, Shape)
        return call_of(step, Known()), answer_of(step.answer, SEED)
    except (msgspec.ValidationError, ValueError) as error:
        raise DamagedFile(path, 1, f"{name}: {error}; delete the entry and record it anew") from None

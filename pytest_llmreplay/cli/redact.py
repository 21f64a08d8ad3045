"""``llmreplay redact``: secrets out of files that exist. PYTEST_DONT_REWRITE"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from pytest_llmreplay.cli import configured
from pytest_llmreplay.errors import SourceError
from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.caseread import CaseProblems, read_case
from pytest_llmreplay.snapshots.caseshape import SUFFIX
from pytest_llmreplay.snapshots.casestore import Store
from pytest_llmreplay.traces.assemble import completed
from pytest_llmreplay.writing import Guard, update

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")


@click.command(short_help="Take secrets out of files.")
@click.argument("paths", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; exit status 1 where a secret stands.")
@click.option("--pattern", multiple=True, metavar="REGEX", help="A secret of your own (repeatable).")
@click.pass_context
def redact(ctx: click.Context, paths: Sequence[str], check: bool, pattern: Sequence[str]) -> None:
    """Take secrets out of traces, case files and other text files; equal secrets stay equal.

    \b
    Examples:
      llmreplay redact traces/ --check
      llmreplay redact tests/llm --pattern 'CUST-[0-9]{8}'
    """
    redactor = configured.redactor(*pattern)
    found = left = False
    for path in files(paths):
        old = path.read_bytes()
        hits = redactor.scan(old)
        try:
            new = old if check else redacted(path, old, redactor)
        except ValueError as error:
            click.echo(f"{path}: left as it is: {error}", err=True)
            left = True
            continue
        found = found or bool(hits)
        for hit in hits if check else ():
            click.echo(f"{path}: {hit}")
        if new != old:
            update(path, lambda _, new=new: new, Guard(redactor))  # type: ignore[misc]
            click.echo(f"redacted {path}")
    ctx.exit(left or (check and found))


def files(paths: Sequence[str]) -> Iterator[Path]:
    """The files that are named, alone or by their folder. Raises SourceError where there is none."""
    for name in paths:
        path = Path(name)
        found = [each for each in sorted(path.rglob("*")) if each.is_file()] if path.is_dir() else [path]
        if not path.exists() or not found:
            raise SourceError(f"{name}: no such file or folder")
        yield from found


def redacted(path: Path, data: bytes, redactor: Redactor) -> bytes:
    """The bytes of a file without secrets. Raises ValueError for a file that is no text, or no case file."""
    if path.name.endswith(SUFFIX):
        return case(data, redactor)
    text = data.decode("utf-8")
    if path.suffix in JSON_SUFFIXES:
        salted = redactor.salted(path.name)
        return "".join(lines(text, salted.value)).encode()
    return redactor.text(text).encode()


def case(data: bytes, redactor: Redactor) -> bytes:
    """A case file without secrets, its checksum right. Raises ValueError for one that cannot be read."""
    try:
        file, contents = read_case(data)
    except CaseProblems as error:
        raise ValueError(str(error)) from None
    store = Store(Path(), Guard(redactor))
    return store.text(file.trace.id, completed(contents), file.trace.source)


def lines(text: str, clean: Callable[[object], object]) -> Iterator[str]:
    """Each line of JSON cleaned, or the whole text where it is one JSON document; what is no JSON raises ValueError."""
    try:
        whole = json.loads(text)
    except ValueError:
        for line in text.splitlines(keepends=True):
            yield dumped(clean(json.loads(line)), json.loads(line), line) if line.strip() else line
        return
    yield dumped(clean(whole), whole, text)


def dumped(new: object, old: object, text: str) -> str:
    """The text as it was where nothing changed, else the new value."""
    return text if new == old else json.dumps(new, ensure_ascii=False) + "\n"

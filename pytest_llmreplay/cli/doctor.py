"""``llmreplay doctor``: what is installed, what is seen, and which traces can be replayed. PYTEST_DONT_REWRITE"""

import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from pytest_llmreplay.cli.printing import paged, print_as_json
from pytest_llmreplay.cli.reading import Chosen, chosen, json_option, select_option
from pytest_llmreplay.errors import LLMReplayError
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.transports import SDKS, unseen
from pytest_llmreplay.traces.catalog import Handle

PACKAGES = ("pytest", "vcrpy", "pyyaml", "msgspec", "jsonschema", "deepdiff", "pytest-xdist")
EXTRAS = {
    "protobuf": ("opentelemetry-proto", "binary OTLP"),
    "zstd": ("zstandard", "zst files"),
    "clock": ("time-machine", "llm_pin = clock"),
    "pii": ("presidio-analyzer", "llm_pii"),
    "prices": ("genai-prices", "cost"),
}


@click.command(short_help="Say what is installed and which traces can be replayed.")
@click.argument("traces", nargs=-1)
@select_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, traces: Sequence[str], select: Sequence[str], as_json: bool) -> None:
    """Say what is installed, whether the calls of each SDK are seen, and which of some traces can be replayed.

    Exit status 1 where an SDK's calls are not seen or a trace cannot be replayed.

    \b
    Examples:
      llmreplay doctor
      llmreplay doctor traces/ --select since=7d
    """
    found = chosen(traces, select) if traces else None
    told = report(found)
    if as_json:
        print_as_json(told)
    else:
        paged(lines(told, found))
    lost = found.tell_problems() if found else False
    ctx.exit(lost or bool(told["not_seen"]) or any(each["why"] for each in told["traces"]))


def report(found: Chosen | None) -> dict[str, Any]:
    """All that is known."""
    return {
        "python": platform.python_version(),
        "packages": {name: installed(name) for name in ("pytest-llmreplay", *PACKAGES)},
        "extras": {name: installed(package) for name, (package, _) in EXTRAS.items()},
        "sdks": {name: installed(name) for name in SDKS if installed(name)},
        "not_seen": not_seen(),
        "traces": list(judged(found)) if found else [],
    }


def judged(found: Chosen) -> Iterator[dict[str, str]]:
    """Each trace, and why it cannot be replayed."""
    for name, handle in found.named():
        why = found.redactor.text("; ".join(why_not(handle)))
        yield {"id": name, "trace_id": handle.trace_id, "source": handle.source, "why": why}


def installed(name: str) -> str | None:
    """The version of a package; None where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def not_seen() -> list[str]:
    """The SDKs whose calls a replay would not see."""
    patches.install()
    try:
        return list(unseen())
    finally:
        patches.remove()


def why_not(handle: Handle) -> Iterator[str]:
    """Why a trace cannot be replayed: nothing where it can."""
    try:
        contents = handle.contents()
    except LLMReplayError as error:
        yield str(error)
        return
    if not contents.steps:
        yield "no span of it is a call"
    for step in contents.steps:
        if step.asked_by_http and step.incomplete:
            yield f"step {step.index}, {step.name}: {step.incomplete}"
    if contents.arguments is None:
        yield "no input of the application is recorded; call it yourself in a test"


def lines(told: dict[str, Any], found: Chosen | None) -> Iterator[str]:
    """The report for a person."""
    yield f"python {told['python']}  " + "  ".join(f"{name} {v or 'missing'}" for name, v in told["packages"].items())
    for name, (package, what) in EXTRAS.items():
        have = told["extras"][name]
        yield f"{what}: {package} {have}" if have else f"{what}: pip install 'pytest-llmreplay[{name}]'"
    for name, have in told["sdks"].items():
        sentence = next((each for each in told["not_seen"] if each.startswith(f"{name} ")), None)
        yield click.style(sentence, fg="red") if sentence else f"{name} {have}: its calls are seen"
    others = [each for each in told["not_seen"] if each.split(" ")[0] not in told["sdks"]]
    yield from (click.style(each, fg="red") for each in others)
    if found is not None:
        yield ""
        yield from replayable(told["traces"], found)


def replayable(traces: Sequence[dict[str, Any]], found: Chosen) -> Iterator[str]:
    """Which traces can be replayed, and what the others lack."""
    kinds = Counter(handle.rows[0][0].container for handle in found.handles)
    bad = [each for each in traces if each["why"]]
    of = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    yield f"{len(traces) - len(bad)} of {len(traces)} traces can be replayed ({of})"
    yield from (click.style(f"  {each['id']}  {each['source']}: {each['why']}", fg="red") for each in bad)

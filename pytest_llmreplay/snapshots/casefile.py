"""A trace as a case file: one readable YAML document, the same for the same trace. PYTEST_DONT_REWRITE"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pytest_llmreplay.model.call import (
    FULLY_KNOWN,
    Answer,
    Arguments,
    Choice,
    Known,
    Media,
    Other,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from pytest_llmreplay.model.jsonvalue import JSON
from pytest_llmreplay.model.trace import HTTP_KINDS, Contents, Expectations, Loss, Origin, Span, Step
from pytest_llmreplay.model.wire import RawExchange
from pytest_llmreplay.snapshots.casecontents import SECOND
from pytest_llmreplay.snapshots.caseshape import SCHEMA, VERSION
from pytest_llmreplay.snapshots.yamltext import InLine, plain, written

HEADER = "# A recorded request as a test: read it, edit it, commit it. The last line says whether it was edited.\n"
OURS = ("$schema", "version", "title", "note", "expected", "because", "evaluators", "tags", "lost", "end")
"""Keys that are no part of what was recorded."""
EMPTY: tuple[object, ...] = ("", (), [], {})
LOW_LABELS = frozenset({"bad", "fail", "failed", "incorrect", "wrong", "negative", "thumbs_down", "down", "no", "poor"})
LOW = 0.5
"""A score from 0 to 1 below which an answer is no model for others."""


def case_text(trace_id: str, contents: Contents, source: str) -> str:
    """The case file of a trace."""
    return document_text(document(trace_id, contents, source))


def document_text(value: Mapping[str, Any]) -> str:
    """A case file's value as its text, with count and checksum at the end."""
    whole = plain(value)
    whole["end"] = InLine(steps=len(whole["steps"]), sha256=checksum(whole))
    for step in (*whole["steps"], *whole.get("groups", ())):
        step["recorded"] = InLine(step["recorded"])
        if "usage" in step["answer"]:
            step["answer"]["usage"] = InLine(step["answer"]["usage"])
    whole["spans"] = [InLine(span) for span in whole.pop("spans", ())]
    whole["end"] = whole.pop("end")
    return HEADER + written({key: each for key, each in whole.items() if key != "spans" or each})


def checksum(value: Mapping[str, Any]) -> str:
    """The sha256 of all that was recorded; what people decide is not in it."""
    recorded = {key: each for key, each in value.items() if key not in OURS}
    return hashlib.sha256(json.dumps(recorded, sort_keys=True).encode()).hexdigest()


def document(trace_id: str, contents: Contents, source: str) -> dict[str, Any]:
    """A case file's value, its keys in the order in which they are written."""
    said = contents.expectations
    starts = [*(span.start_ns for span in contents.spans), *(step.start_ns for step in contents.steps)]
    began = min(filter(None, starts), default=0)
    origin = contents.origin or Origin(source.rpartition("/")[2], tuple(instrumentation(contents)))
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        **given(title=said.title, note=said.note),
        **arguments("input", contents.arguments),
        "output": contents.output,
        "expected": said.output,
        **given(because=said.because, evaluators=said.evaluators, tags=contents.tags),
        "trace": given(
            id=trace_id,
            name=contents.name,
            request=contents.request_id,
            session=contents.session_id,
            status=contents.status,
            time=clock(began),
            source=origin.source,
            instrumentation=origin.instrumentation,
            scores=contents.scores,
        ),
        **given(lost=list(lost_lines(contents.fidelity))),
        "steps": [step_value(step, trace_id, began) for step in contents.steps],
        **given(groups=[step_value(step, trace_id, began) for step in contents.groups]),
        **given(spans=[span_value(span, began) for span in around(contents)]),
    }


def given(**values: Any) -> dict[str, Any]:
    """The values that are not empty."""
    return {name: value for name, value in values.items() if value is not None and value not in EMPTY}


def present(**values: Any) -> dict[str, Any]:
    """The values that are not None, empty ones included."""
    return {name: value for name, value in values.items() if value is not None}


def expected_of(contents: Contents) -> Expectations:
    """What is expected of a trace: what its case file says; of any other its output, if production was content."""
    if contents.origin is not None:
        return contents.expectations
    because = reason(contents)
    return Expectations(because=because) if because else Expectations(output=contents.output)


def reason(contents: Contents) -> str | None:
    """Why a trace's output is no model for others; None where it is one."""
    if contents.status == "error":
        said = contents.spans[0].status_message if contents.spans else ""
        return f"the request failed in production{': ' if said else ''}{said}"
    if low := [name for name, value in contents.scores.items() if is_low(value)]:
        scores = ", ".join(f"{name} {json.dumps(contents.scores[name])}" for name in low)
        return f"production scored the answer low: {scores}"
    return "the trace holds no output" if contents.output is None else None


def is_low(score: JSON) -> bool:
    """Whether a score says that an answer was not good."""
    if isinstance(score, str):
        return score.strip().lower() in LOW_LABELS
    return isinstance(score, bool | int | float) and score < LOW


def clock(time_ns: int) -> str | None:
    """A moment as RFC 3339, to the nanosecond; None where it is not known."""
    if not time_ns:
        return None
    whole = datetime.fromtimestamp(time_ns // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{time_ns % SECOND:09d}Z"


def times(start_ns: int, end_ns: int, began: int) -> dict[str, Any]:
    """Start and duration in seconds, or as integers in nanoseconds where seconds would not be exact."""
    start, took = (start_ns - began) / SECOND, (end_ns - start_ns) / SECOND
    exact = start_ns and began + round(start * SECOND) == start_ns
    exactly = round(took * SECOND) == end_ns - start_ns
    return present(
        start=start if exact else start_ns or None,
        took=(took if exactly else end_ns - start_ns) or None,
    )


def instrumentation(contents: Contents) -> Iterator[str]:
    """What recorded the spans: scope with version."""
    names = (f"{span.scope} {span.scope_version}".strip() for span in contents.spans)
    yield from dict.fromkeys(name for name in names if name)


def around(contents: Contents) -> Iterator[Span]:
    """The outermost span, and all that stand around a step and are none themselves."""
    steps = {step.span_id for step in contents.steps}
    needed = {above for step in contents.steps for above in step.inside}
    first = contents.spans[0].span_id if contents.spans else None
    for span in contents.spans:
        if span.span_id not in steps and (span.span_id in needed or span.span_id == first):
            yield span


def span_value(span: Span, began: int) -> dict[str, Any]:
    """A span around the steps."""
    status = None if span.status == "unset" else span.status
    head = given(id=span.span_id, parent=span.parent_id, name=span.name, status=status)
    return {**head, **times(span.start_ns, span.end_ns, began)}


def lost_lines(fidelity: Iterable[Loss]) -> Iterator[str]:
    """What the trace lacks, each once, what has the same remedy in the same steps as one."""
    steps: dict[tuple[str, str], list[int]] = {}
    for loss in fidelity:
        steps.setdefault((loss.field, loss.remedy), []).append(loss.step)
    fields: dict[tuple[str, str], list[str]] = {}
    for (field, remedy), numbers in steps.items():
        fields.setdefault((remedy, ranges(numbers)), []).append(field)
    for (remedy, where), names in fields.items():
        yield f"{', '.join(names)} - {remedy} ({where})"


def ranges(numbers: Sequence[int]) -> str:
    """``steps 1, 3-5`` of rising numbers."""
    runs: list[list[int]] = []
    for number in dict.fromkeys(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"step{'' if len(runs) == len(runs[0]) == 1 else 's'} {words}"


def arguments(name: str, value: Arguments | None) -> dict[str, Any]:
    """Arguments by name under a name, and those without one."""
    if value is None:
        return {}
    named = {name: value.named} if value.named or not value.positional else {}
    return {**named, **given(positional=value.positional)}


def step_value(step: Step, trace_id: str, began: int) -> dict[str, Any]:
    """A step."""
    call = step.call
    called = None if step.name == (call.model or step.span_name) else step.name
    return {
        "kind": call.kind,
        **present(name=call.model, called=called, provider=call.provider),
        **arguments("arguments", call.arguments),
        **given(
            messages=[{"role": each.role, **parts(each.parts)} for each in call.messages],
            tools=[present(**asdict(tool)) for tool in call.tools],
            parameters=call.parameters,
        ),
        **present(stream=call.stream),
        **given(options=call.options),
        "answer": answer_value(step.answer, f"{trace_id}:{step.span_id}" if call.kind in HTTP_KINDS else ""),
        **({"raw": raw_value(step.raw)} if step.raw else {}),
        "recorded": place_value(step, began),
    }


def raw_value(raw: RawExchange) -> dict[str, Any]:
    """An HTTP exchange, byte for byte."""
    request, response = raw.request, raw.response
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            **given(headers=request.headers, **body_value(request.body)),
        },
        "response": {
            "status": response.status,
            **given(headers=response.headers, again=response.again, **body_value(response.body)),
        },
    }


def body_value(body: bytes) -> dict[str, str]:
    """A body as text, or as base64 where it is none."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}


def place_value(step: Step, began: int) -> dict[str, Any]:
    """Where and when a step was recorded, and what of it is known."""
    known = step.call.known
    return {
        "span": step.span_id,
        **given(within=step.inside, name=step.span_name),
        **times(step.start_ns, step.end_ns, began),
        **given(
            dialect=step.dialect,
            known={} if known == FULLY_KNOWN else known_value(known),
            losses=[{"field": field, "remedy": remedy} for field, remedy in step.losses],
            hints=paid_to(step),
            incomplete=step.incomplete,
            proviso=step.proviso,
        ),
    }


def paid_to(step: Step) -> dict[str, Any]:
    """Who answered, where the provider's name does not say it: what the answer cost depends on that, and nothing else.

    The other hints served to find the wire API, which a step names.
    """
    if step.call.kind not in HTTP_KINDS:
        return {}
    api = (step.answer.provider or step.call.provider or "").partition(".")[0]
    system, address = step.hints.system, step.hints.address
    host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
    own = host.split(".")[-2:-1] == [api]  # api.openai.com; not x.openai.azure.com
    return given(system="" if system == api else system, address="" if own else address)


def known_value(known: Known) -> dict[str, Any]:
    """What of a call may be compared, where that is not all of it."""
    out = {name: sorted(getattr(known, name)) for name in ("fields", "parameters", "lost")}
    usual = {name: sorted(getattr(FULLY_KNOWN, name)) for name in out}
    return {name: value for name, value in out.items() if value != usual[name]}


def answer_value(answer: Answer, seed: str) -> dict[str, Any]:
    """What came back."""
    failure, error, usage = answer.failure, answer.error, answer.usage
    return {
        **given(choices=[choice_value(choice) for choice in answer.choices]),
        **({"returns": answer.returned.value} if answer.returned else {}),
        **({"raises": asdict(failure)} if failure else {}),
        **({"error": present(**asdict(error))} if error else {}),
        **given(vectors=answer.vectors),
        **({"usage": present(**asdict(usage))} if usage else {}),
        **({"usage_in_stream": True} if answer.usage_in_stream else {}),
        **present(model=answer.model, provider=answer.provider, id=answer.id, created=answer.created or None),
        **given(details=answer.details),
        **({} if answer.seed == seed else {"seed": answer.seed}),
        **present(raw=answer.raw),
    }


def choice_value(choice: Choice) -> dict[str, Any]:
    """One answer that the model offered."""
    role = {} if choice.role == "assistant" else {"role": choice.role}
    return {
        **role,
        **parts(choice.parts),
        **present(finish_reason=choice.finish_reason),
        **given(details=choice.details),
    }


def parts(content: Sequence[Part]) -> dict[str, Any]:
    """The parts of a message; a single text is just that."""
    if len(content) == 1 and isinstance(content[0], Text):
        return {"text": content[0].content}
    return {"parts": [part_value(part) for part in content]}


def part_value(part: Part) -> dict[str, Any]:
    """One part of a message."""
    match part:
        case Text(content):
            return {"text": content}
        case Reasoning(content, signature):
            return {"reasoning": content, **present(signature=signature)}
        case Refusal(content):
            return {"refusal": content}
        case ToolCall(name, given_arguments, tool_id, legacy):
            return {
                "tool_call": name,
                "arguments": given_arguments,
                **present(id=tool_id),
                **({"legacy": True} if legacy else {}),
            }
        case ToolResult(content, tool_id):
            return {"tool_result": content, **present(id=tool_id)}
        case Media(kind, reference):
            return {"media": kind, "reference": reference}
        case Other(kind, data):
            return {"other": kind, "data": data}

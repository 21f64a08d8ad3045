"""Content that spans hold by reference."""

import json
from pathlib import Path

import pytest

from pytest_llmreplay.model.call import Text
from pytest_llmreplay.traces.uploads import content, with_uploads
from tests import builders

ASKED = [{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}]
TOLD = [{"role": "assistant", "parts": [{"type": "text", "content": "There."}], "finish_reason": "stop"}]


def attributes(spelling: str = "_ref", folder: str = "file:///var/llm/content") -> dict[str, object]:
    kept = builders.chat_attributes()
    out = {name: value for name, value in kept.items() if "messages" not in name and "instructions" not in name}
    for side in ("input", "output"):
        out[f"gen_ai.{side}.messages{spelling}"] = f"{folder}/ab_{side}s.json"
    return out


def uploaded(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ab_inputs.json").write_text(json.dumps(ASKED), encoding="utf-8")
    (folder / "ab_outputs.json").write_text(json.dumps(TOLD), encoding="utf-8")


@pytest.mark.parametrize("spelling", ["_ref", ".ref"])
@pytest.mark.parametrize("place", ["content", "."])
@pytest.mark.parametrize("scheme", ["file:///var/llm/content", "s3://bucket/llm/content"])
def test_content_beside_the_trace_file_is_read(tmp_path: Path, spelling: str, place: str, scheme: str) -> None:
    uploaded(tmp_path / place)
    found = builders.catalog(
        tmp_path, builders.lines(builders.export(builders.otlp_span(attributes=attributes(spelling, scheme))))
    )
    (step,) = builders.opened(found).steps
    assert step.incomplete is None
    assert step.answer.choices[0].parts == (Text("There."),)
    assert step.call.messages[-1] == builders.user("Where?")


def test_content_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    found = builders.catalog(tmp_path, builders.lines(builders.export(builders.otlp_span(attributes=attributes()))))
    (step,) = builders.opened(found).steps
    assert step.incomplete == (
        "its answer was uploaded to file:///var/llm/content/ab_outputs.json: put content/ab_outputs.json beside "
        "the trace file"
    )


def test_a_reference_is_never_followed_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("[]", encoding="utf-8")
    inside = tmp_path / "traces"
    inside.mkdir()
    (inside / "link.json").symlink_to(secret)
    for reference in (secret.as_uri(), "file:///../secret.json", "../secret.json", "file:///link.json", "", "file:///"):
        assert content(reference, inside) is None
    span = builders.span(attributes={"gen_ai.output.messages_ref": secret.as_uri()})
    assert with_uploads(span, inside / "traces.jsonl") is span


def test_content_that_a_span_holds_goes_before_a_reference(tmp_path: Path) -> None:
    uploaded(tmp_path)
    span = builders.span(attributes={"gen_ai.output.messages": "[]", "gen_ai.output.messages_ref": "ab_outputs.json"})
    assert with_uploads(span, tmp_path / "traces.jsonl") is span

"""Case files among traces: listed, opened, kept in the index, and named where they cannot be read."""

from pathlib import Path

import pytest

from pytest_llmreplay.snapshots import caseread
from pytest_llmreplay.traces.catalog import Catalog, identifiers, load_catalog
from pytest_llmreplay.traces.select import parse
from tests.builders import TRACE, export, line, opened, otlp_span, problems, question

CASE = (Path(__file__).parent / "rag.llmcase.yaml").read_text(encoding="utf-8")


def load(folder: Path, *names: str) -> Catalog:
    return load_catalog(names or ("llm",), folder, folder / ".cache")


@pytest.fixture
def llm(tmp_path: Path) -> Path:
    (tmp_path / "llm").mkdir()
    (tmp_path / "llm" / "one.llmcase.yaml").write_text(CASE, encoding="utf-8")
    return tmp_path / "llm"


def test_a_folder_of_case_files_is_a_folder_of_traces(llm: Path) -> None:
    found = load(llm.parent)
    trace = opened(found)
    assert trace.source == "llm/one.llmcase.yaml:1"
    assert (trace.input, trace.output, len(trace.steps)) == ({"question": "How long do I have?"}, "Thirty days.", 2)
    assert identifiers(found.handles) == ["how-long-do-i-have-0af7"]


def test_a_title_names_the_test(llm: Path) -> None:
    (llm / "one.llmcase.yaml").write_text(CASE.replace("\ninput:", "\ntitle: Refund window\ninput:"), encoding="utf-8")
    assert identifiers(load(llm.parent).handles) == ["refund-window-0af7"]


@pytest.mark.parametrize("condition", ["request=req-5102", "status=ok", "name=answer", "trace=0af7"])
def test_conditions_hold_for_case_files(llm: Path, condition: str) -> None:
    assert len(load(llm.parent).selected([parse(condition)])) == 1


def test_an_unchanged_file_is_parsed_once(llm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = opened(load(llm.parent)).contents
    monkeypatch.setattr(caseread, "read_case", None)
    assert opened(load(llm.parent)).contents == first


def test_a_changed_file_is_parsed_anew(llm: Path) -> None:
    load(llm.parent)
    (llm / "one.llmcase.yaml").write_text(CASE.replace("Thirty days.", "Forty days."), encoding="utf-8")
    assert opened(load(llm.parent)).output == "Forty days."


def test_an_integer_that_no_cache_holds_is_read_from_the_file(llm: Path) -> None:
    (llm / "one.llmcase.yaml").write_text(CASE.replace("top_k: 2", f"top_k: {2**70}"), encoding="utf-8")
    arguments = opened(load(llm.parent)).steps[0].call.arguments
    assert arguments is not None
    assert arguments.named["top_k"] == 2**70


def test_a_broken_case_is_named_and_the_others_are_read(llm: Path) -> None:
    (llm / "two.llmcase.yaml").write_text(CASE.replace("kind: chat", "kind: chap"), encoding="utf-8")
    (llm / "three.llmcase.yaml").write_text("nothing of ours\n", encoding="utf-8")
    found = load(llm.parent)
    assert len(found.handles) == 1
    assert problems(found) == [
        "llm/three.llmcase.yaml: not a case file: keys such as $schema, version, trace and steps were expected",
        "llm/two.llmcase.yaml:37: steps[1].kind: one of chat, completion, embedding, function, http, rerank, "
        "retrieval, tool was expected; did you mean 'chat'?",
    ]


def test_two_cases_of_one_trace_are_told(llm: Path) -> None:
    (llm / "two.llmcase.yaml").write_text(CASE, encoding="utf-8")
    found = load(llm.parent)
    assert len(found.handles) == 1
    assert problems(found) == [
        "llm/two.llmcase.yaml:1: trace 0af7651916cd is in llm/one.llmcase.yaml already; this one was not read"
    ]


def test_a_case_goes_before_the_trace_that_it_was_made_of(llm: Path) -> None:
    data = line(export(otlp_span("raw", attributes=question("?"))))
    (llm.parent / "traces.jsonl").write_bytes(data)
    for order in (("llm", "traces.jsonl"), ("traces.jsonl", "llm")):
        found = load(llm.parent, *order)
        assert [handle.trace_id for handle in found.handles] == [TRACE]
        assert opened(found).name == "answer"
        assert problems(found) == []


def test_a_folder_of_approved_files_is_seen_from_above(llm: Path) -> None:
    llm.rename(llm.with_name("__llm__"))
    assert len(load(llm.parent, ".").handles) == 1

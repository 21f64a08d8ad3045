"""The section at the end of a run."""

from pytest_llmreplay.model.result import CaseResult
from pytest_llmreplay.report.summary import plural, summary_lines


def case(trace_id: str = "a" * 32, **more: object) -> CaseResult:
    values = {
        "trace_id": trace_id,
        "steps": 2,
        "asked": 2,
        "functions": 0,
        "diverged": None,
        "kinds": {"model": 1, "tool": 1},
    }
    return CaseResult(**{**values, **more})  # type: ignore[arg-type]


def lines(*results: CaseResult, problems: list[str] | None = None, repaired: int = 0) -> str:
    return "\n".join(summary_lines(results, problems or [], repaired, False))


def test_nothing_to_say() -> None:
    assert lines() == ""


def test_counts() -> None:
    told = lines(case("a"), case("b", diverged="step 1"), case("c", failed=True), case("d", drifts=["step 1 of 2"]))
    assert (
        told
        == """\
4 traces replayed: 1 matched, 1 drifted, 1 diverged, 1 failed; 8 steps
8 model calls answered, 0 live; recorded steps: 4 model, 4 tool
1 call drifted in 1 trace:
  trace d: step 1 of 2"""
    )


def test_what_was_skipped_did_not_match() -> None:
    assert lines(case("a"), case("b", outcome="skipped", drifts=["step 1"])).startswith(
        "2 traces replayed: 1 matched, 1 skipped; 4 steps\n"
    )


def test_several_cases_of_a_trace() -> None:
    assert lines(case(), case()).startswith("2 cases of 1 trace replayed: 2 matched; 4 steps\n")


def test_records() -> None:
    assert (
        lines(problems=["a.jsonl:1: x", "a.jsonl:2: \x1b"], repaired=1)
        == """\
1 record not read, 1 record repaired:
  a.jsonl:1: x
  a.jsonl:2: \\x1b"""
    )


def test_counts_with_their_noun() -> None:
    assert [plural(0, "trace"), plural(1, "trace"), plural(1234, "trace")] == ["0 traces", "1 trace", "1,234 traces"]

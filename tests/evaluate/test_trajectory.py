from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.context import EvaluationContext, ToolUse, context
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.evaluate.trajectory import (
    ForbiddenTools,
    MaxSteps,
    NoLoops,
    ToolsContain,
    ToolsExact,
    ToolsInOrder,
    ToolsSameSet,
    ToolsWithin,
    cycle,
)
from pytest_llmreplay.model.call import Arguments, Call, Returned
from pytest_llmreplay.model.recording import Match
from tests import builders


def steps(*uses: Any) -> list[Any]:
    """Recorded tool calls: names, or names with arguments."""
    found = []
    for index, use in enumerate(uses, 1):
        name, arguments = use if isinstance(use, tuple) else (use, {})
        call = Call(kind="tool", model=name, arguments=Arguments(named=arguments))
        found.append(builders.step(call, builders.answered(returned=Returned("done")), index=index, name=name))
    return found


def run(*uses: Any, recorded: Any = None) -> EvaluationContext:
    """A run that called some tools; production called the same, or others."""
    live = steps(*uses)
    trace = builders.trace(*(live if recorded is None else steps(*recorded)))
    return context(trace, [Match(each.call, each) for each in live], "Done.", mode="replay")


def judged(evaluator: Any, ctx: EvaluationContext) -> tuple[str, str]:
    (found,) = evaluate([evaluator], ctx).evaluations
    return found.judgement, found.reason


LOOK, PAY = ("look", {"id": 7}), ("pay", {"sum": 5, "to": {"name": "A", "iban": "x"}})


@pytest.mark.parametrize(
    ("evaluator", "uses", "judgement", "reason"),
    [
        (ToolsExact(["a", "b"]), ["a", "b"], "passed", ""),
        (ToolsExact(["a", "b"]), ["b", "a"], "failed", "tool 1: expected a, got b"),
        (ToolsExact(["a", "b"]), ["a"], "failed", "tool 2: expected b, got no more"),
        (ToolsExact(["a"]), ["a", "b"], "failed", "tool 2: expected no more, got b"),
        (ToolsExact([]), [], "passed", ""),
        (ToolsExact([{"look": {"id": 8}}]), [LOOK], "passed", ""),
        (
            ToolsExact([{"look": {"id": 8}}], arguments="exact"),
            [LOOK],
            "failed",
            'tool 1: expected look({"id": 8}), got look({"id": 7})',
        ),
        (ToolsExact(["look"], arguments="exact"), [LOOK], "passed", ""),
        (ToolsExact([{"pay": {"to": {"name": "A"}}}], arguments="subset"), [PAY], "passed", ""),
        (
            ToolsExact([{"pay": {"to": {"name": "B"}}}], arguments="subset"),
            [PAY],
            "failed",
            'tool 1: expected pay({"to": {"name": "B"}}), got pay({"sum": 5, "to": {"iban": "x", "name": "A"}})',
        ),
        (ToolsExact([{"look": 8}], compare={"look": lambda want, got: got["id"] < want}), [LOOK], "passed", ""),
        (ToolsInOrder(["a", "c"]), ["a", "b", "c"], "passed", ""),
        (ToolsInOrder(["a", "c"]), ["c", "a"], "failed", "c came too early after a"),
        (ToolsInOrder(["a", "c"]), ["a", "b"], "failed", "c did not come after a"),
        (ToolsInOrder(["a"]), [], "failed", "a did not come"),
        (ToolsSameSet(["a", "b"]), ["b", "a"], "passed", ""),
        (ToolsSameSet(["a", "b"]), ["b", "a", "b"], "failed", "tool 3: b was not expected"),
        (ToolsSameSet(["a", "b"]), ["b"], "failed", "a did not come"),
        (ToolsContain(["a", "b"]), ["c", "b", "a"], "passed", ""),
        (ToolsContain(["a", "b"]), ["c", "b"], "failed", "a did not come"),
        (ToolsWithin(["a", "b"]), ["b", "b"], "passed", ""),
        (ToolsWithin(["a", "b"]), ["b", "c"], "failed", "tool 2: c is none of those"),
        (ToolsWithin([]), [], "passed", ""),
        (ForbiddenTools("refund"), ["look", "refund"], "failed", "tool 2: refund is forbidden"),
        (ForbiddenTools(["refund"]), ["look"], "passed", ""),
        (MaxSteps(2), ["a", "b", "c"], "failed", "3 steps: 3 tool"),
        (MaxSteps(3), ["a", "b", "c"], "passed", "3 steps: 3 tool"),
        (NoLoops(1), [LOOK, PAY, LOOK], "failed", "tool 3: look was called with equal arguments 2 times"),
        (NoLoops(2), [LOOK, PAY, LOOK], "passed", ""),
        (NoLoops(2), [LOOK, ("look", {"id": 8}), ("look", {"id": 9})], "passed", ""),
    ],
)
def test_the_first_call_that_offends_is_the_reason(evaluator: Any, uses: Any, judgement: str, reason: str) -> None:
    assert judged(evaluator, run(*uses)) == (judgement, reason)


def test_a_sequence_that_repeats_itself_is_a_loop_even_with_other_arguments() -> None:
    uses = [(name, {"page": page}) for page in range(3) for name in ("search", "open")]
    assert judged(NoLoops(2), run("plan", *uses)) == ("failed", "tool 2: search -> open repeats more than 2 times")
    assert judged(NoLoops(3), run("plan", *uses))[0] == "passed"


@pytest.mark.parametrize("kind", [ToolsExact, ToolsInOrder, ToolsSameSet, ToolsContain, ToolsWithin])
def test_without_tools_productions_way_is_wanted(kind: Any) -> None:
    assert judged(kind(), run("a", "b", recorded=["a", "b"]))[0] == "passed"
    assert judged(kind(arguments="exact"), run(LOOK, recorded=[("look", {"id": 8})]))[0] == "failed"
    assert judged(kind(), run("a", recorded=[])) == ("skipped", "no tools are given, and production called none")


def test_max_steps_counts_beside_production_where_no_number_is_given() -> None:
    assert judged(MaxSteps(), run("a", "b", recorded=["a"]))[0] == "failed"
    assert judged(MaxSteps(), run("a", recorded=["a"]))[0] == "passed"


def test_the_score_is_the_share_that_came() -> None:
    (found,) = evaluate([ToolsInOrder(["a", "b", "c", "d"])], run("a", "b")).evaluations
    assert (found.score, found.need) == (0.5, "all in order")
    (found,) = evaluate([ToolsContain(["a", "b", "c", "d"])], run("a", "d", "c")).evaluations
    assert (found.score, found.need) == (0.75, "all")


def test_evidence_says_where_the_call_stands() -> None:
    (found,) = evaluate([ForbiddenTools("pay")], run(LOOK, PAY)).evaluations
    assert [(each.path, each.found["name"]) for each in found.evidence] == [("tools[1]", "pay")]


NAMES = st.lists(st.sampled_from("abc"), max_size=7)


@given(NAMES, NAMES)
def test_what_is_exact_is_in_order_a_set_and_contained(want: list[str], got: list[str]) -> None:
    ctx = run(*got)
    passes = {kind: judged(kind(want), ctx)[0] == "passed" for kind in (ToolsExact, ToolsSameSet, ToolsInOrder)}
    contain = judged(ToolsContain(want), ctx)[0] == "passed"
    assert passes[ToolsExact] == (want == got)
    assert passes[ToolsSameSet] == (sorted(want) == sorted(got))
    assert contain == all(got.count(each) >= want.count(each) for each in want)
    assert not passes[ToolsInOrder] or contain
    iterator = iter(got)
    assert passes[ToolsInOrder] == all(each in iterator for each in want)


@given(st.lists(st.sampled_from("ab"), min_size=2, max_size=3), st.integers(1, 3))
def test_a_cycle_is_found_where_it_is_planted(part: list[str], at_most: int) -> None:
    found = cycle(part * (at_most + 1), at_most)
    assert (found is not None) == (len(set(part)) > 1)
    assert cycle(part, at_most) is None or len(part) > 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tools_exact": {"tools": ["a"], "arguments": "exakt"}}, "arguments is one of ignore, exact, subset; did you"),
        ({"tools_exact": [3]}, "a tool is a name or {name: arguments}, not 3"),
        ({"forbidden_tools": []}, "tools is a name, or a list of names"),
        ({"max_steps": 1.5}, "at_most is a whole number, not 1.5"),
        ({"no_loops": 0}, "at_most is a whole number from 1, not 0"),
    ],
)
def test_arguments_that_mean_nothing_are_named(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)


def test_a_way_is_taken_from_the_context() -> None:
    assert run(LOOK).tools == (ToolUse("look", {"id": 7}, 1),)

from typing import Any

import pytest

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.evaluate import cost
from pytest_llmreplay.evaluate.budgets import Cost, Latency, ModelCalls, Tokens, ToolCalls
from pytest_llmreplay.evaluate.context import EvaluationContext, context, step
from pytest_llmreplay.evaluate.run import evaluate
from pytest_llmreplay.evaluate.spec import evaluators
from pytest_llmreplay.model.call import Answer, ApiError, Call, Returned, Usage
from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.recording import Match
from tests import builders


def model(index: int, tokens_in: int | None, tokens_out: int | None, **more: Any) -> Any:
    usage = None if tokens_in is None else Usage(input=tokens_in, output=tokens_out, **more)
    return builders.step(answer=builders.answered("x", usage=usage), index=index)


def tool(index: int, name: str) -> Any:
    call = Call(kind="tool", model=name)
    return builders.step(call, builders.answered(returned=Returned(1)), index=index, name=name)


def replayed(*steps: Any) -> EvaluationContext:
    spans = (builders.span(start=0, end=4),)
    return context(builders.trace(*steps, spans=spans), [Match(each.call, each) for each in steps], "x", mode="replay")


def live(*calls: tuple[Any, Answer | None, float]) -> EvaluationContext:
    """A run that asked anew; each call with its recorded step, its answer and its time in seconds."""
    steps = [each for each, _, _ in calls]
    matches = [Match(each.call, each, verdict="live", answer=told, seconds=took) for each, told, took in calls]
    trace = builders.trace(*steps, spans=(builders.span(start=0, end=4),))
    return context(trace, matches, "x", mode="live", seconds=5.0)


def judge(evaluator: Any, ctx: EvaluationContext) -> Evaluation:
    (found,) = evaluate([evaluator], ctx).evaluations
    return found


def said(found: Evaluation) -> tuple[str, str, str]:
    return found.judgement, found.need, found.reason


TWO = (model(1, 1000, 100), tool(2, "find"), model(3, 3000, 200))
TOLD = builders.answered("y", usage=Usage(input=2000, output=200))


@pytest.mark.parametrize(
    ("evaluator", "expected"),
    [
        (Latency(5), ("passed", "<= 5 s", "4 s")),
        (Latency(3.5), ("failed", "<= 3.5 s", "4 s")),
        (Latency(), ("passed", "", "4 s")),
        (Tokens(4300), ("passed", "<= 4,300", "4,300 tokens")),
        (Tokens(299, of="output"), ("failed", "<= 299", "300 tokens")),
        (Tokens(4000, of="input"), ("passed", "<= 4,000", "4,000 tokens")),
        (Tokens(0, of="reasoning"), ("passed", "<= 0", "0 tokens")),
        (Cost(0.02), ("passed", "<= $0.0200", "$0.0130")),
        (Cost(0.01), ("failed", "<= $0.0100", "$0.0130")),
        (Cost(0.00001), ("failed", "<= $0.000010", "$0.0130")),
        (ModelCalls(1), ("failed", "<= 1", "2 calls")),
        (ModelCalls(2), ("passed", "<= 2", "2 calls")),
        (ToolCalls(0), ("failed", "<= 0", "1 call")),
        (ToolCalls(0, tool="search"), ("passed", "<= 0", "0 calls")),
        (Tokens(1, negate=True), ("passed", "not <= 1", "4,300 tokens")),
    ],
)
def test_a_budget_is_an_absolute_limit(evaluator: Any, expected: tuple[str, str, str]) -> None:
    assert said(judge(evaluator, replayed(*TWO))) == expected


@pytest.mark.parametrize(
    ("evaluator", "expected"),
    [
        (Latency(at_most_ratio=1.25), ("passed", "<= 5 s", "5 s, production 4 s")),
        (Latency(at_most_ratio=1.1), ("failed", "<= 4.4 s", "5 s, production 4 s")),
        (Latency(4.5, at_most_ratio=2), ("failed", "<= 4.5 s", "5 s, production 4 s")),
        (Tokens(at_most_ratio=1.0005), ("failed", "<= 1,100", "2,200 tokens, production 1,100 tokens")),
        (Tokens(at_most_ratio=1.0), ("failed", "<= 1,100", "2,200 tokens, production 1,100 tokens")),
        (Cost(at_most_ratio=2), ("passed", "<= $0.0070", "$0.0070, production $0.0035")),
        (Cost(at_most_ratio=1.9), ("failed", "<= $0.0066", "$0.0070, production $0.0035")),
        (ModelCalls(at_most_ratio=1), ("passed", "<= 1", "1 call, production 1 call")),
        (Tokens(not_worse=100), ("failed", "<= 1200", "2,200 tokens; production had 1100")),
        (Tokens(not_worse=2000), ("passed", "<= 3100", "2,200 tokens; production had 1100")),
    ],
)
def test_a_budget_is_a_limit_beside_production(evaluator: Any, expected: tuple[str, str, str]) -> None:
    assert said(judge(evaluator, live((TWO[0], TOLD, 2.5)))) == expected


def test_a_budget_of_each_step_names_the_worst_one() -> None:
    run = live((TWO[0], TOLD, 0.5), (TWO[2], TOLD, 1.5))
    found = judge(Latency(1, steps=step(kind="model")), run)
    assert (found.judgement, found.score, found.step, found.reason) == ("failed", 1.5, 3, "1.5 s")
    found = judge(Tokens(at_most_ratio=1.5, steps=step(kind="model")), run)
    assert (found.judgement, found.step) == ("failed", 1)
    assert found.reason == "2,200 tokens, production 1,100 tokens"


def test_the_steps_that_took_the_most_are_the_evidence() -> None:
    found = judge(Tokens(1), replayed(*TWO))
    assert [(each.path, each.found) for each in found.evidence] == [("step 3", 3200), ("step 1", 1100)]


def test_what_a_number_counts_is_told() -> None:
    budgets = [Latency(), Tokens(), Cost(), ModelCalls(), ToolCalls()]
    assert [judge(each, replayed(*TWO)).unit for each in budgets] == ["s", "tokens", "USD", "calls", "calls"]


def test_what_is_not_recorded_is_no_zero() -> None:
    bare = builders.trace(*TWO)
    found = judge(Latency(1), context(bare, [], "x", mode="replay"))
    assert said(found) == ("skipped", "", "how long it took is not recorded")
    found = judge(Tokens(1), replayed(TWO[0], model(2, None, None)))
    assert said(found) == ("skipped", "", "of 1 of 2 model calls the tokens are not recorded")
    found = judge(Tokens(1), replayed(model(1, 5, None)))
    assert found.judgement == "skipped"
    found = judge(Cost(1), replayed(TWO[0], model(2, None, None)))
    words = "of 1 of 2 model calls the cost is not known: the number of input tokens is not recorded"
    assert said(found) == ("skipped", "", words)
    found = judge(Cost(at_most_ratio=1), live((model(1, None, None), TOLD, 1.0)))
    assert found.reason.startswith("there is nothing to compare with in production's run: of 1 of 1 model calls")


def test_an_error_and_an_embedding_have_their_tokens() -> None:
    failed = builders.step(answer=builders.answered(choices=(), error=ApiError(status=500)), index=1)
    vector = builders.step(Call(kind="embedding", model="e"), builders.answered(usage=Usage(input=7)), index=2)
    assert judge(Tokens(), replayed(failed, vector)).score == 7
    assert judge(ModelCalls(), replayed(failed, vector)).score == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"latency": -1}, "here: latency: at_most is a number from 0 on, not -1"),
        ({"latency": "2s"}, "at_most is a number from 0 on, not '2s'"),
        ({"tokens": {"at_most_ratio": True}}, "at_most_ratio is a number from 0 on, not True"),
        ({"tokens": {"of": "outputs"}}, "of is one of total, input, output, "),
        ({"tokens": {"of": "outputs"}}, "not 'outputs'; did you mean 'output'?"),
        ({"cost": {"threshold": 1}}, "a budget has no threshold, which is the least that passes: give at_most"),
        ({"cost": {"atmost": 1}}, "cost has no argument 'atmost'; did you mean 'at_most'?"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)


def test_a_cost_budget_without_the_price_table_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"cost needs the package genai-prices: pip install '.*\[prices\]'"):
        Cost(1)

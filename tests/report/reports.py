"""Reports as runs of a support bot make them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pytest_llmreplay.model.evaluation import Evaluation, Evidence
from pytest_llmreplay.model.result import (
    CaseResult,
    Changed,
    Comparison,
    DifferenceResult,
    GateResult,
    RunReport,
    ScoreTotal,
    StepResult,
    Totals,
)

CREATED = "2026-11-22T19:40:00Z"
VERSIONS = {"pytest-llmreplay": "0.1.0", "python": "3.11.7", "pytest": "9.2.0", "genai-prices": "0.0.41"}
SYSTEM = (
    "You are the support assistant of a small electronics shop. Answer from the policies below only, "
    "in one or two sentences, and name the policy in square brackets."
)
POLICIES = {
    "refund-2026": "Refunds: An unused item can be returned within 30 days for a full refund.",
    "refund-2024": "Refunds (superseded): An unused item can be returned within 14 days for a full refund.",
    "shipping-times": "Shipping times: Standard shipping takes 3 to 5 working days, express shipping takes 1.",
    "warranty": "Warranty: A device is repaired or replaced for 24 months; spilled water is not covered.",
}


def prompt(question: str, documents: Sequence[str], system: str = SYSTEM) -> str:
    """A request to the model, as readable text."""
    policies = "\n".join(f"[{name}] {POLICIES[name]}" for name in documents)
    return (
        f"model: gpt-4o-mini\ntemperature: 0\n\nsystem\n{system}\n\nuser\nPolicies:\n{policies}\n\nQuestion: {question}"
    )


def found(documents: Sequence[str]) -> str:
    """What the retriever gives, as readable text."""
    return "\n".join(f"{name}  {POLICIES[name]}" for name in documents)


def retriever(question: str, documents: Sequence[str], **more: Any) -> StepResult:
    """The first step of an answered question."""
    values = {
        "index": 1,
        "kind": "retriever",
        "name": "search",
        "state": "same",
        "span_id": "f63c337bc50e1d88",
        "seconds": 0.182,
        "live_start": 0.001,
        "live_seconds": 0.004,
        "request": f"query: {question}\ntop_k: 3",
        "answer": found(documents),
    }
    return StepResult(**{**values, **more})


def model(question: str, documents: Sequence[str], answer: str, **more: Any) -> StepResult:
    """The second one."""
    values = {
        "index": 2,
        "kind": "model",
        "name": "gpt-4o-mini",
        "state": "same",
        "span_id": "a0c97550e17c93e4",
        "start": 0.19,
        "seconds": 1.42,
        "live_start": 0.006,
        "live_seconds": 0.002,
        "request": prompt(question, documents),
        "answer": answer,
        "tokens_in": 212,
        "tokens_out": 24,
        "cost_usd": 0.0000462,
    }
    return StepResult(**{**values, **more})


def case(slug: str, number: int, *details: StepResult, **more: Any) -> CaseResult:
    """A case of some steps; what is not given follows from them."""
    first = next((each for each in details if each.state == "diverged"), None)
    costs = [each.cost_usd for each in details if each.cost_usd is not None]
    values = {
        "trace_id": f"{number:04x}d1aa90c2" + "0" * 20,
        "steps": len(details),
        "asked": sum(each.kind == "model" for each in details),
        "functions": sum(each.kind != "model" for each in details),
        "diverged": None,
        "case": f"tests/test_support.py::test_support[{slug}-{number:04x}]",
        "stage": {"retriever": "retriever", "tool": "tool"}.get(first.kind, "prompt") if first else None,
        "step": first.index if first else None,
        "request_id": f"req-{5000 + number}",
        "session_id": f"s-{300 + number}",
        "source": "traces/support.openinference.jsonl",
        "recorded_at": "2026-11-22T16:35:29Z",
        "recorded_status": "ok",
        "tokens_in": sum(each.tokens_in or 0 for each in details),
        "tokens_out": sum(each.tokens_out or 0 for each in details),
        "cost_usd": sum(costs) if costs else None,
        "recorded_seconds": max((each.start + (each.seconds or 0) for each in details), default=0.0),
        "seconds": 0.031,
        "output": details[-1].answer if details else "",
        "recorded_output": details[-1].answer if details else "",
        "details": details,
    }
    return CaseResult(**{**values, **more})


def passed(slug: str, number: int, question: str, answer: str, documents: Sequence[str]) -> CaseResult:
    """A case as production answered it."""
    return case(
        slug,
        number,
        retriever(question, documents),
        model(question, documents, answer, cost_usd=0.00004 + number % 7 * 3e-6, seconds=1.1 + number % 7 / 5),
        evaluations=(
            good("contains_any", 1.0, "= 1"),
            good("faithfulness", 0.92, ">= 0.8"),
            good("cost", 0.00005, "<= 0.02"),
        ),
        score=0.96,
    )


def good(name: str, score: float, need: str) -> Evaluation:
    """An evaluator that is content."""
    return Evaluation(name=name, judgement="passed", score=score, need=need, recorded=score, seconds=0.0004)


def lost_documents() -> CaseResult:
    """The retriever finds less than it did."""
    question = "How many days do I have to return an item for a refund?"
    before, now = ["refund-2026", "refund-2024", "shipping-times"], ["refund-2026"]
    answer = "You can return an item for a full refund within 30 days [refund-2026]."
    return case(
        "how-many-days-do-i-have",
        0x9E03,
        retriever(
            question,
            before,
            state="diverged",
            live_request=f"query: {question}\ntop_k: 1",
            live_answer=found(now),
            differences=(
                DifferenceResult(path="top_k", recorded="3", live="1"),
                DifferenceResult(path="documents", recorded="\n".join(before), live="\n".join(now)),
            ),
        ),
        model(
            question,
            before,
            answer,
            state="follows",
            live_request=prompt(question, now),
            differences=(
                DifferenceResult(
                    path="messages[1].content",
                    recorded=prompt(question, before).partition("user\n")[2],
                    live=prompt(question, now).partition("user\n")[2],
                ),
            ),
        ),
        outcome="diverged",
        diverged="step 1 of 2, retriever search: top_k 3 -> 1, 2 documents lost",
        message="step 1 of 2, retriever search: top_k 3 -> 1, 2 documents lost",
        cause="argument top_k changed before the output did",
        again='pytest "tests/test_support.py::test_support[how-many-days-do-i-have-9e03]" --llm-until=1',
    )


def changed_prompt() -> CaseResult:
    """A word of the prompt is another, and an agent's last steps are never reached."""
    question = "Where is my order A-1042?"
    system = "You are the support assistant of a small electronics shop. Look an order up before you speak about it."
    asked = f"model: gpt-4o-mini\ntemperature: 0\n\nsystem\n{system}\n\nuser\nCustomer c-77 asks: {question}"
    told = asked.replace("Look an order up before you speak about it.", "Look each order up before you speak.")
    order = '{"order_id": "A-1042", "state": "shipped", "carrier": "DHL", "expected": "2026-11-20"}'
    call = 'assistant calls lookup_order\n{"order_id": "A-1042"}'
    answer = "Your order A-1042 is on its way with DHL and should arrive on 20 November 2026."
    return case(
        "where-is-my-order-a-1042",
        0x9250,
        StepResult(
            index=1, kind="model", name="gpt-4o-mini", state="diverged", seconds=0.91, live_start=0.001,
            request=asked, live_request=told, answer=call, tokens_in=180, tokens_out=18, cost_usd=0.0000378,
            differences=(
                DifferenceResult(path="messages[0].content", recorded=system, live=told.split("\n")[4]),
            ),
        ),
        StepResult(
            index=2, kind="tool", name="lookup_order", state="not reached", start=0.93, seconds=0.04,
            request="order_id: A-1042", answer=order,
        ),
        StepResult(
            index=3, kind="model", name="gpt-4o-mini", state="not reached", start=0.98, seconds=1.63,
            request=f"{asked}\n\n{call}\n\ntool\n{order}", answer=answer, tokens_in=261, tokens_out=31,
            cost_usd=0.0000577, losses=["response format: not in the trace"],
        ),
        outcome="diverged",
        diverged="step 1 of 3, gpt-4o-mini: messages[0].content",
        message="step 1 of 3, gpt-4o-mini: messages[0].content",
        output="",
        again='pytest "tests/test_support.py::test_support[where-is-my-order-a-1042-9250]" --llm-until=1',
    )  # fmt: skip


def wrong_answer() -> CaseResult:
    """A live answer that three evaluators do not like, each for a reason of its own."""
    question = "What does the warranty of a device cover?"
    answer = "The warranty covers repair or replacement for 24 months [warranty]."
    live = "Everything is covered for 12 months, spilled water included. Call me at +1 555 0100."
    return case(
        "what-does-the-warranty",
        0x7F03,
        retriever(question, ["warranty"]),
        model(
            question, ["warranty"], answer, state="live", live_answer=live, live_seconds=1.77, live_start=0.006,
            tokens_out=31,
        ),
        outcome="failed",
        failed=True,
        mode="live",
        live=1,
        spent_usd=0.00005,
        message='contains_all: missing "24 months"; faithfulness 0.41 < 0.80; pii: a phone number',
        output=live,
        score=0.41,
        evaluations=(
            Evaluation(
                name="contains_all", judgement="failed", score=0.0, need="= 1", reason='missing "24 months"',
                recorded=1.0, evidence=(Evidence("output", "12 months"),),
            ),
            Evaluation(
                name="faithfulness", judgement="failed", score=0.41, need=">= 0.8", recorded=0.93,
                reason="2 of 3 statements are not in the documents",
                evidence=(Evidence("output.sentences[0]", "Everything is covered for 12 months"), Evidence("step 1")),
                weight=2.0,
            ),
            Evaluation(
                name="pii", judgement="failed", score=0.0, need="= 1", reason="a phone number",
                evidence=(Evidence("output", "+1 555 0100"),),
            ),
            Evaluation(name="tone", judgement="skipped", reason="no judge recording"),
            Evaluation(name="house_style", judgement="error", reason="KeyError: 'greeting' (style.py:12)"),
            good("cost", 0.00005, "<= 0.02"),
        ),
    )  # fmt: skip


def run() -> RunReport:
    """A run against a baseline: two divergences, one failed case, all that a page can show."""
    shipping = ("How many working days does standard shipping take?", "It takes 3 to 5 working days [shipping-times].")
    questions = [
        ("how-many-working-days", 0x7D3B, *shipping, ["shipping-times"]),
        ("is-express-any-faster", 0x1A02, "Is express faster?", "Yes: 1 day [shipping-times].", ["shipping-times"]),
        ("can-i-return-headphones", 0x1A03, "And headphones?", "Yes, within 30 days [refund-2026].", ["refund-2026"]),
        ("is-water-covered", 0x1A04, "Is water damage covered?", "No [warranty].", ["warranty"]),
        ("how-long-is-it", 0x1A05, "How long is the warranty?", "24 months [warranty].", ["warranty", "refund-2026"]),
    ]
    tolerated = case(
        "rainy-day", 0x2B01, model("Hi! Something for a rainy day?", [], "An e-reader is good company.", index=1),
        outcome="tolerated", message="similarity 0.71 < 0.75, within what the gate allows",
        evaluations=(Evaluation(name="similarity", judgement="failed", score=0.71, need=">= 0.75", reason="0.71"),),
    )  # fmt: skip
    error = case(
        "no-content", 0x2B02, outcome="error", message="step 1 has no content: the spans were recorded without it"
    )
    skipped = case("needs-a-key", 0x2B03, outcome="skipped", message="skipped: needs a key")
    cases = [
        *(passed(*each) for each in questions[:2]), lost_documents(), *(passed(*each) for each in questions[2:]),
        changed_prompt(), wrong_answer(), tolerated, error, skipped,
    ]  # fmt: skip
    return report(*cases, gates=GATES, comparison=COMPARISON, problems=["traces/a.jsonl:7: a span without an id"])


SCORES = {
    "faithfulness": ScoreTotal(mean=0.835, judged=6, passed=5, failed=1, skipped=0, errors=0),
    "contains_any": ScoreTotal(mean=1.0, judged=5, passed=5, failed=0, skipped=0, errors=0),
    "tone": ScoreTotal(mean=None, judged=0, passed=0, failed=0, skipped=1, errors=0),
}
BEFORE = Totals(
    cases=11, passed=10, diverged=0, failed=1, pass_rate=10 / 11, tokens_in=2310, tokens_out=241, cost_usd=0.000641,
    latency_p50=1.52, latency_p95=2.31, score=0.94,
    scores={"faithfulness": ScoreTotal(mean=0.92, judged=6, passed=6, failed=0, skipped=0, errors=0)},
)  # fmt: skip
GATES = (
    GateResult(gate="pass_rate >= 90%", state="failed", now="60.0%", baseline="90.9%", change="-30.9 pt"),
    GateResult(gate="cost <= +5%", state="ok", now="$0.0006", baseline="$0.0006", change="-1.2%"),
    GateResult(gate="latency.p95 <= +20%", state="ok", now="2.61 s", baseline="2.31 s", change="+13.0%"),
    GateResult(
        gate="score.faithfulness >= -0.05", state="unclear", now="0.835", baseline="0.920", change="-0.085",
        reason="the interval covers the limit",
    ),
    GateResult(gate="score.tone >= 0.8", state="skipped", now="", reason="no case was judged"),
)  # fmt: skip
COMPARISON = Comparison(
    path=".llm/baseline.json",
    created="2026-11-20T08:00:00Z",
    commit="3f2a9c1",
    totals=BEFORE,
    changes=(
        Changed(
            case="tests/test_support.py::test_support[how-many-days-do-i-have-9e03]", change="newly failing",
            before="passed", now="diverged",
        ),
        Changed(
            case="tests/test_support.py::test_support[what-does-the-warranty-7f03]", change="newly failing",
            before="passed", now="failed",
        ),
        Changed(
            case="tests/test_support.py::test_support[is-water-covered-1a04]", change="newly passing",
            before="failed", now="passed",
        ),
        Changed(
            case="tests/test_support.py::test_support[what-does-the-warranty-7f03]", change="score",
            before="faithfulness 0.93", now="faithfulness 0.41",
        ),
        Changed(case="tests/test_support.py::test_support[needs-a-key-2b03]", change="new", now="skipped"),
        Changed(case="tests/test_support.py::test_support[old-one-0001]", change="vanished", before="passed"),
    ),
    tests={"mcnemar": 0.625, "sign faithfulness": 0.5},
    notes=("the baseline has another price table: genai-prices 0.0.40",),
)  # fmt: skip


def totals(cases: Sequence[CaseResult]) -> Totals:
    """The figures of some cases, roughly as the plugin counts them."""
    count = Counter(each.outcome for each in cases)
    judged = len(cases) - count["skipped"]
    costs = [each.cost_usd for each in cases if each.cost_usd is not None]
    latencies = sorted(each.recorded_seconds or 0 for each in cases)
    stages = [each.stage for each in cases if each.stage]
    return Totals(
        cases=len(cases), passed=count["passed"], diverged=count["diverged"], failed=count["failed"],
        errors=count["error"], skipped=count["skipped"], tolerated=count["tolerated"],
        pass_rate=(count["passed"] + count["tolerated"]) / judged if judged else None,
        stages={name: stages.count(name) for name in sorted(set(stages))},
        tokens_in=sum(each.tokens_in or 0 for each in cases), tokens_out=sum(each.tokens_out or 0 for each in cases),
        cost_usd=sum(costs) if costs else None, unpriced=len(cases) - len(costs),
        spent_usd=sum(each.spent_usd or 0 for each in cases) or None,
        latency_p50=latencies[len(latencies) // 2] if latencies else None,
        latency_p95=latencies[int(len(latencies) * 0.95)] if latencies else None,
        scores=SCORES if judged else {}, score=0.853 if judged else None,
    )  # fmt: skip


def report(*cases: CaseResult, **more: Any) -> RunReport:
    """A run of these cases."""
    bad = sum(each.outcome in ("diverged", "failed", "error") for each in cases)
    values = {
        "created": CREATED,
        "versions": VERSIONS,
        "mode": "replay",
        "commit": "8c41e0d",
        "totals": totals(cases),
        "cases": cases,
        "exit_reason": f"exit status 1: {bad} cases" + (", 1 gate" if more.get("gates") else "") if bad else "",
    }
    return RunReport(**{**values, **more})


HOSTILE = "\n".join(
    [
        "<script>window.broken = 'script'</script>",
        "</script><script>window.broken = 'closed'</script>",
        '"><img src="https://example.invalid/x.png" onerror="window.broken = \'image\'">',
        "<!-- <script> --> ]]> <![CDATA[ <style>body{display:none}</style>",
        "javascript:window.broken='link' ${window.broken='template'} `window.broken='tick'`",
        "\x1b[31mred\x1b[0m \x1b]8;;https://example.invalid\x07link\x1b]8;;\x07",
        "\u202egnp.exe \u2028 line \x00 nul \ud800 lone",
        "@everyone #1 ![image](https://example.invalid/i.png) [link](https://example.invalid) | \\| `tick` ```` ticks",
        "::error file=a.py::title",
        "##[error]azure ##vso[task.complete]",
        "</textarea></title></pre></code></details><h1>heading</h1>",
    ]
)
"""What a trace may hold that a page, a comment or a log could obey."""


def hostile(text: str = HOSTILE, slug: str = "hostile") -> CaseResult:
    """A case that has a hostile text wherever a text can stand."""
    difference = DifferenceResult(path=text, recorded=text, live=f"{text}!")
    first = StepResult(
        index=1, kind=text, name=text, state="diverged", seconds=0.1, request=text, live_request=f"{text}!",
        answer=text, live_answer=f"{text}?", differences=(difference,), error=text, losses=(text,),
    )  # fmt: skip
    judgement = Evaluation(
        name=text, judgement="failed", label=text, reason=text, need=text, evidence=(Evidence(text, {text: [text]}),)
    )
    return case(
        slug, 0xBAD, first, outcome="diverged", diverged=text, message=text, stage=text, cause=text, again=text,
        case=f"tests/test_x.py::test[{text}]", request_id=text, session_id=text, source=text, unpinned=(text,),
        ambiguities=(text,), drifts=(text,), evaluations=(judgement,), output=text, recorded_output=text,
        losses=(text,), mode=text, recorded_at=text, recorded_status=text,
    )  # fmt: skip


def hostile_run(text: str = HOSTILE) -> RunReport:
    """A run in which each text is hostile."""
    changed = Changed(case=f"tests/test_x.py::test[{text}]", change="newly failing", before=text, now=text)
    return report(
        hostile(text),
        created=text,
        versions={text: text},
        mode=text,
        commit=text,
        gates=(GateResult(gate=text, state="failed", now=text, baseline=text, change=text, reason=text),),
        comparison=Comparison(
            path=text, created=text, commit=text, totals=BEFORE, changes=(changed,), tests={text: 0.5}, notes=(text,)
        ),
        problems=(text,),
        exit_reason=text,
    )

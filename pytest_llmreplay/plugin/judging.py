"""Evaluators at work on one item: asked by the test or at its end, and all before it fails. PYTEST_DONT_REWRITE"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from _pytest.outcomes import Failed

from pytest_llmreplay.model.evaluation import Evaluation, Verdict
from pytest_llmreplay.model.jsonvalue import JSON

if TYPE_CHECKING:
    from pytest_llmreplay.evaluate.context import Absent
    from pytest_llmreplay.evaluate.protocol import Evaluator
    from pytest_llmreplay.plugin.case import ActiveCase
    from pytest_llmreplay.replay.judges import JudgeSession


def unasked() -> "JudgeSession":
    """A session without recordings, for a case of no item."""
    from pytest_llmreplay.plugin.judges import Unanswered
    from pytest_llmreplay.replay.judges import JudgeCalls, JudgeSession

    return JudgeSession(JudgeCalls(), asks=False, signal=Unanswered)


@dataclass
class Judgements:
    """What was said of one item."""

    config: Callable[[], Mapping[str, Any]] = dict
    """Gives what the fixture ``llm_config`` gives."""
    more: Callable[[], Sequence[Any]] = tuple
    """Gives the evaluators of ``pytest_llm_evaluators``."""
    session: "Callable[[], JudgeSession]" = unasked
    """Gives a session that answers the model calls of evaluators."""
    sessions: "list[JudgeSession]" = field(default_factory=list)
    """Those that were given."""
    output_given: bool = False
    """Whether the test said what the application gave."""
    raised: str = ""
    """What the application raised instead: the exception's name."""
    checked: bool = False
    """Whether the test asked for its evaluators itself."""
    approve: Callable[[bool | str | Sequence[str] | None, bool], Evaluation | None] = lambda wanted, alone: None
    """Holds the run against its snapshot, where one is wanted."""
    verdicts: list[Verdict] = field(default_factory=list)
    """What evaluators said, in the order of their asking."""
    binding: list[Verdict] = field(default_factory=list)
    """Those that the item is held to."""

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """All judgements."""
        return tuple(each for verdict in self.verdicts for each in verdict.evaluations)

    @property
    def failing(self) -> list[Evaluation]:
        """The judgements that fail the item."""
        return [each for verdict in self.binding for each in verdict.failures]


class Unsatisfied(Failed):
    """Evaluators that failed. ``except Exception`` does not catch it."""

    def __init__(self, failing: Sequence[Evaluation]) -> None:
        super().__init__("; ".join(map(short, failing)), pytrace=False)
        self.failing = failing


def short(evaluation: Evaluation) -> str:
    """A judgement in a few words: ``contains: missing "30 days"``, ``faithfulness 0.62, need >= 0.80``."""
    why = evaluation.reason.partition("\n")[0]
    if evaluation.judgement == "error":
        return f"{evaluation.name}: error: {why}"
    if why:
        return f"{evaluation.name}: {why}"
    score = evaluation.label if evaluation.score is None else f"{evaluation.score:g}"
    return f"{evaluation.name} {score}, need {evaluation.need}"


def check(case: "ActiveCase", output: Any, expected: JSON, snapshot: bool | str | Sequence[str] | None) -> Verdict:
    """Judge an output as the test asks for it. Raises Unsatisfied where an evaluator or the snapshot fails."""
    __tracebackhide__ = True
    case.judgements.checked = True
    verdict = bound(case, output, expected)
    held = None if case.settings.refresh else case.judgements.approve(snapshot, not verdict.evaluations)
    if held is not None:
        case.judgements.verdicts.append(Verdict(evaluations=(held,)))
        case.judgements.binding.append(Verdict(evaluations=(held,)))
        verdict = Verdict(evaluations=(*verdict.evaluations, held))
    if verdict.failures:
        raise Unsatisfied(verdict.failures)
    return verdict


def bound(case: "ActiveCase", output: Any, expected: JSON = None) -> Verdict:
    """Judge an output by the evaluators that the item is held to."""
    verdict = evaluate(case, output, all_of(case), expected)
    case.judgements.binding.append(verdict)
    return verdict


def all_of(case: "ActiveCase") -> "tuple[Evaluator, ...]":
    """The evaluators that an item is held to: of its marker, of its case file, and of plugins; none in a refresh."""
    if case.settings.refresh:
        return ()
    recorded, more = case.trace.expectations.evaluators, case.judgements.more()
    if not recorded and not more:
        return case.settings.evaluators
    from pytest_llmreplay.evaluate.spec import evaluators

    own = evaluators(recorded, case.trace.source)
    return (*case.settings.evaluators, *own, *evaluators(more, "pytest_llm_evaluators"))


def evaluate(case: "ActiveCase", output: Any, given: Sequence[Any], expected: JSON = None) -> Verdict:
    """Judge an output by some evaluators, and write down what they say."""
    __tracebackhide__ = True
    from pytest_llmreplay.evaluate.spec import evaluators
    from pytest_llmreplay.plugin.judges import judged
    from pytest_llmreplay.replay import active

    ctx, session = context_of(case, output, expected), case.judgements.session()
    case.judgements.sessions.append(session)
    with active.active(session):
        found = [one for each in of_names(evaluators(given, "evaluate")) for one in judged(each, ctx, session)]
    return said(case, Verdict(evaluations=tuple(found)))


def of_names(given: "Sequence[Evaluator]") -> "Sequence[Evaluator]":
    """The evaluators, those of equal names numbered, so that a report can tell them apart."""
    seen: dict[str, int] = {}
    out = []
    for each in given:
        seen[each.title] = seen.get(each.title, 0) + 1
        again = seen[each.title]
        out.append(each if again == 1 else replace(each, name=f"{each.title} {again}"))
    return out


def said(case: "ActiveCase", verdict: Verdict) -> Verdict:
    """The verdict, written down."""
    case.judgements.verdicts.append(verdict)
    return verdict


def context_of(case: "ActiveCase", output: Any, expected: JSON) -> Any:
    """What evaluators may look at."""
    import time

    from pytest_llmreplay.evaluate.context import context

    found = context(
        case.trace,
        case.recording.matches,
        output,
        mode=case.settings.mode,
        seconds=time.perf_counter() - case.began,
    )
    return replace(
        found,
        expected=case.trace.expectations.output if expected is None else expected,
        judge=case.judgements.config().get("judge"),
        in_ci=case.settings.ci is not None,
    )


def judge_rest(case: "ActiveCase") -> None:
    """Judge what the test left unjudged. Raises Unsatisfied where an evaluator that the item is held to failed."""
    __tracebackhide__ = True
    judgements = case.judgements
    if not judgements.checked and case.engaged and all_of(case):
        bound(case, case.recording.output if judgements.output_given else absent(case))
    if judgements.failing:
        raise Unsatisfied(judgements.failing)


def absent(case: "ActiveCase") -> "Absent":
    """Why there is no output: the test did not tell it, or the application raised."""
    from pytest_llmreplay.evaluate.context import Absent

    if raised := case.judgements.raised:
        if case.trace.status == "error":
            return Absent(f"no output: the application raised {raised}, as in production", as_in_production=True)
        return Absent(f"no output: the application raised {raised}")
    return Absent("no output: use llm_replay.run(app) or llm_replay.check(output)")

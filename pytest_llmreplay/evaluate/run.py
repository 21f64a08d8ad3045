"""Running evaluators over a run: all of them, and a crash is a value, too. PYTEST_DONT_REWRITE"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import copy_context
from dataclasses import replace

from pytest_llmreplay.evaluate.context import EvaluationContext, NoOutput, StepFilter
from pytest_llmreplay.evaluate.judgement import Crash, told
from pytest_llmreplay.evaluate.protocol import Evaluator, Said
from pytest_llmreplay.evaluate.values import words
from pytest_llmreplay.model.evaluation import Evaluation, Skip, Verdict


def evaluate(evaluators: Sequence[Evaluator], ctx: EvaluationContext) -> Verdict:
    """The judgements of all evaluators, in order. What one raises is a judgement, too."""
    return Verdict(evaluations=tuple(each for evaluator in evaluators for each in judged(evaluator, ctx)))


def judged(evaluator: Evaluator, ctx: EvaluationContext) -> list[Evaluation]:
    """The judgements of one evaluator: one, or as many as it gave names."""
    began = time.perf_counter()
    steps = evaluator.steps
    found = list(limited(evaluator, steps, ctx) if steps else over(evaluator, ctx))
    seconds = time.perf_counter() - began
    return [replace(each, seconds=seconds / len(found)) for each in found]


def limited(evaluator: Evaluator, steps: StepFilter, ctx: EvaluationContext) -> Iterator[Evaluation]:
    """The worst judgement over the steps that an evaluator is limited to, for each name that it gives."""
    worst: dict[str, Evaluation] = {}
    for each in ctx.limited(steps):
        step = each.exchanges[0].step
        index = step.index if step else None
        for found in (replace(one, step=index) for one in over(evaluator, each)):
            if found.name not in worst or badness(evaluator, found) > badness(evaluator, worst[found.name]):
                worst[found.name] = found
    if not worst:
        yield told(evaluator, evaluator.title, Skip(f"the run has no such step: {steps}"))
    yield from worst.values()


def badness(evaluator: Evaluator, evaluation: Evaluation) -> tuple[int, float]:
    """How bad a judgement is, for comparison."""
    order = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}
    score = evaluation.score or 0.0
    return order[evaluation.judgement], score if evaluator.less_is_better else -score


def over(evaluator: Evaluator, ctx: EvaluationContext) -> Iterator[Evaluation]:
    """The judgements of one context, compared with production's run where that is asked for."""
    said = by_name(evaluator, asked(evaluator, ctx))
    if evaluator.not_worse is None:
        yield from (told(evaluator, name, each) for name, each in said)
        return
    production = ctx.of_production()
    then = dict(by_name(evaluator, asked(evaluator, production))) if production else {}
    for name, each in said:
        before = told(evaluator, name, then.get(name, Skip("the answer stands for no recorded step")))
        yield against(evaluator, told(evaluator, name, each), before)


def asked(evaluator: Evaluator, ctx: EvaluationContext) -> Said:
    """What an evaluator says; a crash, and a hang beyond its limit, as the exception."""
    if evaluator.own and type(evaluator).__module__.startswith(__package__ + "."):
        return guarded(evaluator, ctx)
    return in_time(lambda: guarded(evaluator, ctx), evaluator.limit)


def guarded(evaluator: Evaluator, ctx: EvaluationContext) -> Said:
    """What is said, or the crash as a value."""
    try:
        return evaluator(ctx)
    except NoOutput as error:
        return Skip(error.absent.why) if error.absent.as_in_production else Crash(error.absent.why)
    except Exception as error:  # an evaluator is anyone's code; its crash is a value
        return crash(error)


def in_time(ask: Callable[[], Said], limit: float) -> Said:
    """What is said within a limit in seconds. What hangs is left behind in a daemon thread."""
    said: list[Said] = []
    inside = copy_context()

    def run() -> None:
        try:
            said.append(inside.run(ask))
        except BaseException as error:  # it ends its thread, not the run: a Ctrl-C reaches the thread that waits
            said.append(crash(error))

    thread = threading.Thread(target=run, name="llm evaluator", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        return Crash(f"gave no answer within {limit:g} s")
    return said[0]


def crash(error: BaseException) -> Crash:
    """An exception as a value: its name and the first line of its message."""
    return Crash(": ".join(filter(None, (type(error).__name__, first_line(error)))))


def first_line(error: BaseException) -> str:
    """The first line of an exception's message."""
    return next(iter(words(error).splitlines()), "")


def by_name(evaluator: Evaluator, said: Said) -> list[tuple[str, Said]]:
    """What was said, under the evaluator's name, or under each name that it gave."""
    if isinstance(said, Mapping):
        return [(words(name), each) for name, each in said.items()] or [(evaluator.title, None)]
    return [(evaluator.title, said)]


def against(evaluator: Evaluator, now: Evaluation, then: Evaluation) -> Evaluation:
    """A judgement that is not worse than production's, within what is allowed."""
    if now.judgement in ("skipped", "error") or now.score is None:
        return now
    if then.score is None:
        return replace(now, judgement="skipped", reason=f"production's run has no such score: {then.reason or 'none'}")
    allowed = evaluator.not_worse or 0.0
    upwards = evaluator.less_is_better != evaluator.negate
    bound = then.score + allowed if upwards else then.score - allowed
    worse = now.score > bound if upwards else now.score < bound
    words = f"production had {then.score:g}"
    return replace(
        now,
        judgement="failed" if worse else "passed",
        recorded=then.score,
        need=f"{'<=' if upwards else '>='} {bound:g}",
        reason=f"{now.reason}; {words}" if now.reason else words,
    )

"""The text of a case that evaluators failed: what they said, failures first, and the output. PYTEST_DONT_REWRITE"""

from collections.abc import Iterator, Sequence

from pytest_llmreplay.model.evaluation import Evaluation
from pytest_llmreplay.model.trace import Trace
from pytest_llmreplay.report.divergence import Detail, title
from pytest_llmreplay.report.text import line_diff, safe, shortened, shown

ORDER = {"failed": 0, "error": 1, "skipped": 2, "passed": 3}
WORDS = {"failed": "FAILED", "error": "ERROR"}
COLUMNS = 80
"""Of the terminal in which a text has no more lines than it may."""
OUTPUT_LINES = 6
"""Lines of the output that are always shown, if it has so many."""
NAME, WIDEST_NAME, NUMBER, NEED = 18, 30, 8, 14
"""Widths of the columns; that of the names grows with the longest."""


def verdict_lines(
    trace: Trace,
    evaluations: Sequence[Evaluation],
    output: object,
    again: str,
    detail: Detail,
    *,
    given: bool,
    raised: str = "",
    doubts: Sequence[str] = (),
) -> list[str]:
    """The whole text.

    ``given``: the test said what the application gave; ``raised``: what it raised instead; ``doubts``: what of the
    answers the trace does not say.
    """
    name = min(WIDEST_NAME, max([NAME, *(len(each.name) for each in evaluations)]))
    head = [title(trace), "", f"  {'evaluator':<{name}} {'score':<{NUMBER}} {'need':<{NEED}} verdict"]
    ordered = sorted(evaluations, key=lambda each: ORDER[each.judgement])
    rows = [line for each in ordered for line in row(each, detail, name)]
    tail = [*doubts, f"only this case:  {again}"]
    if not given and raised:
        tail.insert(0, f"no output was judged: the application raised {raised}")
    told = ["output", *(f"  {line}" for line in output_lines(trace.output, output))] if given else []
    if detail.lines is not None:
        room = detail.lines - height(head) - height(tail)
        rows = cut(rows, max(3, room - min(height(told), OUTPUT_LINES + 1)))
        told = cut(told, room - height(rows))
    return [safe(line) for line in (*head, *rows, *told, *tail)]


def row(evaluation: Evaluation, detail: Detail, width: int) -> Iterator[str]:
    """A row of the table, with a width for the name; with -v the evidence below it."""
    score = evaluation.label if evaluation.score is None else number(evaluation.score, evaluation.unit)
    word = WORDS.get(evaluation.judgement, evaluation.judgement)
    where = f"step {evaluation.step}: " if evaluation.step is not None and evaluation.fails else ""
    reason = where + shortened(evaluation.reason, 90)
    yield (
        f"  {shortened(evaluation.name, width):<{width}} {shortened(score or '-', NUMBER):<{NUMBER}} "
        f"{shortened(evaluation.need or '-', NEED):<{NEED}} {word:<8} {reason}"
    ).rstrip()
    if detail.level and evaluation.fails:
        for each in evaluation.evidence:
            yield f"    {each.path}: {shortened(shown(each.found), 90)}"


def number(score: float, unit: str) -> str:
    """A score, or what was counted; dollars have more places."""
    if unit == "USD":
        return f"${score:.4f}" if score >= 0.001 or not score else f"${score:.2g}"
    return f"{score:,.0f}" if unit and score.is_integer() else f"{score:.2f}"


def output_lines(recorded: object, output: object) -> Iterator[str]:
    """The output: as a diff where production's is known and another."""
    now = shown(output)  # type: ignore[arg-type]
    if recorded is None or recorded == output:
        yield from (shortened(line) for line in now.split("\n"))
        return
    yield from line_diff(shown(recorded), now)  # type: ignore[arg-type]


def height(lines: Sequence[str]) -> int:
    """How many lines these take on a terminal that is as narrow as most are."""
    return sum(max(1, -(-len(line) // COLUMNS)) for line in lines)


def cut(lines: Sequence[str], room: int) -> list[str]:
    """As many lines as there is room for; the last one then says how many are left out."""
    if height(lines) <= room:
        return list(lines)
    kept = next((number for number in range(len(lines), 0, -1) if height(lines[:number]) < room), 0)
    return [*lines[:kept], f"  … {len(lines) - kept} more lines:  -v"] if room > 0 else []

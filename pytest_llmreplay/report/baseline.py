"""The last good run, as a small file that is reviewed and committed, and how this run differs. PYTEST_DONT_REWRITE"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.model.result import CaseResult, Changed, Comparison, RunReport, Totals
from pytest_llmreplay.report.headline import ORDER
from pytest_llmreplay.report.statistics import mcnemar, mean, sign
from pytest_llmreplay.report.totals import base, by_trace, known

FORMAT = 1
SAME = 1e-9
"""Scores that differ by less are equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCase:
    """One case of an earlier run."""

    trace_id: str
    passed: int
    runs: int
    outcome: str
    diverged: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost_usd: float | None = None
    recorded_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier run: verdicts, scores and figures; no text of a trace."""

    format: int
    created: str
    commit: str
    mode: str
    versions: Mapping[str, str]
    totals: Totals
    cases: Mapping[str, BaselineCase]


def baseline(report: RunReport) -> Baseline:
    """What is kept of a run. Durations of tests are not: they would differ each time."""
    return Baseline(
        format=FORMAT,
        created=report.created,
        commit=report.commit,
        mode=report.mode,
        versions=report.versions,
        totals=report.totals,
        cases={base(runs[0]): of_case(runs) for runs in by_trace(report.cases) if runs[0].outcome != "skipped"},
    )


def of_case(runs: Sequence[CaseResult]) -> BaselineCase:
    """One case over its runs."""
    worst = next((each for each in runs if each.outcome != "passed"), runs[0])
    scores: dict[str, list[float]] = {}
    for each in (evaluation for case in runs for evaluation in case.evaluations):
        if each.score is not None:
            scores.setdefault(each.name, []).append(each.score)
    costs = list(known(case.cost_usd for case in runs))
    return BaselineCase(
        trace_id=runs[0].trace_id,
        passed=sum(case.outcome == "passed" for case in runs),
        runs=len(runs),
        outcome=worst.outcome,
        diverged=worst.diverged or "",
        scores={name: round(mean(values), 6) for name, values in sorted(scores.items())},
        tokens_in=runs[0].tokens_in,
        tokens_out=runs[0].tokens_out,
        cost_usd=round(mean(costs), 8) if costs else None,
        recorded_seconds=runs[0].recorded_seconds,
    )


def accepted(found: Baseline) -> str:
    """What does not pass in it, and so is good enough for the runs to come: ``1 diverged, 2 failed``; else empty."""
    words = Counter(case.outcome for case in found.cases.values() if not passes(case))
    return ", ".join(f"{words[name]:,} {name}" for name in ORDER if words[name])


def written(found: Baseline) -> str:
    """The file: sorted names, a member on each line, so that a diff of two reads like a change."""
    import msgspec

    data = msgspec.json.encode(found, order="sorted")
    return msgspec.json.format(data, indent=1).decode() + "\n"


def read(path: Path) -> Baseline:
    """The baseline of a file. Raises UsageProblem that says what to do."""
    import msgspec

    again = "save a new one with --llm-baseline-save"
    try:
        data = path.read_bytes()
        version = msgspec.json.decode(data, type=dict).get("format")
        if version != FORMAT:
            newer = "update pytest-llmreplay, or " if isinstance(version, int) and version > FORMAT else ""
            told = f"has format {version!r}, this version reads {FORMAT}"
            raise UsageProblem(f"--llm-baseline: {path} {told}; {newer}{again}")
        return msgspec.json.decode(data, type=Baseline)
    except OSError as error:
        raise UsageProblem(f"--llm-baseline: {path} cannot be read ({error.strerror}); {again}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        marks = " (it holds merge-conflict markers)" if b"\n<<<<<<< " in b"\n" + data else ""
        raise UsageProblem(f"--llm-baseline: {path} is no baseline: {error}{marks}; {again}") from None


def compared(then: Baseline, path: str, now: RunReport, *, whole: bool) -> Comparison:
    """This run against an earlier one. ``whole``: all cases were run, so that one that is not there has vanished."""
    current = {base(runs[0]): of_case(runs) for runs in by_trace(now.cases) if runs[0].outcome != "skipped"}
    notes = []
    if not whole:
        notes.append("not all cases were run")
    if then.mode != now.mode:
        notes.append(f"the baseline was run in mode {then.mode}, this run in mode {now.mode}")
    for name in sorted({*then.versions, *now.versions}):
        if then.versions.get(name) != now.versions.get(name):
            notes.append(f"{name} {then.versions.get(name, 'none')} then, {now.versions.get(name, 'none')} now")
    return Comparison(
        path=path,
        created=then.created,
        commit=then.commit,
        totals=then.totals,
        changes=tuple(changes(then.cases, current, whole=whole)),
        tests=tests(then.cases, current),
        notes=tuple(notes),
    )


def changes(then: Mapping[str, BaselineCase], now: Mapping[str, BaselineCase], *, whole: bool) -> Iterator[Changed]:
    """What is otherwise, worst first."""
    both = [(name, then[name], now[name]) for name in now if name in then]
    for name, old, new in both:
        if passes(old) and not passes(new):
            yield Changed(case=name, change="newly failing", before=told(old), now=told(new))
    if whole:
        yield from (Changed(case=name, change="vanished", before=told(then[name])) for name in then if name not in now)
    for name, old, new in both:
        if not passes(old) and not passes(new) and old.diverged != new.diverged:
            yield Changed(case=name, change="divergence", before=told(old), now=told(new))
    for name, old, new in both:
        if passes(new) and not passes(old):
            yield Changed(case=name, change="newly passing", before=told(old), now=told(new))
    for name, old, new in both:
        for title in sorted(old.scores.keys() & new.scores.keys()):
            if abs(old.scores[title] - new.scores[title]) > SAME:
                before, after = f"{title} {old.scores[title]:.4g}", f"{new.scores[title]:.4g}"
                yield Changed(case=name, change="score", before=before, now=after)
    yield from (Changed(case=name, change="new", now=told(now[name])) for name in now if name not in then)


def passes(case: BaselineCase) -> bool:
    """Whether all runs of a case passed."""
    return case.passed == case.runs


def told(case: BaselineCase) -> str:
    """What became of a case, in a few words."""
    words = case.diverged or case.outcome
    return words if case.runs == 1 else f"{case.passed} of {case.runs} passed"


def tests(then: Mapping[str, BaselineCase], now: Mapping[str, BaselineCase]) -> dict[str, float]:
    """p-values of paired tests, where at least six pairs changed: below that none can reach 5 %."""
    both = [(then[name], now[name]) for name in now if name in then]
    failing = sum(passes(old) and not passes(new) for old, new in both)
    passing = sum(passes(new) and not passes(old) for old, new in both)
    found = {"mcnemar": mcnemar(failing, passing)} if failing + passing >= LEAST_PAIRS else {}
    for title in sorted({name for _, new in both for name in new.scores}):
        moved = [
            new.scores[title] - old.scores[title] for old, new in both if title in old.scores and title in new.scores
        ]
        moved = [each for each in moved if abs(each) > SAME]
        if len(moved) >= LEAST_PAIRS:
            found[f"sign {title}"] = sign(moved)
    return found


LEAST_PAIRS = 6
"""With five pairs the least two-sided p-value is 6 %."""

"""Evaluators of the way that an agent took: which tools, in which order, with which arguments. PYTEST_DONT_REWRITE

A way is given as names, as ``{name: arguments}``, or not at all: then production's counts. The calls of one turn stand
in the order in which the model asked for them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, get_args

from pytest_llmreplay.errors import nearest
from pytest_llmreplay.evaluate.context import EvaluationContext, ToolUse
from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.evaluate.values import as_text
from pytest_llmreplay.model.evaluation import Evidence, Score, Skip

Arguments = Literal["ignore", "exact", "subset"]
Compare = Callable[[Any, Any], bool]
"""Whether the arguments of a call (second) are what was wanted (first)."""
SHOWN = 60
"""Characters of arguments that a reason shows."""


@dataclass(frozen=True)
class Way(Evaluator):
    """What the evaluators of a way have in common."""

    own: ClassVar[bool] = True

    tools: Sequence[str | Mapping[str, Any]] | str | None = None
    """The tools that are wanted; production's where none are given."""
    arguments: Arguments = field(default="ignore", kw_only=True)
    """Whether arguments count: not at all, all of them, or those that are wanted and no others."""
    compare: Mapping[str, Compare] = field(default_factory=dict, kw_only=True)
    """For some tools a function ``(wanted, got) -> bool`` in place of ``arguments``."""

    def __post_init__(self) -> None:
        if self.arguments not in get_args(Arguments):
            known = list(get_args(Arguments))
            raise ValueError(f"arguments is one of {', '.join(known)}{nearest(str(self.arguments), known)}")
        if isinstance(self.tools, str):
            object.__setattr__(self, "tools", [self.tools])
        for each in self.tools or ():
            if not isinstance(each, str) and not (isinstance(each, Mapping) and len(each) == 1):
                raise ValueError(f"a tool is a name or {{name: arguments}}, not {each!r}")
        for name, function in self.compare.items():
            if not callable(function):
                raise TypeError(f"compare: {name}: {function!r} is no function")

    def wanted(self, ctx: EvaluationContext) -> tuple[ToolUse, ...] | Skip:
        """The way that is wanted."""
        if self.tools is not None:
            return tuple(map(wanted, self.tools))
        recorded = ctx.of_production()
        return (recorded and recorded.tools) or Skip("no tools are given, and production called none")

    def fits(self, want: ToolUse, got: ToolUse) -> bool:
        """Whether a call is one that is wanted."""
        if want.name != got.name:
            return False
        if want.name in self.compare:
            return bool(self.compare[want.name](want.arguments, got.arguments))
        if self.arguments == "ignore" or want.arguments is NOT_GIVEN:
            return True
        return covers(want.arguments, got.arguments, whole=self.arguments == "exact")

    def named(self, use: ToolUse) -> str:
        """A call in a reason: its name, and its arguments where they count."""
        plain = self.arguments == "ignore" and use.name not in self.compare
        if plain or use.arguments is NOT_GIVEN:
            return use.name
        told = as_text(use.arguments)
        return f"{use.name}({told if len(told) <= SHOWN else told[: SHOWN - 1] + '…'})"

    def judge(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> Score:
        """Compare the way that is wanted with the way that was taken."""
        raise TypeError(f"{type(self).__name__} does not say how it judges")

    def __call__(self, ctx: EvaluationContext) -> Score | Skip:
        """Compare."""
        want = self.wanted(ctx)
        return want if isinstance(want, Skip) else self.judge(want, ctx.tools)


class _NotGiven:
    def __repr__(self) -> str:
        return "any"


NOT_GIVEN: Any = _NotGiven()
"""The arguments of a tool that is wanted by its name alone."""


def wanted(tool: str | Mapping[str, Any]) -> ToolUse:
    """A tool that is wanted, by its name or with arguments."""
    if isinstance(tool, str):
        return ToolUse(tool, NOT_GIVEN)
    ((name, arguments),) = tool.items()
    return ToolUse(name, arguments)


def covers(want: Any, got: Any, *, whole: bool) -> bool:
    """Whether arguments are equal; or hold all that is wanted, at any depth of objects."""
    if whole or not isinstance(want, Mapping):
        return bool(want == got)
    return isinstance(got, Mapping) and all(name in got and covers(want[name], got[name], whole=False) for name in want)


def stands(position: int, use: ToolUse) -> tuple[Evidence, ...]:
    """Where a call stands in the run."""
    return (Evidence(f"tools[{position}]", {"name": use.name, "arguments": use.arguments}),)


@dataclass(frozen=True)
class ToolsExact(Way):
    """The tools are these, in this order, and no others."""

    registered: ClassVar[str] = "tools_exact"

    def judge(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> Score:
        """Compare call by call; the first that differs is the reason."""
        for position, (one, other) in enumerate(zip(want, got, strict=False)):
            if not self.fits(one, other):
                reason = f"tool {position + 1}: expected {self.named(one)}, got {self.named(other)}"
                return Score(False, reason, stands(position, other))
        if len(got) < len(want):
            return Score(False, f"tool {len(got) + 1}: expected {self.named(want[len(got)])}, got no more")
        if len(got) > len(want):
            extra = got[len(want)]
            return Score(
                False, f"tool {len(want) + 1}: expected no more, got {self.named(extra)}", stands(len(want), extra)
            )
        return Score(True)


@dataclass(frozen=True)
class ToolsInOrder(Way):
    """These tools come in this order; others may come between them. The score is the share that came."""

    registered: ClassVar[str] = "tools_in_order"

    def judge(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> Score:
        """Look for each behind the one before it; the first that does not come is the reason."""
        position = 0
        for number, one in enumerate(want):
            found = next((at for at in range(position, len(got)) if self.fits(one, got[at])), None)
            if found is None:
                before = f" after {self.named(want[number - 1])}" if number else ""
                early = any(self.fits(one, each) for each in got[:position])
                why = "came too early" if early else "did not come"
                reason = f"{self.named(one)} {why}{before}"
                return Score(number / len(want), reason, passed=False, need="all in order")
            position = found + 1
        return Score(1.0, passed=True, need="all in order")


@dataclass(frozen=True)
class ToolsSameSet(Way):
    """The tools are these, as often as they are named, in any order."""

    registered: ClassVar[str] = "tools_same_set"

    def judge(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> Score:
        """Pair the calls; what is left over on either side is the reason."""
        missing, extra = self.unpaired(want, got)
        if missing:
            return Score(False, f"{self.named(missing[0])} did not come")
        if extra:
            return Score(
                False,
                f"tool {extra[0] + 1}: {self.named(got[extra[0]])} was not expected",
                stands(extra[0], got[extra[0]]),
            )
        return Score(True)

    def unpaired(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> tuple[list[ToolUse], list[int]]:
        """The wanted calls that did not come, and the places of those that nobody wanted."""
        left = list(range(len(got)))
        missing = []
        for one in want:
            found = next((at for at in left if self.fits(one, got[at])), None)
            if found is None:
                missing.append(one)
            else:
                left.remove(found)
        return missing, left


@dataclass(frozen=True)
class ToolsContain(ToolsSameSet):
    """These tools come, in any order, among others. The score is the share that came."""

    registered: ClassVar[str] = "tools_contain"

    def judge(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> Score:
        """Look for each; the first that did not come is the reason."""
        missing, _ = self.unpaired(want, got)
        reason = f"{self.named(missing[0])} did not come" if missing else ""
        return Score(1 - len(missing) / len(want) if want else 1.0, reason, passed=not missing, need="all")


@dataclass(frozen=True)
class ToolsWithin(Way):
    """No tools come but these, however often."""

    registered: ClassVar[str] = "tools_within"

    def judge(self, want: Sequence[ToolUse], got: Sequence[ToolUse]) -> Score:
        """Look at each call; the first that is none of them is the reason."""
        for position, each in enumerate(got):
            if not any(self.fits(one, each) for one in want):
                return Score(False, f"tool {position + 1}: {self.named(each)} is none of those", stands(position, each))
        return Score(True)


@dataclass(frozen=True)
class ForbiddenTools(Evaluator):
    """None of these tools is called."""

    registered: ClassVar[str] = "forbidden_tools"
    own: ClassVar[bool] = True

    tools: Sequence[str] | str = ()

    def __post_init__(self) -> None:
        if isinstance(self.tools, str):
            object.__setattr__(self, "tools", [self.tools])
        if not self.tools or not all(isinstance(each, str) for each in self.tools):
            raise ValueError("tools is a name, or a list of names")

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Look for the first call of one of them."""
        for position, each in enumerate(ctx.tools):
            if each.name in self.tools:
                return Score(False, f"tool {position + 1}: {each.name} is forbidden", stands(position, each))
        return Score(True)


@dataclass(frozen=True)
class MaxSteps(Evaluator):
    """The run takes no more than so many steps: calls of models, tools and retrievers."""

    registered: ClassVar[str] = "max_steps"
    own: ClassVar[bool] = True
    less_is_better: ClassVar[bool] = True

    at_most: int | None = None
    """Production's number where it is not given."""

    def __post_init__(self) -> None:
        if self.at_most is not None and (isinstance(self.at_most, bool) or not isinstance(self.at_most, int)):
            raise ValueError(f"at_most is a whole number, not {self.at_most!r}")

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Count."""
        most = len(ctx.trace.steps) if self.at_most is None else self.at_most
        kinds = Counter(each.kind for each in ctx.exchanges)
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        count = len(ctx.exchanges)
        return Score(
            float(count), f"{count} steps: {told}" if told else "no step", passed=count <= most, need=f"<= {most}"
        )


@dataclass(frozen=True)
class NoLoops(Evaluator):
    """No tool is called with equal arguments more often than so, and no sequence of calls repeats itself."""

    registered: ClassVar[str] = "no_loops"
    own: ClassVar[bool] = True

    at_most: int = 2
    """How often an equal call, or a sequence of calls, may come."""

    def __post_init__(self) -> None:
        if isinstance(self.at_most, bool) or not isinstance(self.at_most, int) or self.at_most < 1:
            raise ValueError(f"at_most is a whole number from 1, not {self.at_most!r}")

    def __call__(self, ctx: EvaluationContext) -> Score:
        """Look for the first call that is one too many, then for a cycle."""
        calls = [(each.name, as_text(each.arguments)) for each in ctx.tools]
        seen: Counter[tuple[str, str]] = Counter()
        for position, call in enumerate(calls):
            seen[call] += 1
            if seen[call] > self.at_most:
                reason = f"tool {position + 1}: {call[0]} was called with equal arguments {seen[call]} times"
                return Score(False, reason, stands(position, ctx.tools[position]))
        found = cycle([name for name, _ in calls], self.at_most)
        if found is None:
            return Score(True)
        position, names = found
        return Score(False, f"tool {position + 1}: {' -> '.join(names)} repeats more than {self.at_most} times")


def cycle(names: Sequence[str], at_most: int) -> tuple[int, Sequence[str]] | None:
    """Where a sequence of two or more different calls begins that repeats more often than allowed, and its names."""
    for length in range(2, len(names) // (at_most + 1) + 1):
        for start in range(len(names) - length * (at_most + 1) + 1):
            part = names[start : start + length]
            again: Iterable[Sequence[str]] = (
                names[start + length * number : start + length * (number + 1)] for number in range(1, at_most + 1)
            )
            if len(set(part)) > 1 and all(each == part for each in again):
                return start, part
    return None

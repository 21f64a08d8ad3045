"""Cost of a call of a function that a replay answers, against the plain call.

Run: ``python -m benchmarks.functions [--calls 2000]``
"""

import argparse
import sys
from functools import partial
from statistics import median

from benchmarks.timing import met, seconds, table
from pytest_llmreplay.model.call import Answer, Arguments, Call, Returned
from pytest_llmreplay.model.trace import Step
from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.boundaries import Boundary
from pytest_llmreplay.replay.functions import detoured, target
from pytest_llmreplay.replay.session import ReplaySession

GOAL_US = 30.0


def lookup(order_id: str, limit: int = 5) -> dict[str, object]:
    """Stand for an application's tool."""
    return {"order_id": order_id, "limit": limit}


def step(index: int) -> Step:
    """One recorded call of the tool."""
    call = Call(kind="tool", model="lookup", arguments=Arguments(named={"order_id": f"A-{index}"}))
    answer = Answer(returned=Returned({"order_id": f"A-{index}", "limit": 5}))
    return Step(
        index=index + 1,
        span_id=str(index),
        parent_id=None,
        name="lookup",
        call=call,
        answer=answer,
        start_ns=index,
        end_ns=index + 1,
        dialect="made",
    )


def main() -> int:
    """Measure calls in recorded order, one by one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls = parser.parse_args().calls
    plain = [seconds(partial(lookup, f"A-{index}")) for index in range(calls)]
    found = target(Boundary(f"{lookup.__module__}.lookup", "lookup"))
    session = ReplaySession(
        lambda: [step(index) for index in range(calls)],
        signal=RuntimeError,
        boundaries=[(found.boundary, found.recorded)],
    )
    with active(session), detoured((found,)):
        lookup("A-0")  # reads the trace
        ours = [seconds(partial(lookup, f"A-{index}")) for index in range(1, calls)]
    more = (median(ours) - median(plain)) * 1e6
    row = [f"{median(plain) * 1e6:.1f} µs", f"{median(ours) * 1e6:.1f} µs", f"{more:.1f} µs"]
    table(["plain call", "answered call", "more"], [row])
    print(f"answering a function: {met(more, GOAL_US)} µs more than the plain call")
    return 0


if __name__ == "__main__":
    sys.exit(main())

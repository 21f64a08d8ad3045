"""Test functions become one item per trace. PYTEST_DONT_REWRITE"""

import pytest

from pytest_llmreplay.errors import LLMReplayError, UsageProblem
from pytest_llmreplay.plugin.options import PARAMETER
from pytest_llmreplay.plugin.run import Run, for_test
from pytest_llmreplay.settings import Settings
from pytest_llmreplay.traces.catalog import identifiers

NO_TRACES = "no traces given: use --llm-traces=PATH, the ini key llm_traces, or @pytest.mark.llm_replay(traces=PATH)"


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Give a test function the handle of each trace; without any configured, the test is skipped and says so."""
    run = Run.of(metafunc.config)
    try:
        settings = settings_for(metafunc.definition, run)
        handles = run.handles(settings) if settings.traces else []
        run.targets(settings)
    except UsageProblem as error:
        message = f"{metafunc.definition.nodeid}: {error}"
        if hasattr(metafunc.config, "workerinput"):
            raise pytest.Collector.CollectError(message) from None
        run.usage_problems.append(message)
        return
    except LLMReplayError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from None
    metafunc.fixturenames.append(PARAMETER)
    if not handles:
        skip = pytest.mark.skip(reason=NO_TRACES)
        metafunc.parametrize(PARAMETER, [pytest.param(None, marks=skip)], ids=["no-traces"])
        return
    metafunc.parametrize(PARAMETER, handles, ids=identifiers(handles))


def settings_for(node: pytest.Item, run: Run) -> Settings:
    """The settings of one test. Raises UsageProblem."""
    return for_test(run.settings, node.get_closest_marker("llm_replay"), node.path.parent)

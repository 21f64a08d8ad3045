"""The hooks that stand by at every start of pytest; those of a run join it when needed. PYTEST_DONT_REWRITE

This module is imported used or not: it is short, and imports nothing but pytest and the table of options.
"""

from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.plugin import options


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare options and ini keys."""
    options.declare(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks that others may implement."""
    from pytest_llmreplay.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; check the options, if there are any."""
    config.addinivalue_line("markers", options.MARKER)
    if options.in_use(config):
        from pytest_llmreplay.plugin.run import Run

        Run.of(config)


def pytest_load_initial_conftests(args: list[str]) -> None:
    """Name the nearest option for one that does not exist."""
    options.check_names(args)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Under ``--llm-review`` nothing is run: the values of the last run are decided on."""
    if not config.getoption("llm_review", None):
        return None
    from pytest_llmreplay.plugin.review import review

    return review(config)


@pytest.hookimpl(tryfirst=True)
def pytest_collectstart(collector: pytest.Collector) -> None:
    """Provide dummy keys before a module that speaks of replays is imported."""
    if isinstance(collector, pytest.Module):
        options.prepare_import(collector.path, collector.config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A case file is a test file."""
    if not file_path.name.endswith(options.CASE_FILE):
        return None
    from pytest_llmreplay.plugin.casefiles import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One item per trace."""
    if options.is_replay(metafunc.definition, metafunc.fixturenames):
        from pytest_llmreplay.plugin.collect import parametrise

        parametrise(metafunc)
    elif options.SNAPSHOT in metafunc.fixturenames:
        from pytest_llmreplay.plugin.run import Run

        Run.of(metafunc.config)  # what its fixtures say is redacted as well


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember the modules that are not run whole: nothing is said of what they did not ask for."""
    for item in items:
        item.config.stash.setdefault(options.DESELECTED, set()).add(item.path)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker is about to start: what it finds comes in its reports."""
    from pytest_llmreplay.plugin import hooks
    from pytest_llmreplay.plugin.reports import Reports

    hooks.join(node.config)
    Reports.of(node.config).nodes.append(node)


@pytest.fixture
def llm_snapshot(request: pytest.FixtureRequest) -> Any:
    """An approved value: ``assert value == llm_snapshot``; with a name or rules ``llm_snapshot("name", ignore=…)``."""
    from pytest_llmreplay.plugin.snapshot import snapshot

    return snapshot(request.node)


@pytest.fixture
def llm_trace() -> Any:
    """The trace of this item: ``.trace_id``, ``.input``, ``.output``, ``.steps``, ``.fidelity`` and more."""
    from pytest_llmreplay.plugin.fixtures import trace

    return trace()


@pytest.fixture
def llm_replay() -> Any:
    """The running replay of this item's trace: ``.run(callable)``, ``.trace``, ``.recording`` and more."""
    from pytest_llmreplay.plugin.fixtures import replay

    return replay()


@pytest.fixture(scope="session")
def llm_config() -> dict[str, Any]:
    """What the project says for all its replays; override it in ``conftest.py``, as with ``vcr_config``.

    ``judge``: the model callable of evaluators that need one, a prompt in and a text out.
    """
    return {}

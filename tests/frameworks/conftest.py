"""Applications that use a framework: recorded in front of the stand-in provider, then replayed without it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.foreign import LEFT_OUT

HERE = Path(__file__).resolve().parent
DOUBLE = HERE.parents[1] / "examples" / "support_bot"
RECORDER = ("openai", "openinference.instrumentation.openai", "opentelemetry.exporter.otlp.json.file")
FOREIGN = ("OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LITELLM_", "LLAMA_", "LOGFIRE_", "OTEL_", "LLM_", "CI")
"""Beginnings of variables that would lead an application elsewhere."""

REQUIRED = os.environ.get("REQUIRED_FRAMEWORKS", "").split()
"""Packages that must be there, so that a missing one fails where it would be skipped: what CI has installed."""

TEST = """
from importlib import import_module
import pytest

@pytest.mark.llm_replay(traces="traces.jsonl")
def test_answer(llm_trace, llm_replay):
    assert [step.call.kind for step in llm_trace.steps] == ["chat", "chat"]
    answer = import_module(llm_trace.name).answer
    assert llm_replay.run(answer) == llm_trace.output == "Your order A-1042 is on its way with DHL."
"""
"""One item for each application: the root span bears the name of its module."""


def needs(*modules: str) -> None:
    """Skip the calling module where a framework, or what records it, is not installed; fail where it is required.

    Unlike ``pytest.importorskip`` it imports none of them: that takes seconds, and some fetch a file when imported.
    """
    for module in (*modules, *RECORDER):
        if installed(module):
            continue
        if modules[0].partition(".")[0] in REQUIRED:
            pytest.fail(f"{module} is not installed, and REQUIRED_FRAMEWORKS wants it", pytrace=False)
        pytest.skip(f"{module} is not installed", allow_module_level=True)


def installed(module: str) -> bool:
    """Whether a module, or its outermost package, can be found."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


class Shop:
    """A folder with applications, their traces and one test of them all."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path
        self.apps: list[Path] = []

    def record(self, **apps: str) -> None:
        """Write applications, their test, and the trace of one question to each of them."""
        self.apps = [self.path / f"{name}.py" for name in apps]
        for path, text in zip(self.apps, apps.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        (self.path / "test_shop.py").write_text(TEST, encoding="utf-8")
        env = {**os.environ, "PYTHONPATH": str(DOUBLE)}
        command = [sys.executable, str(HERE / "record.py"), "traces.jsonl", *apps]
        done = subprocess.run(command, cwd=self.path, env=env, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    def change(self, old: str, new: str) -> None:
        """Change every application."""
        for path in self.apps:
            text = path.read_text(encoding="utf-8")
            assert old in text
            path.write_text(text.replace(old, new), encoding="utf-8")

    def replay(self) -> pytest.RunResult:
        """Run pytest in a process of its own: without keys, and with the network blocked, as it is by default."""
        return self.pytester.runpytest_subprocess(*LEFT_OUT, "-p", "no:cacheprovider", timeout=300)

    def passes(self) -> None:
        """Two model calls of each application are answered from its trace, and nothing else was asked for."""
        result, count = self.replay(), len(self.apps)
        assert result.ret == 0, told(result)
        result.assert_outcomes(passed=count)
        result.stdout.fnmatch_lines(
            [
                f"*{count} trace* replayed: {count} matched; {2 * count} steps",
                f"{2 * count} model calls answered, 0 live*",
            ]
        )

    def diverges(self, *lines: str) -> None:
        """Each application's case is ``D``, and says these lines."""
        result, count = self.replay(), len(self.apps)
        assert result.ret == 1, told(result)
        result.stdout.fnmatch_lines(
            [f"test_shop.py {'D' * count} *", *lines * count, f"*{count} trace* replayed: 0 matched, {count} diverged*"]
        )

    def goes_through(self, **apps: str) -> None:
        """Each application's own trace passes; after a change of the system prompt it is ``D``, and says so."""
        self.record(**apps)
        self.passes()
        self.change("for a small shop", "for a large shop")
        self.diverges(
            "step 1, model gpt-4o-mini, stage prompt",
            "*messages?0?.content *recorded *for a small shop*, now *for a large shop*",
        )


def told(result: pytest.RunResult) -> str:
    """All that a run printed."""
    return f"{result.stdout}\n{result.stderr}"


@pytest.fixture
def shop(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """An empty folder, and an environment without keys in which no framework calls home."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # a changed application is as long as before, and as new
    return Shop(pytester)

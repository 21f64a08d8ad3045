"""An application that uses a framework: recorded in front of the stand-in provider, then replayed without it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
DOUBLE = HERE.parents[1] / "examples" / "support_bot"
RECORDER = ("openai", "openinference.instrumentation.openai", "opentelemetry.exporter.otlp.json.file")
FOREIGN = ("OPENAI_", "LANGSMITH_", "LANGCHAIN_", "LITELLM_", "LLAMA_", "LOGFIRE_", "OTEL_", "LLM_", "CI")
"""Beginnings of variables that would lead an application elsewhere."""

QUIET = {"LITELLM_LOCAL_MODEL_COST_MAP": "true", "OPENAI_AGENTS_DISABLE_TRACING": "true"}
"""What keeps frameworks from calling home by themselves; without it a replay refuses the call, and says so."""

TEST = """
import pytest
from shop import answer

@pytest.mark.llm_replay(traces="traces.jsonl", ignore={ignore!r})
def test_answer(llm_trace, llm_replay):
    assert [step.call.kind for step in llm_trace.steps] == ["chat", "chat"]
    assert llm_replay.run(answer) == llm_trace.output == "Your order A-1042 is on its way with DHL."
"""


def needs(*modules: str) -> None:
    """Skip the calling module where a framework, or what records it, is not installed.

    Unlike ``pytest.importorskip`` it imports none of them: that takes seconds, and some fetch a file when imported.
    """
    for module in (*modules, *RECORDER):
        if not installed(module):
            pytest.skip(f"{module} is not installed", allow_module_level=True)


def installed(module: str) -> bool:
    """Whether a module, or its outermost package, can be found."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


class Shop:
    """A folder with an application, its trace and its test."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path

    def record(self, app: str, ignore: Sequence[str] = ()) -> None:
        """Write the application, its test, and the trace of one question to it."""
        (self.path / "shop.py").write_text(app, encoding="utf-8")
        (self.path / "test_shop.py").write_text(TEST.format(ignore=[*ignore]), encoding="utf-8")
        env = {**os.environ, **QUIET, "PYTHONPATH": str(DOUBLE)}
        command = [sys.executable, str(HERE / "record.py"), "traces.jsonl"]
        done = subprocess.run(command, cwd=self.path, env=env, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr

    def change(self, old: str, new: str) -> None:
        """Change the application."""
        path = self.path / "shop.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def replay(self) -> pytest.RunResult:
        """Run pytest in a process of its own: without keys, and with the network blocked, as it is by default."""
        return self.pytester.runpytest_subprocess("-p", "no:cacheprovider", timeout=300)

    def passes(self) -> None:
        """Both model calls are answered from the trace, and nothing else was asked for."""
        result = self.replay()
        assert result.ret == 0, told(result)
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["*1 trace replayed: 1 matched; 2 steps", "2 model calls answered, 0 live*"])

    def diverges(self, *lines: str) -> None:
        """The case is ``D``, and says these lines."""
        result = self.replay()
        assert result.ret == 1, told(result)
        result.stdout.fnmatch_lines(["test_shop.py D *", *lines, "*1 trace replayed: 0 matched, 1 diverged*"])

    def goes_through(self, app: str, ignore: Sequence[str] = ()) -> None:
        """The application's own trace passes; after a change of the system prompt it is ``D``, and says so."""
        self.record(app, ignore)
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
    for name, value in {**QUIET, "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return Shop(pytester)

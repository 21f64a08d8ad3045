"""A project of a user of the plugin, and what its runs print."""

import pkgutil
import re
from importlib import import_module
from pathlib import Path

import anthropic
import httpcore  # noqa: F401
import httpcore2  # noqa: F401
import openai
import pytest

import pytest_llmreplay.evaluate.cost
from pytest_llmreplay.replay.environment import DUMMIES, environment
from tests.foreign import LEFT_OUT
from tests.sample import OPENAI, TEST, Traced, jsonl, traced

# Imported here, all that runs inside this process need is not imported by each of them anew.
assert openai.OpenAI(api_key="none").chat.completions
assert anthropic.Anthropic(api_key="none").messages
for module in pkgutil.walk_packages(pytest_llmreplay.__path__, "pytest_llmreplay."):
    if not module.name.startswith(("pytest_llmreplay.testing", "pytest_llmreplay.cli")):
        import_module(module.name)


class Output(str):
    """What a run printed below its header, with durations as 0.00s."""

    lines: list[str]
    """All lines, the header's as well."""

    @property
    def header(self) -> list[str]:
        """The plugin's lines of the header."""
        return [line for line in self.lines if line.startswith("llm: ")]

    def section(self, title: str) -> str:
        """The lines of one section, without its title."""
        found = re.search(rf"^=+ {re.escape(title)} =+\n(.*?)(?=^=+ [^=\n]+ =+\n?|\Z)", self, re.MULTILINE | re.DOTALL)
        return found[1] if found else ""

    @property
    def told(self) -> str:
        """What was said on the error channel."""
        return "".join(
            f"{line.removeprefix('stderr: ')}\n"
            for line in self.lines
            if line.startswith("stderr: ") and line != "stderr: "
        )

    @property
    def summary(self) -> str:
        """The plugin's section at the end."""
        return self.section("llm summary")

    @property
    def failures(self) -> str:
        """The section of failures."""
        return self.section("FAILURES")

    @property
    def last(self) -> str:
        """The last line without its rule."""
        return self.rstrip("\n").rpartition("\n")[2].strip("= ")


class Project:
    """A folder with an application, its traces and its tests."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path

    def write(self, **files: str) -> None:
        """Write Python files."""
        for name, text in files.items():
            path = self.path / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def ini(self, text: str) -> None:
        """Write the configuration file."""
        (self.path / "pytest.ini").write_text("[pytest]\n" + text, encoding="utf-8")

    def traces(self, *values: Traced | bytes, name: str = "traces.jsonl") -> None:
        """Write a trace file; one plain request if nothing else is said."""
        (self.path / name).write_bytes(jsonl(*values or (traced(),)))

    def shop(
        self, *values: Traced | bytes, app: str = OPENAI, test: str = TEST, ini: str = "llm_traces = traces.jsonl"
    ) -> None:
        """Write application, test, traces and configuration; a plain one of each if nothing else is said."""
        self.write(shop=app, test_shop=test)
        self.traces(*values)
        self.ini(ini)

    def run(self, *args: str, status: int = 0, alone: bool = False) -> Output:
        """Run pytest, in a process of its own if ``alone``; fails for another exit status."""
        start = self.pytester.runpytest_subprocess if alone else self.pytester.runpytest_inprocess
        result = start(*LEFT_OUT, *args)
        text = "\n".join([*result.outlines, *(f"stderr: {line}" for line in result.errlines)])
        assert result.ret == status, text
        if alone:  # the environment of a process of its own may have a price table
            text = re.sub(r"^recorded cost .* not spent\n", "", text, flags=re.MULTILINE)
        below = re.split(
            r"^(?:(?:collecting \.\.\. )?collected \d.*|(?:created|bringing up).*workers?.*|\d+ workers? \[.*)\n",
            text,
            flags=re.MULTILINE,
        )[-1]
        output = Output(re.sub(r"\d+\.\d\ds\b( \(\d+:\d\d:\d\d\))?", "0.00s", below).strip("\n") + "\n")
        output.lines = text.split("\n")
        return output


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without keys, without CI and without a price table, and a terminal of 80 columns."""
    environment.leave()
    for name in (*DUMMIES, "CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(pytest_llmreplay.evaluate.cost, "installed", lambda: False)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")


@pytest.fixture
def project(pytester: pytest.Pytester, bare: None) -> Project:
    """An empty project."""
    return Project(pytester)

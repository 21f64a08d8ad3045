"""The report of the example application after a change that breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent.parent / "examples" / "support_bot"
TEST = """
from pytest_llmreplay import llm_replay, observe
from support_bot.app import support


def friendly(ctx):
    return any(word in ctx.text for word in ("Hello", "order", "[", "good"))


@llm_replay(
    traces="traces/support.openinference.jsonl",
    select="status=ok",
    patch={"support_bot.retriever.search": observe("search"), "support_bot.tools.lookup_order": "lookup_order"},
    evaluators=["exact", {"regex": r"[.!?]$"}, {"lexical_similarity": {"threshold": 0.9}}, friendly],
)
def test_support(llm_replay):
    llm_replay.run(support)
"""
GATES = """
[tool.pytest.ini_options]
llm_gate = ["pass_rate >= 90%", "latency.p95 <= +20%", "score.lexical_similarity >= -0.05"]
"""
CHANGES = (
    ("support_bot/retriever.py", "top_k: int = 3", "top_k: int = 1"),
    ("support_bot/app.py", "for chunk in stream if chunk.choices)", "for chunk in stream if chunk.choices)[:40]"),
)
UNWANTED = ("CI", "BUILD_NUMBER", "GITHUB_STEP_SUMMARY", "OPENAI_API_KEY")


def broken_example(folder: Path) -> Path:
    """The HTML report of a run against the baseline of the application before the change."""
    project = folder / "support_bot"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    (project / "test_support_bot.py").write_text(TEST, encoding="utf-8")
    (project / "pyproject.toml").write_text(GATES, encoding="utf-8")
    assert pytest_in(project, "--llm-baseline-save=baseline.json") == 0
    for name, old, new in CHANGES:
        text = (project / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (project / name).write_text(text.replace(old, new), encoding="utf-8")
    assert pytest_in(project, "--llm-baseline=baseline.json", "--llm-report=html:report.html") == 1
    return project / "report.html"


def pytest_in(folder: Path, *arguments: str) -> int:
    """The exit status of a run."""
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment |= {"OPENAI_API_KEY": "replayed", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, check=False, timeout=120).returncode

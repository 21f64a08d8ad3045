"""A provider of another distribution: what the how-to writes, installed by an entry point, replays and conforms."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.plugin.conftest import Project
from tests.sample import Ask, ask, traced

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "add-a-provider.md"
FILE = re.compile(
    r'<!-- run: file name="(?P<name>\w+)\.py" -->\n```python\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL
)
TOML = re.compile(r"^```toml\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
RECORDED: Ask = ask(
    "anthropic",
    "Where is my order?",
    "On its way.",
    system=None,
    attributes={
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "acme-1",
        "gen_ai.request.max_tokens": None,
        "gen_ai.response.finish_reasons": ["stop"],
    },
)
APP = """
import json

import httpx

def answer(question):
    turns = [{"by": "user", "text": question}]
    got = httpx.post("https://acme.example/acme/answer", json={"model": "acme-1", "turns": turns, "stream": STREAM})
    got.raise_for_status()
    return [json.loads(line) for line in got.content.split(b"\\n")]
"""
TEST = """
from shop import answer

def test_replay(llm_replay):
    *pieces, end = llm_replay.run(answer)
    assert [each["piece"] for each in pieces] == PIECES
    assert end == {"reply": "On its way.", "why": "stop", "tokens": [12, 6]}
"""


@pytest.fixture
def installed(project: Project) -> Project:
    """A project beside a distribution that holds the page's file and its entry point."""
    page = PAGE.read_text(encoding="utf-8")
    project.write(**{found["name"]: found["body"] for found in FILE.finditer(page)})
    (declared,) = TOML.finditer(page)
    (points,) = tomllib.loads(declared["body"])["project"]["entry-points"].items()
    info = project.pytester.mkdir("acme-1.0.dist-info")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", encoding="utf-8")
    lines = [f"[{points[0]}]", *(f"{name} = {value}" for name, value in points[1].items())]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return project


@pytest.mark.parametrize(("stream", "pieces"), [("False", []), ("True", ["On", "its", "way."])])
def test_a_trace_is_replayed_through_it(installed: Project, stream: str, pieces: list[str]) -> None:
    installed.shop(
        traced(RECORDED),
        app=APP.replace("STREAM", stream),
        test=TEST.replace("PIECES", repr(pieces)),
    )
    assert installed.run("test_shop.py", alone=True).last == "1 passed in 0.00s"


def test_without_the_entry_point_its_requests_are_refused(installed: Project) -> None:
    (installed.pytester.path / "acme-1.0.dist-info" / "entry_points.txt").unlink()
    installed.shop(traced(RECORDED), app=APP.replace("STREAM", "False"), test=TEST)
    output = installed.run("-vv", "test_shop.py", alone=True, status=1)
    assert "no provider knows this request" in output


def test_the_file_of_the_page_passes_the_suite(installed: Project) -> None:
    output = installed.run("-q", "-Wignore", "test_acme.py", alone=True)
    assert re.fullmatch(r"\d\d passed in 0.00s", output.last)


def test_a_file_that_does_wrong_fails_it(installed: Project) -> None:
    path = installed.pytester.path / "acme_provider.py"
    written = path.read_text(encoding="utf-8")
    wrong = written.replace('"piece": each', '"piece": each, "x": next(COUNT)')
    path.write_text(f"{wrong}\n\nfrom itertools import count\n\nCOUNT = count()\n", encoding="utf-8")
    output = installed.run("-q", "-Wignore", "test_acme.py", alone=True, status=1)
    assert "bytes written again is not the same" in output

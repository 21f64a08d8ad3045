"""``llmreplay noise``, with real runs of pytest."""

import json
import re
from pathlib import Path

import pytest

from pytest_llmreplay.redaction.redactor import Redactor
from pytest_llmreplay.snapshots.store import change
from pytest_llmreplay.writing import Guard
from tests.cli.conftest import Command

TEST = """
import uuid
from time import perf_counter_ns

def ticks():
    return 10**9 + perf_counter_ns() % 10**9  # ten digits are no card's

def test_order(llm_snapshot):
    assert {"id": str(uuid.uuid4()), "items": ["tea"], "took": ticks()} == llm_snapshot
    assert ticks() == llm_snapshot("clock")

def test_still(llm_snapshot):
    assert {"a": 1} == llm_snapshot
"""
QUIET = ("-p", "no:cacheprovider", "-p", "no:xdist")


@pytest.fixture
def folder(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with tests whose values differ from run to run."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    (tmp_path / "test_shop.py").write_text(TEST, "utf-8")
    return tmp_path


def test_what_differs_is_told_with_the_rules_that_leave_it_out(run: Command, folder: Path) -> None:
    told = run("noise", "test_shop.py", *QUIET, status=1).output
    told = re.sub(r"\d{6,}", "N", re.sub(r"[0-9a-f-]{36}", "ID", told))
    assert told == (
        "__llm__/test_shop.yaml: test_order\n"
        "  id   normalise: uuid\n"
        '    1 "ID"\n'
        '    2 "ID"\n'
        "  took   ignore\n"
        "    1 N\n"
        "    2 N\n"
        '  in this test alone:  llm_snapshot(ignore=["took"], normalise=["uuid"])\n'
        "__llm__/test_shop.yaml: test_order clock\n"
        "  the value   give llm_snapshot what of it is to be kept, or normalise=function\n"
        "    1 N\n"
        "    2 N\n"
        "\n"
        "# for every snapshot of the project\n"
        "[tool.pytest.ini_options]\n"
        'llm_snapshot_ignore = ["took"]\n'
        'llm_snapshot_normalise = ["uuid"]\n'
    )
    assert not (folder / "__llm__").exists()
    assert not (folder / ".llm" / "pending").exists()


def test_with_these_rules_there_is_no_difference_any_more(run: Command, folder: Path) -> None:
    (folder / "pytest.ini").write_text("[pytest]\nllm_snapshot_ignore = took\nllm_snapshot_normalise = uuid\n", "utf-8")
    (folder / "test_shop.py").write_text(TEST.replace("ticks() == llm_snapshot", "1 == llm_snapshot"), "utf-8")
    assert run("noise", *QUIET).output == "no difference in 3 values\n"


def test_snapshots_that_are_approved_stay_and_are_not_compared(run: Command, folder: Path) -> None:
    (folder / "test_shop.py").write_text("def test_a(llm_snapshot):\n    assert 1 == llm_snapshot\n", "utf-8")
    approved = folder / "__llm__" / "test_shop.yaml"
    change(approved, {"test_a": 2, "test_gone": 3}, Guard(Redactor(environment={})))
    before = approved.read_bytes()
    assert run("noise", *QUIET, "-o", "llm_unused=error", "--llm-prune").output == "no difference in 1 value\n"
    assert approved.read_bytes() == before


def test_a_script_gets_json_and_a_value_of_one_run_alone_is_told(run: Command, folder: Path) -> None:
    (folder / "test_shop.py").write_text(
        "from pathlib import Path\n"
        "def test_a(llm_snapshot):\n"
        "    mark = Path(__file__).with_name('ran')\n"
        "    assert 1 == llm_snapshot(str(mark.exists()))\n"
        "    mark.touch()\n",
        "utf-8",
    )
    told = json.loads(run("noise", "--json", *QUIET, status=1).output)
    file = "__llm__/test_shop.yaml"
    assert told == {"noise": [], "alone": [[file, "test_a False"], [file, "test_a True"]], "compared": 1}


def test_a_run_without_values_is_told_with_what_pytest_said(run: Command, folder: Path) -> None:
    told = run("noise", *QUIET, "-k", "nothing", status=2).output
    assert told.startswith(f"llmreplay: noise: pytest {' '.join(QUIET)} -k nothing: ended with status 5\n")
    assert "2 deselected" in told
    (folder / "test_shop.py").write_text("def test_a():\n    pass\n", "utf-8")
    assert "no snapshot was asked for\n" in run("noise", *QUIET, status=2).output


def test_values_come_from_every_worker(run: Command, folder: Path) -> None:
    pytest.importorskip("xdist")
    told = json.loads(run("noise", "--json", "-n", "2", "-p", "no:cacheprovider", status=1).output)
    assert [each["path"] for each in told["noise"]] == ["id", "took", ""]
    assert told["compared"] == 3


def test_the_rule_for_one_test_takes_its_noise_out(run: Command, folder: Path) -> None:
    (folder / "test_shop.py").write_text(
        TEST.replace("} == llm_snapshot\n", '} == llm_snapshot(ignore=["took"], normalise=["uuid"])\n', 1).replace(
            "    assert ticks() == ", "    # "
        ),
        "utf-8",
    )
    assert run("noise", "test_shop.py", *QUIET).output == "no difference in 2 values\n"

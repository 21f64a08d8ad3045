"""``--llm-keep-failed``: a case file for every trace that failed."""

from pathlib import Path

import pytest

from tests.plugin.conftest import Project
from tests.sample import OPENAI, traced

KEEP = "--llm-keep-failed=kept"


@pytest.fixture
def shop(project: Project) -> Project:
    """An application that changed, and two traces of what it was."""
    project.shop(traced(), traced(number=2), app=OPENAI.replace("Be brief.", "Be kind."))
    return project


def kept(shop: Project) -> list[Path]:
    return sorted((shop.path / "kept").iterdir())


@pytest.mark.parametrize("more", [(), ("-n2",)], ids=["alone", "two workers"])
def test_a_file_for_each_trace_that_failed(shop: Project, more: tuple[str, ...]) -> None:
    found = shop.run(KEEP, *more, status=1)
    assert [path.name for path in kept(shop)] == [
        "where-is-my-order-0001916c.llmcase.yaml", "where-is-my-order-0002916c.llmcase.yaml",
    ]  # fmt: skip
    assert found.summary.count("case file new: kept/where-is-my-order-") == 2


def test_its_output_is_not_taken_for_the_expected_one(shop: Project) -> None:
    shop.run(KEEP, status=1)
    text = kept(shop)[0].read_text(encoding="utf-8")
    assert "output: It is on its way.\nexpected: null\nbecause: its test failed when it was kept\n" in text


def test_nothing_is_written_of_what_passed(project: Project) -> None:
    project.shop()
    project.run(KEEP)
    assert not (project.path / "kept").exists()


def test_what_was_kept_is_replayed_and_kept_again_the_same(shop: Project) -> None:
    shop.run(KEEP, status=1)
    before = [path.read_bytes() for path in kept(shop)]
    found = shop.run(KEEP, "--llm-traces=kept", status=1)
    assert "2 case files as before" in found.summary
    assert [path.read_bytes() for path in kept(shop)] == before
    shop.write(shop=OPENAI)
    assert "2 passed" in shop.run("--llm-traces=kept")


def test_a_file_edited_by_hand_is_left_as_it_is(shop: Project) -> None:
    shop.run(KEEP, status=1)
    path = kept(shop)[0]
    path.write_text(path.read_text(encoding="utf-8").replace("It is on its way.", "Soon."), encoding="utf-8")
    found = shop.run(KEEP, status=1)
    assert "case file left as it is, for it is edited: kept/where-is-my-order-0001916c.llmcase.yaml" in found.summary
    assert "Soon." in path.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_is_told_and_the_run_reports(shop: Project) -> None:
    (shop.path / "kept").write_text("a file in the way", encoding="utf-8")
    found = shop.run(KEEP, status=1)
    assert "case file not written: " in found.summary
    assert "2 failed" in found

"""``--llm-mode record``, broken off: what was answered until then is kept, and the terminal says where."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_llmreplay.plugin.case import current
from pytest_llmreplay.replay import active
from tests.foreign import LEFT_OUT
from tests.plugin.conftest import Project
from tests.plugin.test_by_session import talk
from tests.plugin.test_llm_mode import app, double  # noqa: F401 - a fixture
from tests.plugin.test_llm_mode_record import ALONE, RUN, SESSION, cases
from tests.sample import ask, traced


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Processes that can be interrupted even where this one cannot, such as in the background of a shell script."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


CTRL_C = "os.kill(os.getpid(), signal.SIGINT)"
EXIT = "pytest.exit('enough')"


def talking(double: Any, then: str) -> str:  # noqa: F811
    """An application that asks, is broken off, and would have asked once more."""
    return (
        "import os, pathlib, signal, time\nimport pytest\n"
        + app(double)
        + f"\n\ndef talk(question):\n    first = answer(question)\n    {then}\n"
        + "    return [first, answer('And when?')]\n"
    )


@pytest.mark.parametrize(
    ("then", "alone", "quiet"),
    [("raise KeyboardInterrupt", True, ()), (CTRL_C, True, ("-q",)), (EXIT, False, ())],
    ids=["raised", "signal", "exit"],
)
def test_what_was_answered_is_kept_and_said(
    project: Project,
    double: Any,  # noqa: F811
    then: str,
    alone: bool,
    quiet: tuple[str, ...],
) -> None:
    project.write(shop=talking(double, then), test_shop=ALONE)
    found = project.run("--llm-mode=record", *quiet, status=2, alone=alone)
    (path,) = cases(project)
    assert f"case file new (interrupted): __llm__/{path.name}\n" in found.summary
    text = path.read_text("utf-8")
    assert "because: its run was interrupted when it was recorded\n" in text
    assert "text: It was lost." in text
    assert "text: Never." not in text


def test_the_next_run_asks_for_the_rest_alone(project: Project, double: Any) -> None:  # noqa: F811
    project.write(shop=talking(double, EXIT), test_shop=ALONE)
    project.run("--llm-mode=record", status=2)
    project.write(shop=talking(double, "pass"))
    found = project.run("--llm-mode=record")
    assert "1 model call answered, 1 live" in found.summary
    assert len(double.requests) == 2
    project.run()
    assert len(double.requests) == 2


def test_the_steps_of_a_case_stay_and_the_new_ones_come_to_them(project: Project, double: Any) -> None:  # noqa: F811
    project.shop(app=talking(double, "pass"), test=RUN)
    project.run("--llm-mode=record")
    (path,) = cases(project)
    before = path.read_text("utf-8")
    project.write(shop=talking(double, "answer('Where is my order? Where?'); " + EXIT))
    found = project.run("--llm-mode=record", "--llm-traces=__llm__", status=2)
    assert f"case file changed (interrupted): __llm__/{path.name}" in found.summary
    after = path.read_text("utf-8")
    assert before.count("\n  - kind: chat") == 2
    assert after.count("\n  - kind: chat") == 3
    assert "text: Where is my order? Where?" in after
    asked = len(double.requests)
    project.write(shop=talking(double, "answer('Where is my order? Where?')"))
    assert "3 model calls answered, 0 live" in project.run("--llm-traces=__llm__").summary
    assert len(double.requests) == asked


def test_a_refresh_that_is_broken_off_leaves_the_case_and_keeps_the_answers_apart(
    project: Project,
    double: Any,  # noqa: F811
) -> None:
    project.write(shop=talking(double, "pass"), test_shop=ALONE)
    project.run("--llm-mode=record")
    (path,) = cases(project)
    before = path.read_bytes()
    project.write(shop=talking(double, EXIT))
    found = project.run("--llm-mode=record", "--llm-refresh", status=2)
    assert path.read_bytes() == before
    (apart,) = (project.path / ".llm" / "interrupted").glob("*.llmcase.yaml")
    words = "case file new (interrupted; what was recorded before is as it was)"
    assert f"{words}: .llm/interrupted/{apart.name}\n" in found.summary
    assert apart.read_text("utf-8").count("\n  - kind: chat") == 1
    assert (apart.parent / ".gitignore").read_text("utf-8").endswith("*\n")


def test_a_session_whose_turns_a_test_runs_by_hand_is_kept_apart(project: Project, double: Any) -> None:  # noqa: F811
    by_hand = SESSION.replace(
        "llm_replay.run(shop.talk)", "[shop.talk(turn.input['question']) for turn in llm_replay.turns]"
    )
    project.shop(
        talk(traced(ask(), number=1), "s-1"), app=talking(double, "answer('And when?'); " + EXIT), test=by_hand
    )
    found = project.run("--llm-mode=record", status=2)
    assert not cases(project)
    (apart,) = (project.path / ".llm" / "interrupted").glob("*.llmcase.yaml")
    assert f".llm/interrupted/{apart.name}\n" in found.summary
    assert "text: Never." in apart.read_text("utf-8")


def test_what_the_set_up_of_a_test_asked_is_kept_when_it_fails_and_when_it_is_broken_off(
    project: Project,
    double: Any,  # noqa: F811
) -> None:
    test = (
        ALONE
        + "\nimport pytest\n\n@pytest.fixture(autouse=True)\ndef first(llm_replay):\n"
        + "    shop.talk('Where is my order?')\n"
    )
    project.write(shop=talking(double, "raise RuntimeError"), test_shop=test)
    found = project.run("--llm-mode=record", status=1)
    (path,) = cases(project)
    assert f"case file new (its test failed): __llm__/{path.name}" in found.summary
    path.unlink()
    project.write(shop=talking(double, EXIT))
    found = project.run("--llm-mode=record", status=2)
    assert f"case file new (interrupted): __llm__/{path.name}" in found.summary


def test_a_tear_down_that_is_broken_off_changes_nothing_of_what_was_recorded(
    project: Project,
    double: Any,  # noqa: F811
) -> None:
    test = (
        ALONE + "\nimport pytest\n\n@pytest.fixture(autouse=True)\ndef last():\n    yield\n    pytest.exit('enough')\n"
    )
    project.write(shop=talking(double, "pass"), test_shop=test)
    found = project.run("--llm-mode=record", status=2)
    (path,) = cases(project)
    assert found.summary.count("case file") == 1
    assert f"case file new: __llm__/{path.name}" in found.summary


@pytest.mark.parametrize("mode", ["replay", "record"])
def test_the_process_is_left_as_it_was(project: Project, double: Any, mode: str) -> None:  # noqa: F811
    project.shop(app=talking(double, EXIT), test=RUN.replace("shop.answer", "shop.talk"))
    project.run(f"--llm-mode={mode}", status=2)
    assert not active.any_active()
    assert current() is None


def test_a_file_that_cannot_be_written_is_told(project: Project, double: Any) -> None:  # noqa: F811
    project.write(shop=talking(double, EXIT), test_shop=ALONE)
    (project.path / "__llm__").write_text("in the way", "utf-8")
    found = project.run("--llm-mode=record", status=2)
    assert "case file not written: " in found.summary
    assert "exit status 2: 1 file not written" in found.summary


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_workers_keep_what_they_were_answered_when_the_run_is_broken_off(
    project: Project,
    double: Any,  # noqa: F811
) -> None:
    waiting = "(pathlib.Path('asked') / question.strip('?')).touch(); time.sleep(60)"
    second = ALONE.replace("test_talk", "test_more").replace("Where is my order?", "Where is my order? Where?")
    project.write(shop=talking(double, waiting), test_shop=ALONE, test_more=second)
    (project.path / "asked").mkdir()
    command = [sys.executable, "-m", "pytest", *LEFT_OUT, "-p", "no:cacheprovider", "-n2", "--llm-mode=record"]
    with subprocess.Popen(
        command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        while process.poll() is None and len(list((project.path / "asked").iterdir())) < 2:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate()
    assert process.returncode == 2, said
    found = cases(project)
    assert len(found) == 2
    for path in found:
        assert f"case file new (interrupted): __llm__/{path.name}\n" in said
        assert "text: It was lost." in Path(path).read_text("utf-8")

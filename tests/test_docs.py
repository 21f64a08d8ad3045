"""Every code block of README.md and docs/ is run, in a copy of the example, and shows what really happens.

The blocks of a page are run in order, in one folder. An HTML comment in the line before a block says what else to do:

    <!-- run: file name="test_x.py" -->      write the block to this file
    <!-- run: without name="test_*.py" -->   take these files out first
    <!-- run: undo -->                       take diffs and configuration back first
    <!-- run: skip reason="…" -->            parse the block, if it is data, and do no more

``pytest tests/test_docs.py --update-docs`` writes the real output into the pages.
"""

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from pytest_llmreplay.registry import BUILT_IN, Group
from tests.foreign import LEFT_OUT

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "support_bot"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(?P<mark>`{3,})(?P<language>\w*)[ ]*\n(?P<body>.*?)^(?P=mark)[ ]*$", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"<!-- run: (?P<word>undo|file|without|skip)(?: (?:name|reason)=\"(?P<value>[^\"]+)\")? -->\n\Z")
HOME = "~/support_bot"
"""What the pages call the folder."""
UNNEEDED = shutil.ignore_patterns("__pycache__", ".*")
UNWANTED = re.compile(
    r"(CI|BUILD_NUMBER|GITHUB_\w+|PYTEST_\w+|PYTHON\w+|\w+_API_KEY|NO_COLOR|FORCE_COLOR|PY_COLORS|TOX_\w+)\Z"
)
NORMAL: tuple[tuple[str, str], ...] = (
    (r"^platform .*$", "platform …"),
    (r"^rootdir: .*$", "rootdir: …"),
    (r"^plugins: .*$", "plugins: …"),
    (r"^(hypothesis profile|cachedir: ).*\n", ""),
    (r"^(=*) ?(\d.*) in \d+\.\d+s( \([\d:]+\))?( =+)?$", r"\2 in 0.00s"),
    (r"^((?:llm )?baseline:? .*)\b\d{4}-\d\d-\d\d\b", r"\1 …"),
    (r"[ \t]+$", ""),
)
"""What differs from machine to machine, and what stands for it."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    language: str
    body: str
    word: str
    value: str
    line: int


def blocks(text: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        before = DIRECTIVE.search(text[: found.start()])
        line = text.count("\n", 0, found.start()) + 2
        word, value = (before["word"], before["value"] or "") if before else ("", "")
        yield Block(found["language"], found["body"], word, value, line)


def normal(output: str) -> str:
    for pattern, instead in NORMAL:
        output = re.sub(pattern, instead, output, flags=re.MULTILINE)
    return output.strip("\n")


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not UNWANTED.match(name)}
    return {**kept, "COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


def output_of(command: str, folder: Path) -> str:
    """What a command prints; ``pytest`` and ``python`` are those of this interpreter."""
    words = shlex.split(command)
    programs = {
        "pytest": [sys.executable, "-m", "pytest", *LEFT_OUT, "-p", "no:cacheprovider"],
        "python": [sys.executable],
        "llmreplay": [sys.executable, "-m", "pytest_llmreplay.cli"],
    }
    assert words[0] in programs, f"a page may run {', '.join(programs)}, not {words[0]}"
    done = subprocess.run(
        [*programs[words[0]], *words[1:]],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert "Traceback (most recent call last)" not in done.stdout, done.stdout
    return done.stdout.replace("python -m pytest", "pytest").replace(str(folder.resolve()), HOME)


def presentable(output: str) -> str:
    """Output as a page shows it: without what only this machine has."""
    output = re.sub(r"^plugins: .*(llmreplay-[\w.]+).*$", r"plugins: \1", output, flags=re.MULTILINE)
    output = re.sub(r"^(hypothesis profile|cachedir: ).*\n", "", output, flags=re.MULTILINE)
    output = re.sub(r"^(platform .* -- Python \S+, \S+ \S+) -- .*$", r"\1 -- python", output, flags=re.MULTILINE)
    return re.sub(r"[ \t]+$", "", output, flags=re.MULTILINE).strip("\n") + "\n"


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output below it."""
    assert body.startswith("$ "), "a console block begins with a command: $ pytest"
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def run_console(block: Block, folder: Path) -> str:
    """The block as it should be: the same where it is right."""
    parts = []
    for command, shown in commands(block.body):
        real = output_of(command, folder)
        parts.append(f"$ {command}\n{shown if normal(real) == normal(shown) else presentable(real)}")
    return "".join(parts)


def run_python(block: Block, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block.body],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def apply_diff(block: Block, folder: Path) -> None:
    """Make the change that a diff shows; what it takes out must stand in the file once."""
    first, second, *lines = block.body.splitlines()
    assert first.removeprefix("--- ") == second.removeprefix("+++ ")
    path = folder / first.removeprefix("--- ")
    lines = [line for line in lines if not line.startswith("@@")]
    old = "".join(f"{line[1:]}\n" for line in lines if line[:1] in "- ")
    new = "".join(f"{line[1:]}\n" for line in lines if line[:1] in "+ ")
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} does not hold once:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def parse_ini(text: str) -> None:
    configparser.ConfigParser().read_string(text)


PARSERS: Mapping[str, Callable[[str], object]] = {
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "json": json.loads,
    "ini": parse_ini,
    "python": lambda text: compile(text, "block", "exec"),
}
KNOWN = {*PARSERS, "console", "diff", "sh", "text"}


def run(block: Block, folder: Path) -> str:
    """Run a block; returns it as it should be."""
    assert block.language in KNOWN, f"a block is one of {', '.join(sorted(KNOWN))}, not {block.language!r}"
    if block.language in PARSERS:
        PARSERS[block.language](block.body)
    if block.word == "skip":
        return block.body
    if block.word == "file":
        (folder / block.value).write_text(block.body, encoding="utf-8")
        return block.body
    if block.word == "undo":
        shutil.copytree(EXAMPLE, folder, ignore=UNNEEDED, dirs_exist_ok=True)
        (folder / "pyproject.toml").unlink(missing_ok=True)
    if block.word == "without":
        for path in folder.glob(block.value):
            path.unlink()
    if block.language == "sh":
        assert set(block.body.splitlines()) <= set(install_commands()), "a shell block is a command of the README"
    if block.language == "console":
        return run_console(block, folder)
    if block.language == "python":
        run_python(block, folder)
    if block.language == "diff":
        apply_diff(block, folder)
    return block.body


def install_commands() -> list[str]:
    """The commands at the top of README.md."""
    first = next(blocks((ROOT / "README.md").read_text(encoding="utf-8")))
    assert first.language == "sh"
    return first.body.splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_runs_and_shows_what_happens(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "support_bot"
    shutil.copytree(EXAMPLE, folder, ignore=UNNEEDED)
    text = page.read_text(encoding="utf-8")
    for block in blocks(text):
        real = run(block, folder)
        if real != block.body and request.config.getoption("--update-docs"):
            text = text.replace(block.body, real, 1)
            page.write_text(text, encoding="utf-8")
            continue
        where = f"{page.relative_to(ROOT)}:{block.line}"
        assert f"{where}\n{normal(block.body)}" == f"{where}\n{normal(real)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", prose)]
    inside = [target for target in targets if target and "://" not in target]
    assert [target for target in inside if not (page.parent / target).exists()] == []


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [str(page.relative_to(ROOT / "docs")) for page in PAGES[1:] if page.name != "index.md"]
    assert [page for page in pages if f"]({page})" not in index] == []


def test_the_readme_begins_with_the_two_commands_that_the_checks_run() -> None:
    done = subprocess.run(
        ["bash", str(ROOT / ".ci" / "run"), "--show"], capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    assert done.stdout.splitlines() == install_commands()
    replay, test = install_commands()
    assert replay.endswith(".venv/bin/pytest examples/support_bot")
    assert test.endswith(".venv/bin/pytest -n auto")


def test_every_option_and_ini_key_is_in_the_reference() -> None:
    from pytest_llmreplay.plugin.options import OPTIONS
    from pytest_llmreplay.traces.select import AMOUNTS, KEYS

    page = (ROOT / "docs" / "reference" / "options.md").read_text(encoding="utf-8")
    flags = [option.flag for option in OPTIONS if not option.ini_only]
    words = [*flags, *(option.dest for option in OPTIONS), *(f"{key}{'>' if key in AMOUNTS else '='}" for key in KEYS)]
    assert [word for word in words if f"`{word}" not in page] == []


@pytest.mark.parametrize(
    ("group", "page"),
    [("formats", "traces"), ("dialects", "traces"), ("providers", "traces"), ("reporters", "reports")],
)
def test_every_registered_name_is_in_the_reference(group: Group, page: str) -> None:
    text = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
    assert [name for name in BUILT_IN[group] if f"`{name}`" not in text] == []


def test_every_evaluator_is_in_the_reference_with_the_message_of_its_failure() -> None:
    from pytest_llmreplay.registry import BUILT_IN

    page = (ROOT / "docs" / "reference" / "evaluators.md").read_text(encoding="utf-8")
    shown = "".join(block.body for block in blocks(page) if block.language == "console")
    failures = {name.rstrip("…") for name in re.findall(r"^  (\S+) .* FAILED   \S", shown, re.MULTILINE)}
    for name in BUILT_IN["evaluators"]:
        assert f"\n### `{name}`\n" in page
        assert any(name == each or (len(each) > 15 and name.startswith(each)) for each in failures), name


def test_every_command_is_in_the_reference() -> None:
    from pytest_llmreplay.cli.command import SUBCOMMANDS

    page = (ROOT / "docs" / "reference" / "command.md").read_text(encoding="utf-8")
    assert [name for name in SUBCOMMANDS if f"## `llmreplay {name}`" not in page] == []

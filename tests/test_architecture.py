"""Who may import whom, where each third-party package has its home, and how large a function may grow."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

import pytest

import pytest_llmreplay

PACKAGE = Path(pytest_llmreplay.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FUNCTION = 60

MAY_IMPORT = {
    "model": set[str](),
    "compare": {"model"},
    "traces": {"model", "redaction", "evaluate.context", "evaluate.cost"},
    "providers": {"model"},
    "replay": {"model", "compare", "providers"},
    "evaluate": {"model", "compare", "redaction"},
    "snapshots": {"model", "compare", "redaction", "writing", "traces.formats.protocol"},
    "report": {"model"},
    "redaction": set[str](),
    "writing": {"redaction"},
    "testing": {"model", "compare", "providers"},
    "plugin": {
        "model",
        "compare",
        "traces",
        "providers",
        "replay",
        "evaluate",
        "report",
        "snapshots",
        "redaction",
        "writing",
        "settings",
    },
    "cli": {
        "model",
        "compare",
        "traces",
        "providers",
        "replay",
        "evaluate",
        "snapshots",
        "report",
        "redaction",
        "writing",
        "settings",
    },
    "settings": {
        "model.policy",
        "redaction.protocol",
        "traces.select",
        "replay.boundaries",
        "evaluate.protocol",
        "report.gates",
        "snapshots.normal",
    },
    "errors": set[str](),
    "registry": set[str](),
    "__init__": {"replay"},
    "capture": set[str](),  # production imports it alone
}
"""What each part may import of this package, besides ``errors``, ``registry`` and itself."""

HOMES = {
    "vcr": ("replay/cassette.py",),
    "deepdiff": ("compare/",),
    "msgspec": ("traces/", "providers/", "replay/plainvalue.py", "report/", "snapshots/"),
    "jsonschema": ("replay/schema_keywords.py", "evaluate/schema.py", "snapshots/caseread.py"),
    "referencing": ("evaluate/schema.py", "snapshots/caseread.py"),
    "sqlglot": ("evaluate/sql.py",),
    "yaml": ("snapshots/", "traces/formats/_yaml.py"),
    "click": ("cli/",),
    "iniconfig": ("cli/configured.py",),
    "time_machine": ("replay/pinning.py",),
    "opentelemetry": ("traces/formats/otlp_protobuf.py", "capture/"),
    "google": ("traces/formats/otlp_protobuf.py",),
    "presidio_analyzer": ("redaction/presidio.py",),
    "spacy": ("redaction/presidio.py",),
    "tldextract": ("redaction/presidio.py",),
    "genai_prices": ("evaluate/cost.py",),
    "rapidfuzz": ("evaluate/similarity.py",),
    "autoevals": ("evaluate/adapters/autoevals.py",),
    "deepeval": ("evaluate/adapters/deepeval.py",),
    "pydantic_evals": ("evaluate/adapters/pydantic_evals.py",),
    "ragas": ("evaluate/adapters/ragas.py",),
    "zstandard": ("traces/source.py",),
    "pytest": ("plugin/", "testing/", "__init__.py"),
    "hypothesis": ("testing/",),
    "_pytest": ("plugin/",),
}
"""The only places that may import a third-party package."""


def shown(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def dotted(path: Path) -> str:
    names = [PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts]
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module that a source file imports anywhere, its functions included."""
    return frozenset(imported(path))


def imported(path: Path) -> Iterator[str]:
    inside = dotted(path) if path.name == "__init__.py" else dotted(path).rpartition(".")[0]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), inside) if node.level else node.module or ""
            yield module
            yield from (f"{module}.{each.name}" for each in node.names)


def ours(path: Path) -> Iterator[str]:
    """What a source file imports of this package, without the package's name."""
    start = PACKAGE.name + "."
    return (name.removeprefix(start) for name in imports(path) if name.startswith(start))


def allowed(source: str, name: str) -> bool:
    free = {source, "errors", "registry", *MAY_IMPORT[source]}
    return any(name == each or name.startswith(each + ".") for each in free)


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    modules = {name for name in ours(path) if "." in name or name in MAY_IMPORT}
    assert sorted(name for name in modules if not allowed(part(path), name)) == []


def test_the_table_names_every_part() -> None:
    assert {part(path) for path in SOURCES} == MAY_IMPORT.keys()


def test_nobody_imports_the_plugin() -> None:
    guests = [
        shown(path) for path in SOURCES if part(path) != "plugin" and any(n.startswith("plugin") for n in ours(path))
    ]
    assert guests == []


@pytest.mark.parametrize("package", HOMES)
def test_a_third_party_package_is_imported_in_its_home_alone(package: str) -> None:
    users = {shown(path) for path in SOURCES if any(name.partition(".")[0] == package for name in imports(path))}
    strangers = sorted(name for name in users if not name.startswith(HOMES[package]))
    assert strangers == []
    assert users or package == "_pytest"


def test_every_third_party_package_has_a_home() -> None:
    roots = {name.partition(".")[0] for path in SOURCES for name in imports(path)}
    assert roots - sys.stdlib_module_names - {PACKAGE.name} <= HOMES.keys()


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_a_module_says_what_it_is_for_and_is_left_alone_by_assertion_rewriting(path: Path) -> None:
    first = (ast.get_docstring(tree(path)) or "").partition("\n")[0]
    assert first.endswith("PYTEST_DONT_REWRITE")
    assert len(first) > len(". PYTEST_DONT_REWRITE")


@pytest.mark.parametrize("path", SOURCES, ids=shown)
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    functions = [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)]
    lengths = {each.name: (each.end_lineno or 0) - each.lineno + 1 for each in functions}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}


IMPORT_EACH_ALONE = """
import os, sys
import pytest  # which the package imports whatever comes first
for name in sys.argv[1:]:
    if not os.fork():
        try:
            __import__(name)
        except BaseException as error:
            print(f"{name}: {error!r}", flush=True)
        os._exit(0)
for name in sys.argv[1:]:
    os.wait()
"""
IMPORT_ONE = "import sys; __import__(sys.argv[1])"


def test_every_module_can_be_imported_first_and_warns_of_nothing() -> None:
    modules = [dotted(path) for path in SOURCES]
    if hasattr(os, "fork"):
        command = [sys.executable, "-W", "error", "-c", IMPORT_EACH_ALONE, *modules]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    else:
        for module in modules:
            subprocess.run([sys.executable, "-W", "error", "-c", IMPORT_ONE, module], check=True)


@pytest.mark.parametrize("package", ["vcr", "deepdiff", "yaml", "jsonschema", "opentelemetry", "openai"])
def test_the_plugin_itself_loads_without_what_only_a_run_needs(package: str) -> None:
    code = f"import sys, pytest_llmreplay.plugin; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

import json
import random
import re
from pathlib import Path

import pytest

from tests.plugin.conftest import Project
from tests.redaction.made import SECRETS, text_with
from tests.redaction.secrets import CONTEXTS, TOKENS, plain
from tests.sample import ask, traced

PLANTED = [*map(plain, TOKENS.values()), *map(plain, CONTEXTS.values())]
MARK = r"\[redacted:[a-z0-9-]+:[0-9a-f]{4}\]"

LEAKY = """
import json
from pathlib import Path

from openai import OpenAI

client = OpenAI()
SECRETS = json.loads(Path("secrets.json").read_text(encoding="utf-8"))

def answer(question):
    print(SECRETS["texts"])
    done = client.chat.completions.create(
        model="gpt-4o-mini",
        temperature=0,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": question + " " + chr(10).join(SECRETS["texts"]) + CHANGE},
        ],
    )
    return done.choices[0].message.content
"""


def texts() -> list[str]:
    """Each planted secret in a text: bare, in a header, a URL or an assignment."""
    return [*map(plain, TOKENS.values()), *(around.format(plain(secret)) for around, secret in CONTEXTS.items())]


def leaks(text: str) -> list[str]:
    return [secret for secret in PLANTED if secret in text]


@pytest.fixture
def leaky(project: Project) -> Project:
    """A shop whose prompt, output and answer hold all planted secrets."""
    question = "Where is " + plain(TOKENS["github-token"])
    prompt = question + " " + "\n".join(texts())
    told = "Here: " + "\n".join(texts())
    (project.path / "secrets.json").write_text(json.dumps({"texts": texts()}), encoding="utf-8")
    project.shop(traced(ask(asked=prompt, told=told), question=question, output=told))
    return project


def test_forty_planted_secrets_are_a_good_number() -> None:
    assert len(set(PLANTED)) >= 40


@pytest.mark.parametrize("arguments", [(), ("-vv",), ("--tb=long", "-l", "-vv"), ("--tb=native",), ("-rA", "-vv")])
def test_no_secret_is_printed_when_a_call_diverges(leaky: Project, arguments: tuple[str, ...]) -> None:
    leaky.write(shop=LEAKY.replace("CHANGE", '"!"'))
    said = leaky.run(*arguments, "--junitxml=junit.xml", status=1)
    assert "DIVERGED" in said
    assert re.search(MARK, said)
    assert leaks("\n".join(said.lines)) == []
    assert leaks((leaky.path / "junit.xml").read_text(encoding="utf-8")) == []


def test_no_secret_is_printed_when_an_assertion_fails(leaky: Project) -> None:
    leaky.write(
        shop=LEAKY.replace("CHANGE", '""'),
        test_shop="from shop import answer\ndef test_answer(llm_replay):\n    assert llm_replay.run(answer) == 'x'\n",
    )
    said = leaky.run("-vv", "-l", status=1)
    assert re.search(MARK, said)
    assert leaks("\n".join(said.lines)) == []


def test_no_secret_is_in_a_file_that_a_run_leaves(leaky: Project) -> None:
    leaky.write(shop=LEAKY.replace("CHANGE", '"!"'))
    before = {each for each in leaky.path.rglob("*") if each.is_file()}
    leaky.run(status=1)
    made: list[Path] = [each for each in leaky.path.rglob("*") if each.is_file() and each not in before]
    assert {str(each): leaks(each.read_text(encoding="utf-8", errors="replace")) for each in made if leaks(
        each.read_text(encoding="utf-8", errors="replace"))} == {}  # fmt: skip


@pytest.mark.parametrize("change", ['""', '"!"'], ids=["passed", "diverged"])
def test_no_secret_is_in_a_report_or_a_snapshot(leaky: Project, change: str) -> None:
    leaky.write(
        shop=LEAKY.replace("CHANGE", change),
        test_shop=(
            "from shop import answer\n"
            "def test_answer(llm_replay, llm_snapshot):\n"
            "    assert llm_replay.run(answer) == llm_snapshot\n"
        ),
    )
    reports = [f"--llm-report={name}:report.{name}" for name in ("json", "md", "html")]
    leaky.run("--llm-update", "--llm-baseline-save=base.json", *reports, status=int(change != '""'))
    made = [leaky.path / f"report.{name}" for name in ("json", "md", "html")]
    made += leaky.path.rglob("__llm__/*")
    assert len(made) == (3 if change != '""' else 4)
    assert {
        each.name: leaks(each.read_text(encoding="utf-8")) for each in made if leaks(each.read_text(encoding="utf-8"))
    } == {}


def test_the_id_of_an_item_holds_nothing_of_a_secret(leaky: Project) -> None:
    leaky.write(shop=LEAKY.replace("CHANGE", '""'))
    said = leaky.run("-v")
    assert "test_answer[where-is-redacted-github-0001]" in said


def test_the_users_patterns_are_taken_out_as_well(leaky: Project) -> None:
    leaky.ini("llm_traces = traces.jsonl\nllm_redact =\n    Be \\w+\n    no such")
    leaky.write(shop=LEAKY.replace("CHANGE", '"!"').replace("Be brief.", "Be short."))
    said = leaky.run("-vv", status=1)
    assert re.search(r"\[redacted:custom:[0-9a-f]{4}\]", said)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("a(b", "llm_redact: 'a(b' is no regular expression: missing ), unterminated subpattern at position 1"),
        ("x*", "llm_redact: 'x*' matches the empty text, and so everything"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_a_usage_error(project: Project, pattern: str, told: str) -> None:
    project.shop(ini=f"llm_traces = traces.jsonl\nllm_redact = {pattern}")
    assert project.run(status=4).told == f"ERROR: {told}\n"


def test_an_environment_variable_that_is_a_secret_is_printed_nowhere(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "sounds quite harmless")
    project.shop()
    project.write(test_shop="import os\ndef test_x(llm_replay):\n    assert os.environ['SHOP_TOKEN'] == 'x'\n")
    said = project.run(status=1)
    assert "sounds quite harmless" not in "\n".join(said.lines)
    assert re.search(r"\[redacted:environment:[0-9a-f]{4}\]", said)


OURS = """
import warnings

import pytest
from shop import SECRETS, answer

ALL = chr(10).join(SECRETS["texts"])

@pytest.fixture
def broken():
    print(ALL)
    raise RuntimeError(ALL)

@pytest.fixture
def late():
    yield
    raise RuntimeError(ALL)

def test_approved(llm_snapshot):
    told = SECRETS["texts"]
    print(ALL)
    assert ALL == llm_snapshot
    assert told == "x"

def test_set_up(broken, llm_snapshot):
    pass

def test_torn_down(late, llm_replay):
    headers = [("x-goog-api-key", SECRETS["texts"][0]), (b"authorization", SECRETS["texts"][1].encode())]
    warnings.warn(ALL)
    llm_replay.run(answer)
    assert headers == {}

def test_skipped(llm_replay):
    pytest.skip(ALL)

@pytest.mark.xfail(reason="known")
def test_known(llm_replay):
    assert SECRETS == ALL
"""


@pytest.fixture
def random_secrets(project: Project) -> list[str]:
    """A shop that prints, asks and is told fifty secrets that were made at random; gives their lines."""
    chance = random.Random(20261122)  # noqa: S311 - nothing secret
    made = [text_with(name, chance) for name in SECRETS]
    question = "Where is my order?"
    prompt = question + " " + "\n".join(text for text, _ in made)
    (project.path / "secrets.json").write_text(json.dumps({"texts": [text for text, _ in made]}), encoding="utf-8")
    project.shop(traced(ask(asked=prompt, told=prompt), question=question, output=prompt))
    project.write(shop=LEAKY.replace("CHANGE", '""'), test_shop=OURS)
    return [line for _, secret in made for line in secret.split("\n") if "-----" not in line]


@pytest.mark.parametrize(
    "arguments", [(), ("-vv", "--tb=long", "-l", "-rA"), ("--tb=native", "-rA"), ("--llm-update",)]
)
def test_no_random_secret_is_printed_of_any_item_that_uses_the_plugin(
    project: Project, random_secrets: list[str], arguments: tuple[str, ...]
) -> None:
    assert len(random_secrets) >= 50
    output = project.run(*arguments, "--junitxml=junit.xml", "-o", "junit_logging=all", status=1)
    told = "\n".join(output.lines) + (project.path / "junit.xml").read_text(encoding="utf-8")
    left = [*project.path.rglob("__llm__/*"), *project.path.rglob(".llm/pending/*")]
    told += "".join(path.read_text(encoding="utf-8") for path in left)
    assert [secret for secret in random_secrets if secret in told or json.dumps(secret)[1:-1] in told] == []


def test_a_secret_is_found_although_its_name_was_printed_on_another_line(project: Project) -> None:
    log = "'word ' * 14 + 'X-RapidAPI-Key: ' + 'k7' * 25"
    project.shop(test=f"def test_a(llm_replay):\n    got = {{'log': {log}}}\n    assert got == {{}}\n")
    output = project.run("-vv", "-l", status=1)
    assert "k7k7" not in output
    assert "[redacted:api-key:" in output


def test_what_a_plain_test_prints_is_its_own(project: Project) -> None:
    project.shop()
    project.write(test_plain="def test_plain():\n    assert 'password=hunter2' == ''\n")
    assert "hunter2" in project.run(status=1)

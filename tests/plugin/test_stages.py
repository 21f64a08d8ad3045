"""The stage that broke: a change of the example's retriever, prompt, generator or tool is named as what it is."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.plugin.conftest import Output, Project

EXAMPLE = Path(__file__).parents[2] / "examples" / "support_bot"
SELECTS = {
    ("traceloop", "rag"): "request=req-5102",
    ("openinference", "rag"): "request=req-5202",
    ("traceloop", "tool"): "request=req-5103",
    ("openinference", "tool"): "request=req-5203",
}
TEST = """
import pytest
from pytest_llmreplay import observe
from support_bot.app import support

@pytest.mark.llm_replay(traces="traces", patch={patch})
def test_support(llm_trace, llm_replay):
    assert llm_replay.run(support) == llm_trace.output
"""
NONE = "{}"
OBSERVED = '{"support_bot.retriever.search": observe(), "support_bot.tools.lookup_order": "lookup_order"}'
ANSWERED = '["support_bot.retriever.search", "support_bot.tools.lookup_order"]'
PATCHES = {"unpatched": NONE, "observed": OBSERVED, "answered": ANSWERED}
FAMILIES = ("traceloop", "openinference")
COLD = "temperature=0,\n        messages=[\n"
"""The temperature of the one call that answers from documents."""


class Bot:
    """The example in a folder of its own, replayed for one request."""

    def __init__(self, project: Project) -> None:
        self.project = project
        shutil.copytree(
            EXAMPLE, project.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "test_*")
        )

    def change(self, name: str, old: str, new: str) -> None:
        path = self.project.path / "support_bot" / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def replay(self, patch: str, family: str, kind: str, status: int = 1) -> Output:
        self.project.write(test_bot=TEST.format(patch=patch))
        return self.project.run("-v", "--llm-select", SELECTS[family, kind], status=status)


@pytest.fixture
def bot(project: Project, monkeypatch: pytest.MonkeyPatch) -> Bot:
    for name in [each for each in sys.modules if each.partition(".")[0] == "support_bot"]:
        monkeypatch.delitem(sys.modules, name)  # the example's own tests may have loaded it
    return Bot(project)


def rows(output: Output) -> list[str]:
    """Kind and state of each step."""
    table = output.failures.partition("\n\n")[2].partition("\nstep ")[0]
    return [f"{line.split()[1]}: {' '.join(line.split()[3:])}" for line in table.splitlines()]


def place(output: Output) -> str:
    """The line that names step and stage."""
    return next(line for line in output.failures.splitlines() if line.startswith("step "))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", ["rag", "tool"])
@pytest.mark.parametrize("patch", PATCHES)
def test_unchanged_nothing_is_named(bot: Bot, family: str, kind: str, patch: str) -> None:
    output = bot.replay(PATCHES[patch], family, kind, status=0)
    assert output.last == "1 passed in 0.00s"


@pytest.mark.parametrize("family", FAMILIES)
def test_fewer_documents_belong_to_the_retriever_and_the_model_follows(bot: Bot, family: str) -> None:
    bot.change("retriever", "top_k: int = 3", "top_k: int = 1")
    output = bot.replay(OBSERVED, family, "rag")
    assert rows(output) == ["retriever: DIVERGED <- first", "model: differs, follows from 1; stopped here"]
    assert place(output) == "step 1, retriever search, stage retriever"
    assert "    - refund-2026\n    - shipping-times\n" in output.failures


def test_an_argument_that_was_recorded_is_the_likely_cause(bot: Bot) -> None:
    bot.change("retriever", "top_k: int = 3", "top_k: int = 1")
    for patch in (OBSERVED, ANSWERED):
        output = bot.replay(patch, "openinference", "rag")
        assert rows(output) == ["retriever: DIVERGED <- first", "model: differs, follows from 1; stopped here"]
        assert "  top_k   recorded 3, now 1\n" in output.failures
        assert "likely cause: argument top_k changed before the output did" in output.failures


@pytest.mark.parametrize("family", FAMILIES)
def test_a_document_that_is_gone_from_the_prompt_tells_of_the_retriever_without_any_patch(
    bot: Bot, family: str
) -> None:
    bot.change("retriever", "top_k: int = 3", "top_k: int = 1")
    output = bot.replay(NONE, family, "rag")
    assert rows(output) == ["retriever: not replayed", "model: DIVERGED <- first"]
    assert place(output) == "step 2, model gpt-4o-mini, stage retriever"


@pytest.mark.parametrize("family", FAMILIES)
def test_so_do_documents_in_another_order(bot: Bot, family: str) -> None:
    bot.change("retriever", "(-document[", "(document[")
    bot.change("retriever", "[:top_k]", "[-top_k:]")
    assert place(bot.replay(NONE, family, "rag")) == "step 2, model gpt-4o-mini, stage retriever"
    assert place(bot.replay(OBSERVED, family, "rag")) == "step 1, retriever search, stage retriever"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("patch", PATCHES)
def test_another_template_belongs_to_the_prompt(bot: Bot, family: str, patch: str) -> None:
    bot.change("prompts", "Policies:", "Our policies:")
    output = bot.replay(PATCHES[patch], family, "rag")
    assert place(output) == "step 2, model gpt-4o-mini, stage prompt"
    assert rows(output)[1] == "model: DIVERGED <- first"


@pytest.mark.parametrize("family", FAMILIES)
def test_another_system_prompt_too(bot: Bot, family: str) -> None:
    bot.change("prompts", "in one or two sentences", "in one sentence")
    assert place(bot.replay(OBSERVED, family, "rag")) == "step 2, model gpt-4o-mini, stage prompt"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("patch", PATCHES)
@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('MODEL = "gpt-4o-mini"', 'MODEL = "gpt-4o"', "model   recorded gpt-4o-mini, now gpt-4o"),
        (COLD, COLD.replace("=0", "=1"), "temperature   recorded 0, now 1"),
    ],
    ids=["model", "temperature"],
)  # fmt: skip
def test_another_model_or_temperature_belongs_to_the_generator(
    bot: Bot, family: str, patch: str, old: str, new: str, told: str
) -> None:
    bot.change("app", old, new)
    output = bot.replay(PATCHES[patch], family, "rag")
    assert place(output) == "step 2, model gpt-4o-mini, stage generator"
    assert told in output.failures


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("patch", ["observed", "answered"])
def test_another_argument_of_a_tool_belongs_to_the_tool(bot: Bot, family: str, patch: str) -> None:
    bot.change(
        "tools", "lookup_order(**json.loads(arguments))", "lookup_order(json.loads(arguments)['order_id'].lower())"
    )
    output = bot.replay(PATCHES[patch], family, "tool")
    assert place(output) == "step 2, tool lookup_order, stage tool"
    assert rows(output) == ["model: same", "tool: DIVERGED <- first", "model: not reached"]
    assert "  order_id   recorded A-1042, now a-1042\n" in output.failures


@pytest.mark.parametrize("family", FAMILIES)
def test_without_any_patch_its_result_in_the_messages_tells_of_it(bot: Bot, family: str) -> None:
    bot.change("tools", 'state="shipped"', 'state="lost"')
    assert place(bot.replay(NONE, family, "tool")) == "step 3, model gpt-4o-mini, stage tool"


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answered_tool_does_not_tell_of_its_own_data(bot: Bot, family: str) -> None:
    bot.change("tools", 'state="shipped"', 'state="lost"')
    assert bot.replay(ANSWERED, family, "tool", status=0).last == "1 passed in 0.00s"

"""Evaluators of other libraries at work: what they ask a model is recorded once, too."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.evaluate.adapters.runs import library
from tests.plugin.conftest import Project
from tests.plugin.test_judges import recordings
from tests.plugin.test_llm_mode import provider

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "support_bot"))

from provider_double import ProviderDouble, Reply, Rule, ToolCall

TEST = """
from pytest_llmreplay import llm_replay
from pytest_llmreplay.evaluate import *
from shop import answer
SETUP

@llm_replay(evaluators=[EVALUATOR])
def test_answer(llm_replay):
    llm_replay.run(answer)
"""
AUTOEVALS = """
from autoevals import LLMClassifier
from openai import OpenAI
judge = LLMClassifier("polite", "It is polite.", {"yes": 1, "no": 0.25}, model="gpt-4o", client=CLIENT)
"""
PYDANTIC = """
from openai import AsyncOpenAI
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_evals.evaluators import LLMJudge
model = OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=ASYNC))
"""
DEEPEVAL = """
from deepeval.metrics import GEval
from deepeval.models import DeepEvalBaseLLM
from deepeval.test_case import SingleTurnParams
from openai import OpenAI

class Model(DeepEvalBaseLLM):
    def load_model(self): return CLIENT
    def get_model_name(self): return "gpt-4o"
    async def a_generate(self, prompt): return self.generate(prompt)
    def generate(self, prompt):
        messages = [{"role": "user", "content": prompt}]
        return self.model.chat.completions.create(model="gpt-4o", messages=messages).choices[0].message.content

polite = dict(name="polite", criteria="It is polite.", evaluation_steps=["It is polite."], async_mode=False)
"""
OPENEVALS = """
from openai import OpenAI
from openevals import create_llm_as_judge
judge = create_llm_as_judge(prompt="It is polite. {outputs}", judge=CLIENT, model="gpt-4o", continuous=True)
"""
RAGAS = """
from openai import AsyncOpenAI
from ragas.llms import llm_factory
from ragas.metrics.collections import AnswerAccuracy
metric = AnswerAccuracy(llm=llm_factory("gpt-4o", client=ASYNC))
"""


def choice(name: str, **arguments: object) -> Reply:
    """A verdict that is given by a tool call."""
    return Reply(tool_calls=(ToolCall(name, json.dumps(arguments), "call_1"),))


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    """A provider whose rules the test gives."""
    with ProviderDouble([]) as found:
        yield found


@pytest.mark.parametrize(
    ("package", "setup", "evaluator", "reply", "told"),
    [
        (
            "autoevals",
            AUTOEVALS,
            "Autoevals(judge, threshold=0.5)",
            choice("select_choice", choice="no", reasons="No please."),
            "  polite             0.25     >= 0.5         FAILED   No please.",
        ),
        (
            "pydantic_evals",
            PYDANTIC,
            'PydanticEvals(LLMJudge("It is polite.", model=model))',
            choice("final_result", reason="No please.", **{"pass": False}, score=0.25),
            "  LLMJudge           0.00     = 1            FAILED   No please.",
        ),
        (
            "deepeval",
            DEEPEVAL,
            "DeepEval(GEval(model=Model(), evaluation_params=[SingleTurnParams.ACTUAL_OUTPUT], **polite))",
            Reply('{"score": 2, "reason": "No please."}'),
            "  polite [GEval]     0.20     deepeval 0.5   FAILED   No please.",
        ),
        (
            "openevals",
            OPENEVALS,
            "OpenEvals(judge, name='polite', threshold=0.5)",
            Reply('{"score": 0.25, "reasoning": "No please."}'),
            "  polite             0.25     >= 0.5         FAILED   No please.",
        ),
        (
            "ragas",
            RAGAS,
            "Ragas(metric, threshold=0.9)",
            Reply('{"rating": 2}'),
            "  answer_accuracy    0.50     >= 0.9         FAILED",
        ),
    ],
)
def test_its_model_calls_are_recorded_once_and_answered_offline(
    project: Project, double: ProviderDouble, package: str, setup: str, evaluator: str, reply: Reply, told: str
) -> None:
    library(package)
    double.rules = [Rule("", reply)]
    clients = {"CLIENT": provider("OpenAI", double), "ASYNC": provider("AsyncOpenAI", double)}
    test = TEST.replace("SETUP", setup).replace("EVALUATOR", evaluator)
    for name, client in clients.items():
        test = test.replace(name, client)
    project.shop(test=test)
    warnings = ("-W", "ignore")
    output = project.run("--llm-mode=record", *warnings, status=1, alone=True)
    assert told in output.failures
    asked = len(double.requests)
    assert asked
    assert recordings(project).exists()
    assert told in project.run(*warnings, status=1, alone=True).failures
    assert len(double.requests) == asked
    recordings(project).unlink()
    output = project.run(*warnings, alone=True)
    assert "without a recording; --llm-mode=record makes them" in output.summary
    assert len(double.requests) == asked

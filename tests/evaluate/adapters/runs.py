"""A run that retrieved a document, for evaluators of other libraries."""

from typing import Any

from pytest_llmreplay.evaluate.protocol import Evaluator
from pytest_llmreplay.model.call import Answer, Arguments, Call, Returned
from pytest_llmreplay.model.evaluation import Evaluation
from tests.builders import step
from tests.evaluate.judging import judge

RETRIEVED = step(
    Call(kind="retrieval", model="search"), Answer(returned=Returned([{"id": "refund", "text": "You have 14 days."}]))
)


def asked(evaluator: Evaluator, **more: Any) -> Evaluation:
    """The judgement of an answer to a question, out of one document."""
    values = {"output": "14 days.", "recorded": "You have 14 days.", **more}
    return judge(evaluator, RETRIEVED, arguments=Arguments(named={"question": "How long?"}), **values)

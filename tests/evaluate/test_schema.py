import socket
from typing import Any

import pytest

from pytest_llmreplay.errors import UsageProblem
from pytest_llmreplay.evaluate.schema import JsonSchema
from pytest_llmreplay.evaluate.spec import evaluators
from tests.evaluate.judging import judge

ORDER = {
    "type": "object",
    "required": ["order", "items"],
    "properties": {"order": {"type": "string"}, "items": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
    "$defs": {"item": {"type": "object", "required": ["sku"], "properties": {"price": {"type": "number"}}}},
}


@pytest.mark.parametrize(
    ("output", "judgement", "reason"),
    [
        ({"order": "A-7", "items": []}, "passed", "valid"),
        ('{"order": "A-7", "items": [{"sku": "x", "price": 1}]}', "passed", "valid"),
        ({"items": []}, "failed", "output: 'order' is a required property"),
        ({"order": 7, "items": []}, "failed", "output.order: 7 is not of type 'string'"),
        ({"order": "A", "items": [{"sku": "x"}, {"price": "1"}]}, "failed", "output.items[1]: 'sku' is a required property and 1 more"),  # noqa: E501
        ([], "failed", "output: [] is not of type 'object'"),
        (["x" * 40] * 40, "failed", 'output: ["' + "x" * 40 + '", "' + "x" * 13 + "… is not of type 'object'"),
        ("Sure! {}", "failed", 'the text is no JSON at line 1 column 1: Expecting value: "Sure! {}"'),
    ],
)  # fmt: skip
def test_an_output_is_held_against_a_schema(output: Any, judgement: str, reason: str) -> None:
    found = judge(JsonSchema(ORDER), output=output)
    assert (found.judgement, found.reason) == (judgement, reason)


def test_a_part_of_the_output_may_be_meant() -> None:
    found = judge(JsonSchema({"type": "string"}, path="items[0].sku"), output={"items": [{"sku": 3}]})
    assert found.reason == "output.items[0].sku: 3 is not of type 'string'"
    assert [(each.path, each.found) for each in found.evidence] == [("output.items[0].sku", 3)]


def test_a_class_that_knows_its_schema_is_a_schema() -> None:
    class Order:
        @classmethod
        def model_json_schema(cls) -> Any:
            return ORDER

    assert judge(JsonSchema(Order), output={"order": 7, "items": []}).judgement == "failed"


@pytest.mark.parametrize("reference", ["http://127.0.0.1:47999/x.json", "file:///etc/hostname", "other.json", "#/none"])
def test_a_reference_that_leads_out_of_the_schema_is_never_fetched(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: asked.append(address))
    monkeypatch.setattr("urllib.request.urlopen", lambda *given, **more: asked.append(given))
    found = judge(JsonSchema({"$ref": reference}), output={"a": 1})
    assert found.judgement == "error"
    assert found.reason.endswith("leads out of it, and nothing is fetched")
    assert asked == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"json_schema": {"schema": {"type": "strin"}}},
            "the schema is not valid at $.type: 'strin' is not valid under",
        ),
        ({"json_schema": "order.json"}, 'here: json_schema: a schema is an object, not "order.json"'),
        ("json_schema", "missing 1 required positional argument: 'schema'"),
    ],
)
def test_a_schema_that_is_none_is_named_at_collection(given: Any, message: str) -> None:
    with pytest.raises(UsageProblem) as caught:
        evaluators(given, "here")
    assert message in str(caught.value)

"""``--llm-traces`` with a folder of vcrpy's cassettes: an existing suite gains divergence and reports."""

import json
from typing import Any

import pytest
import yaml

from tests.plugin.conftest import Project

SHOP = """
import httpx
from openai import OpenAI

client = OpenAI()

def answer(order, question="Where is it?"):
    state = httpx.get(f"https://shop.example/orders/{order}", params={"fields": "state"}).json()["state"]
    done = client.chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": f"The order is {state}. {question}"}]
    )
    return done.choices[0].message.content
"""
TEST = """
from shop import answer

def test_answer(llm_trace):
    assert answer({order}) == "On its way."
"""


def interaction(method: str, url: str, body: object, told: object) -> dict[str, Any]:
    return {
        "request": {"method": method, "uri": url, "body": body and json.dumps(body), "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Date": ["Thu, 05 Mar 2026 14:16:59 GMT"], "Content-Type": ["application/json"]},
            "body": {"string": json.dumps(told)},
        },
    }


@pytest.fixture
def shop(project: Project) -> Project:
    """An application with one plain request and one model call, and the cassette of a run of it."""
    asked = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "The order is sent. Where is it?"}]}
    message = {"role": "assistant", "content": "On its way."}
    told = {"id": "1", "object": "chat.completion", "created": 1, "model": "gpt-4o-mini", "choices": [
        {"index": 0, "message": message, "finish_reason": "stop"}]}  # fmt: skip
    recorded = {
        "interactions": [
            interaction("GET", "https://shop.example/orders/7?fields=state", None, {"state": "sent"}),
            interaction("POST", "https://api.openai.com/v1/chat/completions", asked, told),
        ],
        "version": 1,
    }
    folder = project.path / "cassettes"
    folder.mkdir()
    (folder / "test_answer.yaml").write_text(yaml.safe_dump(recorded), encoding="utf-8")
    project.write(shop=SHOP, test_shop=TEST.format(order=7))
    return project


def test_a_cassette_is_a_trace(shop: Project) -> None:
    output = shop.run("--llm-traces=cassettes", "-v")
    assert output.header == [
        "llm: replay (drift fail), network blocked; 1 trace from cassettes (vcr-cassette 1)",
    ]
    assert output.summary == (
        "1 trace replayed: 1 matched; 2 steps\n"
        "1 model call, 1 plain request answered, 0 live; recorded steps: 1 request, 1 model\n"
    )


def test_a_plain_request_that_differs_is_shown_as_a_divergence(shop: Project) -> None:
    shop.write(shop=SHOP.replace('"state"}', '"status"}'))
    assert (
        shop.run("--llm-traces=cassettes", status=1).failures
        == """\
________________________ test_answer[test-answer-9eee] _________________________
trace 9eee2145f6a0  recorded 2026-03-05 14:16 (raw-exchange)  cassettes/test_answer.yaml:1

  1 request    GET shop.example/orders… DIVERGED   <- first
  2 model      gpt-4o-mini              not reached
step 1, request GET shop.example/orders/7
  query.fields[0]   recorded state, now status
only this step:  pytest "test_shop.py::test_answer[test-answer-9eee]" --llm-traces=cassettes --llm-until=1
"""
    )


def test_a_plain_request_that_is_never_made_is_a_divergence(shop: Project) -> None:
    shop.write(test_shop="def test_answer(llm_replay):\n    pass\n")
    assert "GET shop.example/orders/7: recorded, but never asked for, nor 1 after it" in shop.run(
        "--llm-traces=cassettes", status=1
    )


def test_run_says_that_a_cassette_has_no_input_of_the_application(shop: Project) -> None:
    shop.write(test_shop="from shop import answer\n\ndef test_answer(llm_replay):\n    llm_replay.run(answer)\n")
    assert "no span recorded the application's input; call the application yourself" in shop.run(
        "--llm-traces=cassettes", status=1
    )


def test_a_damaged_cassette_is_named_and_raises_the_exit_status(shop: Project) -> None:
    (shop.path / "cassettes" / "cut.yaml").write_text("interactions:\n- request:\n    body: 'cut", encoding="utf-8")
    output = shop.run("--llm-traces=cassettes", status=1)
    assert "cassettes/cut.yaml:3: not YAML, cut off, or refused: found unexpected end of stream" in output.summary
    assert "exit status 1: 1 record could not be read as it is" in output.summary


def test_a_cassette_of_a_websocket_is_an_error_that_says_so(shop: Project) -> None:
    data = {"version": 1, "interactions": [{"kind": "message", "direction": "sent", "data": {}}]}
    (shop.path / "cassettes" / "test_answer.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    shop.write(test_shop="def test_answer(llm_replay):\n    pass\n")
    assert "step 1 of 1, request a websocket message: it went over no HTTP, and HTTP alone can be replayed" in shop.run(
        "--llm-traces=cassettes", status=1
    )

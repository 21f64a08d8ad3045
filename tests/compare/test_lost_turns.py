"""What a source drops of a conversation and of the tools is not compared."""

import pytest

from pytest_llmreplay.compare.calls import differences
from pytest_llmreplay.model.call import Message, Tool, ToolCall
from tests.builders import assistant, called, chat, partly, result, user

FUNCTION = Tool("f", "Does it.", {"type": "object"})
SEARCH = Tool("web_search", parameters={"type": "object"}, options={"type": "web_search"})
TALK = (user("Weather?"), assistant("Let me see.", called("weather", {})), result("sunny"), assistant("Sunny."))


def test_what_the_model_said_in_one_go_is_one_turn() -> None:
    one = chat(user("a"), assistant("b", called("f", {}), called("g", {}, "call_2")))
    many = chat(user("a"), assistant("b"), assistant(called("f", {})), assistant(called("g", {}, "call_2")))
    assert differences(one, many) == ()
    assert differences(many, one) == ()
    assert differences(chat(assistant("a"), assistant("b")), chat(assistant("ab"))) == ()
    assert differences(chat(user("a"), user("b")), chat(user("ab"))) != ()


def test_calls_and_results_that_a_source_drops_are_not_compared() -> None:
    recorded = chat(user("Weather?"), assistant("Let me see."), assistant("Sunny."), known=partly(["tool_turns"]))
    assert differences(recorded, chat(*TALK)) == ()
    assert differences(recorded, chat(*TALK[:3])) != ()


@pytest.mark.parametrize("rest", [(), (result("sunny"), user("And tomorrow?"))])
def test_a_source_that_ends_at_the_first_silence_knows_what_was_before(rest: tuple[Message, ...]) -> None:
    recorded = chat(user("Weather?"), known=partly(["tool_turns", "after_silence"]))
    silent = assistant(ToolCall("weather", {}, "call_1"))
    assert differences(recorded, chat(user("Weather?"), silent, *rest)) == ()
    assert differences(recorded, chat(user("Weather!"), silent, *rest)) != ()


def test_tools_of_the_server_may_be_dropped() -> None:
    recorded = chat(tools=(FUNCTION,), known=partly(["other_tools"]))
    assert differences(recorded, chat(tools=(FUNCTION, SEARCH))) == ()
    assert differences(recorded, chat(tools=(SEARCH,))) != ()


def test_tools_of_the_server_may_be_known_by_their_name_alone() -> None:
    recorded = chat(tools=(FUNCTION, Tool("web_search")), known=partly(["tool_options"]))
    assert differences(recorded, chat(tools=(FUNCTION, SEARCH))) == ()
    assert differences(recorded, chat(tools=(FUNCTION,))) != ()

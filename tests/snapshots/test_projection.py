from pytest_llmreplay.model.call import Arguments, Call
from pytest_llmreplay.model.recording import Match, Recording
from pytest_llmreplay.snapshots.projection import projection
from tests.builders import assistant, called, chat, user


def test_the_output_alone_or_with_what_was_asked_on_the_way() -> None:
    call = chat(user("Where?"), assistant(called("lookup", {"id": 1})), model="gpt-4o")
    tool = Call(kind="tool", model="lookup", arguments=Arguments((), {"id": 1}))
    recording = Recording(places=[Match(call, None), Match(tool, None)])
    assert projection(recording, "There.") == "There."
    assert projection(recording, "There.", ("output", "trajectory", "prompts", "arguments")) == {
        "output": "There.",
        "trajectory": ["chat gpt-4o", "tool lookup"],
        "prompts": [
            [
                {"role": "user", "content": ["Where?"]},
                {"role": "assistant", "content": [{"name": "lookup", "arguments": {"id": 1}, "id": "call_1"}]},
            ]
        ],
        "arguments": [{"lookup": {"id": 1}}],
    }

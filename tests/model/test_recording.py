"""What one run asked, in order, and where it left the trace."""

from pytest_llmreplay.model.recording import Divergence, Match, Recording
from tests.builders import chat, step


def test_calls_are_in_the_order_of_their_beginning_whenever_they_end() -> None:
    recording = Recording()
    first, second, third = recording.reserve(), recording.reserve(), recording.reserve()
    a, c = Match(chat(model="a"), None), Match(chat(model="c"), None)
    recording.places[third] = c
    recording.places[first] = a
    assert recording.matches == [a, c]
    assert second == 1


def test_a_divergence_tells_its_step_in_one_line() -> None:
    assert Divergence(reason="changed", step=step(index=2), total=5, detail="x").headline == "step 2 of 5, x"
    assert Divergence(reason="refused", step=None, total=5, detail="x").headline == "x"

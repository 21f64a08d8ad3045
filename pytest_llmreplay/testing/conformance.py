"""What every provider file must show, through its real SDK. PYTEST_DONT_REWRITE

A test module gives a fixture ``driver`` (of a scope wider than a function) and a class that inherits from Conformance.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_llmreplay import registry
from pytest_llmreplay.compare.canonical import canonical
from pytest_llmreplay.model.call import Answer, ApiError, Call, Known, Message, Text
from pytest_llmreplay.model.wire import WireRequest, WireResponse
from pytest_llmreplay.providers.protocol import Provider
from pytest_llmreplay.testing.conversations import JUNK, OBJECTS
from pytest_llmreplay.testing.driver import Driver, Question, SeenChoice, Wire

HELLO = Question(messages=(Message("user", (Text("Hello?"),)),))
NO_BODIES = (b"", b"{", b"[]", b"null", b"7", b'"text"', b"{}", b"\xff", b"[" * 100_000)
"""Bodies that no API has."""
QUIET = [HealthCheck.differing_executors, HealthCheck.too_slow, HealthCheck.data_too_large]
"""One suite for many classes; SDKs take their time."""
OFTEN = settings(max_examples=60, deadline=None, suppress_health_check=QUIET)
SELDOM = settings(max_examples=25, deadline=None, suppress_health_check=QUIET)


class Conformance:
    """The suite. ``driver`` is a fixture of the module that inherits it."""

    def test_it_is_registered_under_its_name(self, driver: Driver) -> None:
        """The registry has an instance that bears the name it is registered under."""
        assert provider_of(driver).name == driver.provider

    @SELDOM
    @given(data=st.data())
    def test_what_the_sdk_asks_is_read_as_it_was_meant(self, driver: Driver, data: st.DataObject) -> None:
        """Messages, tool calls, results and tools of a conversation stand in the call, in order and in full."""
        question = data.draw(driver.questions())
        for stream in ways(driver):
            wire = Wire(driver.provider, data.draw(driver.answers()))
            driver.ask(wire, replace(question, stream=stream))
            known = Known(fields=frozenset({"messages", "tools"}), parameters=frozenset(), lost=driver.lost)
            meant = Call(kind=wire.call.kind, messages=question.messages, tools=question.tools)
            same(canonical(wire.call, known), canonical(meant, known), "the question")
            same((wire.call.provider, bool(wire.call.stream)), (driver.provider, stream), "provider and stream")

    @SELDOM
    @given(data=st.data())
    def test_the_sdk_is_told_what_was_recorded_by_a_stream_as_by_a_whole(
        self, driver: Driver, data: st.DataObject
    ) -> None:
        """Texts, calls, reasons and counts are the answer's; a stream, put together, is the whole."""
        answer = data.draw(driver.answers())
        whole, *streamed = (
            driver.ask(Wire(driver.provider, answer), replace(HELLO, stream=stream)) for stream in ways(driver)
        )
        for seen in streamed:
            same(seen, whole, "a stream")
        same(whole.choices, tuple(map(SeenChoice.of, answer.choices)), "what the SDK shows")
        same(whole.vectors, answer.vectors, "the vectors")
        if driver.counts and answer.usage is not None:
            same(whole.usage, (answer.usage.input, answer.usage.output), "the usage")

    @OFTEN
    @given(data=st.data())
    def test_an_answer_that_is_written_and_read_again_is_the_same(self, driver: Driver, data: st.DataObject) -> None:
        """Nothing of an answer changes in its bytes, which are the same every time."""
        answer = data.draw(driver.answers())
        for call in calls_of(driver):
            written = provider_of(driver).answer(call, answer)
            same(provider_of(driver).answer(call, answer), written, "bytes written again")
            same(driver.stripped(provider_of(driver).read(written)), answer, "what was read again")

    @OFTEN
    @given(body=OBJECTS, path=st.booleans())
    def test_a_request_of_any_shape_is_read_or_a_value_error(self, driver: Driver, body: object, path: bool) -> None:
        """Whatever stands in a body: it is claimed or not, read or named as damaged."""
        request = WireRequest("POST", "https://a" + (driver.path if path else "/"), json.dumps(body).encode())
        assert provider_of(driver).claims(request) in (True, False)
        try:
            call = provider_of(driver).call(request)
        except ValueError:
            return
        assert call.provider == driver.provider

    @OFTEN
    @given(bodies=st.lists(JUNK, min_size=1, max_size=3), events=st.booleans())
    def test_a_response_of_any_shape_is_read_or_a_value_error(
        self, driver: Driver, bodies: list[object], events: bool
    ) -> None:
        """A whole, a stream of events or of lines that holds anything is an answer or named as damaged."""
        frame = b"data: %s\n\n" if events else b"%s\n"
        data = b"".join(frame % json.dumps(each).encode() for each in bodies)
        try:
            answer = provider_of(driver).read(WireResponse(200, {}, data))
        except ValueError:
            return
        assert answer.provider == driver.provider

    @pytest.mark.parametrize("body", NO_BODIES, ids=range(len(NO_BODIES)))
    def test_a_body_of_no_api_is_a_value_error(self, driver: Driver, body: bytes) -> None:
        """It is refused in words that say what is wrong with the body."""
        request = WireRequest("POST", "https://a" + driver.path, body)
        assert provider_of(driver).claims(request) in (True, False)
        with pytest.raises(ValueError, match=r"^the body "):
            provider_of(driver).call(request)

    def test_requests_of_other_methods_and_paths_are_not_claimed(self, driver: Driver) -> None:
        """The path and the method tell the API."""
        path = driver.path.partition("?")[0]
        for method, where in (
            ("GET", path),
            ("DELETE", path),
            ("POST", "/"),
            ("POST", "/elsewhere"),
            ("POST", path + "/x"),
        ):
            assert not provider_of(driver).claims(WireRequest(method, "https://a" + where, b"{}")), (method, where)

    @pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"null", b"[]", b'{"error": "text"}', b"\xff"])
    def test_an_error_of_any_shape_is_read(self, driver: Driver, body: bytes) -> None:
        """The status is what counts."""
        error = provider_of(driver).read(WireResponse(502, {}, body)).error
        assert error is not None
        assert error.status == 502

    def test_an_error_raises_the_sdks_own_exception_at_the_first_attempt(self, driver: Driver) -> None:
        """The recorded error is answered once, in words that the SDK shows; it can be read and written again."""
        answer = Answer(provider=driver.provider, error=ApiError(status=400, message="what went wrong"))
        for stream in ways(driver):
            wire = Wire(driver.provider, answer)
            with pytest.raises(driver.failure, match="what went wrong"):
                driver.ask(wire, replace(HELLO, stream=stream))
            assert len(wire.calls) == 1
            (response,) = wire.responses
            read = wire.provider.read(response)
            assert read.error is not None
            assert (response.status, read.error.status, read.error.message) == (400, 400, "what went wrong")
            again = wire.provider.read(wire.provider.answer(wire.call, read))
            same(again, read, "an error written again")


def provider_of(driver: Driver) -> Provider:
    """The provider under test."""
    found: Provider = registry.load("providers", driver.provider)
    return found


def ways(driver: Driver) -> tuple[bool, ...]:
    """Whole, and streamed if the API can."""
    return (False, True) if driver.streams else (False,)


def calls_of(driver: Driver) -> list[Call]:
    """The calls that the SDK makes of one question, whole and streamed."""
    if driver not in _calls:
        found = []
        for stream in ways(driver):
            wire = Wire(driver.provider, Answer(provider=driver.provider, error=ApiError(status=400, message="no")))
            with pytest.raises(driver.failure):
                driver.ask(wire, replace(HELLO, stream=stream))
            found.append(wire.call)
        _calls[driver] = found
    return _calls[driver]


_calls: dict[Driver, list[Call]] = {}


def same(found: object, wanted: object, what: str) -> None:
    """Hold two values against each other. Raises AssertionError that shows both."""
    if found != wanted:
        raise AssertionError(f"{what} is not the same\nfound:  {found!r}\nwanted: {wanted!r}")

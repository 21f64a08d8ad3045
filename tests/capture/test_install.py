"""Raw capture over real SDKs: what production wrote comes back byte for byte."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import httpx2
import pytest
from opentelemetry.sdk.trace import TracerProvider

from pytest_llmreplay import capture
from tests.capture.production import CALLS, Production, Signal, capturing, produced, replaying
from tests.loopback import (
    QUESTION,
    by_aiohttp,
    completion,
    completion_of_no_model,
    completion_stream,
    converse_stream,
    gemini,
    gemini_async,
    gpt,
    image,
    ndjson,
    served,
)  # fmt: skip

MODEL_CALLS = [*CALLS, ndjson, gemini, gemini_async, by_aiohttp]


@pytest.mark.parametrize("application", MODEL_CALLS, ids=lambda each: each.__name__)
def test_what_production_captured_comes_back_byte_for_byte(application: Callable[[str], Any]) -> None:
    url, said, production = produced(application)
    contents = production.contents
    assert {step.dialect for step in contents.steps} == {"raw-exchange"}
    assert contents.fidelity == ()
    with replaying(contents) as session:
        if application.__name__ == "by_aiohttp":
            with pytest.raises(Signal):  # its second request, for an image, is none of a model
                application(url)
        else:
            assert application(url) == said
    assert [match.verdict for match in session.recording.matches] == ["same"] * len(contents.steps)


def test_an_exchange_is_a_child_of_the_span_that_it_was_made_in() -> None:
    _, _, production = produced(completion)
    parent = next(each for each in production.spans if each.name == "answer")
    child = next(each for each in production.spans if each.name == "llmreplay.exchange")
    assert parent.context is not None
    assert child.parent is not None
    assert child.parent.span_id == parent.context.span_id
    assert (parent.start_time or 0) < (child.start_time or 0) < (child.end_time or 0) < (parent.end_time or 0)


def test_a_stream_that_outlives_its_span_is_still_its_child() -> None:
    with served() as url, capturing() as production:
        with production.tracer.start_as_current_span("answer"):
            stream = gpt(url).chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True)
        assert production.exchanges == []
        assert [each.choices[0].delta.content for each in stream][1:3] == ["Grü", "ße."]
        (step,) = production.contents.steps
    assert step.parent_id == production.contents.spans[0].span_id
    assert step.raw is not None


def test_the_content_encoding_is_undone_and_credentials_are_not_kept() -> None:
    _, _, production = produced(completion)
    found = production.exchange
    assert json.loads(found["llmreplay.response.body"])["id"] == "chatcmpl-1"
    names = [name for part in ("request", "response") for name, _ in json.loads(found[f"llmreplay.{part}.headers"])]
    assert sorted(names) == ["accept", "content-type", "content-type", "date"]


def test_credentials_of_a_url_are_not_kept() -> None:
    with served() as url, capturing() as production:
        httpx.post(f"{url.replace('//', '//me:word@')}/v1/embeddings?key=k&alt=json&x-goog-api-key=1", json={})
        assert production.exchange["llmreplay.request.url"] == f"{url}/v1/embeddings?alt=json"


def test_headers_that_the_owner_names_are_kept_but_never_credentials() -> None:
    with served() as url, capturing(headers=("X-Team", "Authorization", "X-Api-Key")) as production:
        httpx.post(f"{url}/v1/embeddings", json={}, headers={"x-team": "a", "authorization": "b", "x-api-key": "c"})
        assert ["x-team", "a"] in json.loads(production.exchange["llmreplay.request.headers"])
        assert "authorization" not in production.exchange["llmreplay.request.headers"]
        assert "x-api-key" not in production.exchange["llmreplay.request.headers"]


def test_redaction_sees_every_text() -> None:
    _, _, production = produced(completion, redact=lambda text: text.replace("Hello?", "[redacted]"))
    assert "Hello?" not in str(production.exchange)
    assert '"content":"[redacted]"' in production.exchange["llmreplay.request.body"]
    assert production.contents.steps[0].raw is not None


def test_where_redaction_fails_nothing_is_kept() -> None:
    def redact(text: str) -> str:
        raise RuntimeError(text)

    _, _, production = produced(completion, redact=redact)
    assert "Hello?" not in str(production.exchange)
    assert production.exchange["llmreplay.not_redacted"] == ("llmreplay.request.body", "llmreplay.response.body")
    assert production.contents.steps == ()


@pytest.mark.parametrize(("redact", "kept"), [(lambda text: text, True), (lambda text: text.replace("Hi.", ""), False)])
def test_bytes_that_are_no_text_are_kept_where_redaction_finds_nothing(redact: Any, kept: bool) -> None:
    _, _, production = produced(converse_stream, redact=redact)
    assert ("llmreplay.response.body" in production.exchange) is kept


def test_a_body_beyond_the_limit_is_cut_marked_and_no_step() -> None:
    _, _, production = produced(completion_stream, max_bytes=300)
    found = production.exchange
    assert found["llmreplay.truncated"] is True
    assert len(found["llmreplay.response.body"].encode()) == 300
    assert production.contents.steps == ()


def test_a_sample_takes_a_trace_whole_or_not_at_all() -> None:
    with served() as url, capturing(sample=0.5) as production:
        for _ in range(40):
            with production.tracer.start_as_current_span("answer"):
                for _ in range(2):
                    httpx.post(f"{url}/v1/embeddings", json={})
        counts: dict[int, int] = {}
        for each in production.spans:
            context = each.get_span_context()
            assert context is not None
            counts[context.trace_id] = counts.get(context.trace_id, 0) + (each.name == "llmreplay.exchange")
    assert set(counts.values()) == {0, 2}


def test_a_trace_that_the_application_does_not_sample_is_not_captured() -> None:
    from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

    with served() as url, capturing() as production:
        tracer = TracerProvider(sampler=ALWAYS_OFF).get_tracer("app")
        with tracer.start_as_current_span("answer"):
            httpx.post(f"{url}/v1/embeddings", json={})
        assert production.exchanges == []


def test_what_is_no_model_call_is_not_captured() -> None:
    _, _, production = produced_or_nothing(image)
    assert production.exchanges == []


def produced_or_nothing(application: Callable[[str], Any]) -> tuple[str, Any, Production]:
    with served() as url, capturing() as production:
        return url, application(url), production


def test_the_owner_says_which_paths_are_captured() -> None:
    with served() as url, capturing(paths="/count$") as production:
        httpx2.get(f"{url}/count")
        assert production.contents.steps[0].call.kind == "http"


def test_of_a_stream_that_is_closed_early_what_passed_is_kept() -> None:
    with served() as url, capturing() as production:
        with gpt(url).chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True) as stream:
            next(iter(stream))
        assert production.exchange["llmreplay.ended_early"] is True


def test_an_error_of_the_network_is_the_applications_and_nothing_is_captured() -> None:
    with served() as url:
        pass
    with capturing() as production, pytest.raises(httpx.ConnectError):
        httpx.post(f"{url}/v1/embeddings", json={})
    assert production.exchanges == []


def test_whatever_breaks_within_is_not_the_applications(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("ours")

    for name in ("begin", "_emit"):
        with monkeypatch.context() as patch:
            patch.setattr(f"pytest_llmreplay.capture.emitter.Emitter.{name}", broken)
            with served() as url, capturing():
                assert completion(url)["id"] == "chatcmpl-1"
                assert completion_of_no_model(url)
                assert capture.flush()
                assert capture.lost() == 2
    assert [each.message for each in caplog.records] == [
        "a model call was not captured, and this is said once: RuntimeError('ours')"
    ] * 2


def test_too_much_that_waits_is_left_out_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_llmreplay.capture.emitter.WAITING", 100)
    with served() as url, capturing() as production:
        completion(url)
        assert production.exchanges == []
        assert capture.lost() == 1


def test_uninstalled_it_leaves_every_library_as_it_was() -> None:
    from aiohttp import ClientSession
    from botocore.httpsession import URLLib3Session

    def methods() -> Sequence[Any]:
        return (
            httpx.HTTPTransport.handle_request, httpx.AsyncHTTPTransport.handle_async_request,
            httpx2.HTTPTransport.handle_request, httpx2.AsyncHTTPTransport.handle_async_request,
            ClientSession._request, URLLib3Session.send,
        )  # fmt: skip

    before = methods()
    with capturing():
        assert not {*before} & {*methods()}
        capture.install()
    assert methods() == before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"sample": 2}, "sample is a share from 0 to 1, not 2"),
        ({"max_bytes": 0}, "max_bytes is a number of bytes from 1, not 0"),
        ({"paths": "("}, "paths is no regular expression"),
        ({"libraries": ["curl"]}, "capture knows no curl; it knows httpx, httpx2, aiohttp, botocore"),
    ],
)
def test_what_cannot_be_used_is_said_at_once(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("(", r"\(")):
        capture.install(**wrong)


ALONE = """
import sys
from importlib.abc import MetaPathFinder

APIS_OWN = {"typing_extensions", "importlib_metadata", "zipp", "deprecated", "wrapt"}  # the last four in older versions
ALLOWED = {"pytest_llmreplay", "opentelemetry", *APIS_OWN}

class Only(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in ALLOWED and top not in sys.stdlib_module_names:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Only())
from pytest_llmreplay import capture
capture.install()
capture.uninstall()
ours = sorted(name for name in sys.modules if name.startswith("pytest_llmreplay") and ".capture" not in name)
print(ours)
"""


def test_production_needs_opentelemetrys_api_and_nothing_else() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['pytest_llmreplay']\n", "")


FORKED = """
import os, sys
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
import httpx
from pytest_llmreplay import capture
from tests.loopback import served

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
capture.install(tracer_provider=provider)
with served() as url:
    httpx.post(f"{url}/v1/embeddings", json={})
    capture.flush()
    sys.stdout.flush()
    if not os.fork():
        httpx.post(f"{url}/v1/embeddings", json={})
        capture.flush()
        os._exit(len(exporter.get_finished_spans()))
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_forked_child_captures_as_well() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "2\n", done.stderr

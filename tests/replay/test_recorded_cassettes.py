"""Cassettes that real vcrpy recorded from real SDKs: each exchange comes back as it was, with no server there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import vcr

from pytest_llmreplay.replay.active import active
from pytest_llmreplay.replay.cassette import patches
from pytest_llmreplay.replay.session import ReplaySession
from pytest_llmreplay.traces.catalog import load_catalog
from tests.loopback import (
    APPLICATIONS,
    COUNTS,
    PNG,
    QUESTION,
    claude,
    completion,
    completion_stream,
    counted,
    gpt,
    image,
    message,
    orders,
    served,
)


class Signal(BaseException):
    """Leaves the application."""


@contextmanager
def replaying(folder: Path, **more: Any) -> Iterator[ReplaySession]:
    """A replay of the one cassette of a folder."""
    found = load_catalog([str(folder)], folder, folder / ".cache")
    assert found.problems == []
    steps = found.handles[0].open().steps
    session = ReplaySession(lambda: steps, signal=Signal, **more)
    patches.install()
    try:
        with active(session):
            yield session
    finally:
        patches.remove()


def record(application: Callable[[str], Any], path: Path, serializer: str = "yaml") -> tuple[str, Any]:
    """The address of a server that is gone, and what an application said while vcrpy recorded it."""
    COUNTS.clear()
    with served() as url, vcr.use_cassette(str(path), record_mode="all", serializer=serializer):
        return url, application(url)


@pytest.mark.parametrize("application", APPLICATIONS, ids=lambda each: each.__name__)
def test_what_vcrpy_recorded_comes_back_byte_for_byte(application: Callable[[str], Any], tmp_path: Path) -> None:
    url, said = record(application, tmp_path / "cassette.yaml")
    with replaying(tmp_path) as session:
        again = application(url)
    assert again == said
    assert {match.verdict for match in session.recording.matches} == {"same"}
    assert len(session.recording.matches) == len(session.plan.expected)
    assert session.recording.refusals == []


@pytest.mark.parametrize("application", [completion_stream, message, counted], ids=lambda each: each.__name__)
def test_json_cassettes_do_as_well(application: Callable[[str], Any], tmp_path: Path) -> None:
    url, said = record(application, tmp_path / "cassette.json", "json")
    with replaying(tmp_path):
        assert application(url) == said


def test_asked_in_another_stream_mode_the_answer_is_written_anew(tmp_path: Path) -> None:
    url, _ = record(completion, tmp_path / "cassette.yaml")
    with (
        replaying(tmp_path),
        gpt(url).chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True) as stream,
    ):
        told = [each.choices[0].delta.content or "" for each in stream]
    assert "".join(told) == "Grüße."


def test_asked_over_another_api_the_answer_is_written_anew(tmp_path: Path) -> None:
    url, _ = record(completion, tmp_path / "cassette.yaml")
    with replaying(tmp_path, drift="serve") as session:
        done = claude(url).messages.create(model="gpt-4o", max_tokens=9, messages=QUESTION)
    assert done.to_dict()["content"] == [{"type": "text", "text": "Grüße."}]
    assert [match.verdict for match in session.recording.matches] == ["drift"]


def test_a_call_that_drifted_gets_no_bytes_of_another_question(tmp_path: Path) -> None:
    url, _ = record(completion, tmp_path / "cassette.yaml")
    other: Any = [{"role": "user", "content": "Hello there?"}]
    with replaying(tmp_path, drift="serve"):
        done = gpt(url).chat.completions.create(model="gpt-4o", messages=other)
    assert done.choices[0].message.content == "Grüße."
    assert "an_extra" not in done.to_dict()


def refused(folder: Path, ask: Callable[[], Any], **more: Any) -> ReplaySession:
    """The session of a question that was not answered."""
    with replaying(folder, **more) as session, pytest.raises(Signal):
        ask()
    return session


def test_a_plain_request_that_differs_diverges(tmp_path: Path) -> None:
    url, _ = record(orders, tmp_path / "cassette.yaml")
    session = refused(tmp_path, lambda: httpx.get(f"{url}/orders?page=3&open=yes"))
    (match,) = session.recording.matches
    assert (match.verdict, [each.path for each in match.differences]) == ("diverged", ["query.page[0]"])
    assert session.recording.refusals == []


@pytest.mark.parametrize("drift", ["serve", "fork"])
def test_drift_serves_a_plain_request_and_a_fork_does_not(drift: str, tmp_path: Path) -> None:
    url, said = record(orders, tmp_path / "cassette.yaml")
    if drift == "fork":
        assert refused(tmp_path, lambda: httpx.get(f"{url}/orders?page=3"), drift=drift).recording.matches
        return
    with replaying(tmp_path, drift=drift) as session:
        assert httpx.get(f"{url}/orders?page=3").content == said[1]
    assert [match.verdict for match in session.recording.matches] == ["drift"]


def test_a_plain_request_asked_once_more_than_recorded(tmp_path: Path) -> None:
    url, _ = record(image, tmp_path / "cassette.yaml")

    def twice() -> None:
        assert image(url) == PNG
        image(url)

    session = refused(tmp_path, twice)
    assert session.recording.matches[-1].reason.endswith("/image: asked once more than recorded")


def test_what_the_cassette_does_not_hold_is_refused_as_ever(tmp_path: Path) -> None:
    url, _ = record(image, tmp_path / "cassette.yaml")
    session = refused(tmp_path, lambda: httpx.get(f"{url}/elsewhere"))
    assert [each.what for each in session.recording.refusals] == [f"GET {url}/elsewhere"]


def test_an_allowed_host_is_let_out_where_the_cassette_holds_nothing_like_it(tmp_path: Path) -> None:
    _, _ = record(image, tmp_path / "cassette.yaml")
    with served() as url, replaying(tmp_path, passes=lambda host: True) as session:
        assert httpx.get(f"{url}/missing").status_code == 404
    assert session.recording.matches == []


def test_nothing_is_answered_from_the_cassette_in_a_live_run(tmp_path: Path) -> None:
    with served() as url, vcr.use_cassette(str(tmp_path / "cassette.yaml"), record_mode="all"):
        counted(url)
    with replaying(tmp_path, mode="live", passes=lambda host: True), pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/count")

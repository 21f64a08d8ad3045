"""Personal data by presidio."""

import sys

import pytest

from pytest_llmreplay.errors import MissingExtra, UsageProblem
from pytest_llmreplay.redaction.redactor import Redactor

TEXT = "Call +44 20 7946 0958 or mail j.doe@acme.com by 2026-11-22, see https://acme.com/orders"


def test_without_presidio_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_llmreplay.redaction.presidio import Presidio

    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(MissingExtra) as problem:
        Presidio("en")
    assert str(problem.value) == (
        "llm_pii needs the package presidio-analyzer: pip install 'pytest-llmreplay[pii]'"
    )  # fmt: skip


def test_a_language_is_enough_for_what_patterns_tell() -> None:
    pytest.importorskip("presidio_analyzer")
    from pytest_llmreplay.redaction.presidio import Presidio

    redactor = Redactor(finders=[Presidio("en")], environment={})
    marks = [
        redactor.mark(*each) for each in (("phone-number", "+44 20 7946 0958"), ("email-address", "j.doe@acme.com"))
    ]
    expected = f"Call {marks[0]} or mail {marks[1]} by 2026-11-22, see https://acme.com/orders"
    assert redactor.text(TEXT) == redactor.text(expected) == expected
    assert redactor.salted("").text(TEXT) == expected
    assert redactor.scan(TEXT) == []


@pytest.mark.parametrize(
    "text",
    [
        "0af7651916cd43dd8448eb211c80319c",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "2026-11-22T13:51:32.440840100Z",
        "1795355492",
        "0.177906533",
        "chatcmpl-6aeccd66ec0a83428bc8d",
        "opentelemetry.instrumentation.openai.v1",
        "gpt-4.1-mini-2025-04-14",
    ],
)
def test_ids_times_numbers_and_versions_are_nobodys(text: str) -> None:
    pytest.importorskip("presidio_analyzer")
    from pytest_llmreplay.redaction.presidio import Presidio

    assert Redactor(finders=[Presidio("en")], environment={}).text(text) == text


def test_a_model_or_a_language_that_is_not_there_is_named() -> None:
    pytest.importorskip("presidio_analyzer")
    from pytest_llmreplay.redaction.presidio import Presidio

    with pytest.raises(
        UsageProblem, match=r"^llm_pii: the model en_x is not installed: python -m spacy download en_x$"
    ):
        Presidio("en_x")
    with pytest.raises(UsageProblem, match=r"^llm_pii: 'xyz' is no language and no model of spaCy$"):
        Presidio("xyz")

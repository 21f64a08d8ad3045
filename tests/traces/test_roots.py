"""What the outermost spans say of a request."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.model.call import Arguments
from pytest_llmreplay.traces import roots


@pytest.mark.parametrize(
    ("attributes", "arguments"),
    [
        ({}, None),
        ({"traceloop.entity.input": '{"args": ["a", 1], "kwargs": {"k": true}}'}, Arguments(("a", 1), {"k": True})),
        ({"traceloop.entity.input": '{"args": [], "kwargs": {}}'}, Arguments()),
        ({"traceloop.entity.input": '{"kwargs": {"k": 1}}'}, Arguments((), {"k": 1})),
        ({"traceloop.entity.input": '{"args": null, "kwargs": null}'}, Arguments()),
        ({"traceloop.entity.input": '{"question": "x"}'}, Arguments(({"question": "x"},))),
        ({"traceloop.entity.input": "cut {"}, Arguments(("cut {",))),
        ({"input.value": "Hello?"}, Arguments(("Hello?",))),
        ({"input.value": '{"q": 1}'}, Arguments(('{"q": 1}',))),
        ({"input.value": '{"q": 1}', "input.mime_type": "application/json"}, Arguments((), {"q": 1})),
        ({"input.value": "[1, 2]", "input.mime_type": "application/json"}, Arguments(([1, 2],))),
        ({"input.value": "{cut", "input.mime_type": "application/json"}, Arguments(("{cut",))),
        ({"app.input": "Hello?"}, Arguments(("Hello?",))),
        ({"app.input": '{"q": 1}'}, Arguments((), {"q": 1})),
        ({"app.input": ""}, Arguments(("",))),
    ],
    ids=str,
)
def test_arguments_are_read_by_name_where_names_are_known(
    attributes: dict[str, str], arguments: Arguments | None
) -> None:
    assert roots.arguments_of(attributes) == arguments


@pytest.mark.parametrize(
    "given_", ['{"args": 5}', '{"args": "text"}', '{"args": {"a": 1}}', '{"args": true, "kwargs": 7}']
)
def test_arguments_of_the_wrong_shape_stop_nobody(given_: str) -> None:
    assert roots.arguments_of({"traceloop.entity.input": given_}) is not None


@pytest.mark.parametrize(
    ("attributes", "output"),
    [
        ({}, None),
        ({"traceloop.entity.output": '["a", {"b": 1}]'}, ["a", {"b": 1}]),
        ({"traceloop.entity.output": '"text"'}, "text"),
        ({"traceloop.entity.output": "[cut"}, "[cut"),
        ({"output.value": "42"}, "42"),
        ({"output.value": "42", "output.mime_type": "application/json"}, 42),
        ({"app.output": "42"}, "42"),
        ({"app.output": '{"a": 1}'}, {"a": 1}),
    ],
    ids=str,
)
def test_the_output_is_data_where_it_was_written_as_data(attributes: dict[str, str], output: object) -> None:
    assert roots.output_of(attributes) == output


@pytest.mark.parametrize(
    "attributes",
    [
        {"request_id": "r-7"},
        {"app.request_id": "r-7"},
        {"http.request_id": "r-7"},
        {"request.id": "r-7"},
        {"traceloop.association.properties.request_id": "r-7"},
        {"langsmith.metadata.request_id": "r-7"},
        {"metadata": '{"request_id": "r-7"}'},
        {"metadata": {"requestId": "r-7"}},
    ],
    ids=str,
)
def test_a_request_id_is_found_under_its_usual_names(attributes: dict[str, object]) -> None:
    assert roots.label(attributes, roots.REQUEST) == "r-7"


def test_a_session_is_found_under_its_usual_names() -> None:
    assert roots.label({"session.id": "s-1"}, roots.SESSION) == "s-1"
    assert roots.label({"gen_ai.conversation.id": 17}, roots.SESSION) == "17"


@pytest.mark.parametrize("attributes", [{}, {"metadata": "{cut"}, {"metadata": "[]"}, {"metadata": 5}])
def test_where_there_is_no_label_there_is_none(attributes: dict[str, object]) -> None:
    assert roots.label(attributes, roots.REQUEST) is None


@pytest.mark.parametrize(
    ("written", "tags"), [(["a", "b"], ("a", "b")), ('["a", 1]', ("a", "1")), ("a", ()), (None, ()), ({"a": 1}, ())]
)
def test_tags_are_a_list_of_words(written: object, tags: tuple[str, ...]) -> None:
    assert roots.tags_of({"tag.tags": written}) == tags


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("Where is my parcel?", "where-is-my-parcel"),
        ("Größe & Farbe", "groe-farbe"),
        ("你好", "the-span"),
        ("", "the-span"),
        ("How can I return the shoes that I bought?", "how-can-i-return-the"),
        ("a" * 50, "a" * 24),
    ],
)
def test_a_slug_is_made_of_the_question_or_else_of_the_name(words: str, slug: str) -> None:
    given_ = json.dumps({"args": [], "kwargs": {"flag": True, "number": 17, "question": words}})
    assert roots.slug({"traceloop.entity.input": given_}, "The Span") == slug


def test_a_slug_without_any_words_is_a_trace() -> None:
    assert roots.slug({}, "你好") == "trace"


@given(st.text(), st.text())
def test_a_slug_holds_only_harmless_letters(words: str, name: str) -> None:
    slug = roots.slug({"app.input": words}, name)
    assert 0 < len(slug) <= 24
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug.strip("-") == slug

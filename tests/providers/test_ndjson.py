"""Newline-delimited JSON."""

import pytest

from pytest_llmreplay.providers._ndjson import line, lines


def test_lines_are_written_and_read_again() -> None:
    values = [{"a": "b\nc"}, [1, None], "d"]
    assert list(lines(b"".join(map(line, values)))) == values


def test_a_line_is_one_line_for_every_reader() -> None:
    written = line({"a": "b\x85c\u2028d\u2029e\x0bf"})
    assert len(written.decode().splitlines()) == 1
    assert list(lines(written)) == [{"a": "b\x85c\u2028d\u2029e\x0bf"}]


def test_empty_lines_and_returns_are_passed_over() -> None:
    assert list(lines(b'\r\n{"a": 1}\r\n\n  \n{"a": 2}')) == [{"a": 1}, {"a": 2}]


def test_a_line_that_is_no_json_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"malformed|Expecting|char"):
        list(lines(b'{"a": 1}\n{oops'))

"""Numbers and texts that are the same on any machine."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_llmreplay.replay.stable import FORMATS, letters, stable_number

NUMBERS = st.integers(0, 2**64 - 1)
READERS: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "time": lambda text: datetime.fromisoformat(f"2026-11-23T{text}").utcoffset(),
    "date-time": datetime.fromisoformat,
    "duration": lambda text: re.fullmatch(r"PT\d+S", text)[0],  # type: ignore[index]  # ISO 8601
    "uuid": UUID,
    "ipv4": IPv4Address,
    "ipv6": IPv6Address,
}
"""What raises where a text is not of a format."""
SHOW = "from pytest_llmreplay.replay.stable import *; print([stable_number('a', 1), letters(7, 20)])"


def test_they_are_what_they_were() -> None:
    assert stable_number("a", 1) == 408074298725870688
    assert letters(7, 20) == "enjgmbnhigkmgpaalpjj"


@pytest.mark.parametrize("seed", ["0", "12345"])
def test_they_are_the_same_whatever_python_hashes_with(seed: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
    )
    assert json.loads(shown.stdout.replace("'", '"')) == [stable_number("a", 1), letters(7, 20)]


def test_the_words_of_a_number_are_parted() -> None:
    assert stable_number("ab", "c") != stable_number("a", "bc")


@given(NUMBERS, st.integers(-1, 100))
def test_there_are_as_many_letters_as_are_asked_for(number: int, length: int) -> None:
    found = letters(number, length)
    assert len(found) == max(0, length)
    assert set(found) <= set("abcdefghijklmnop")


@pytest.mark.parametrize("name", FORMATS)
@given(number=NUMBERS)
def test_a_text_is_of_its_format(name: str, number: int) -> None:
    READERS[name](FORMATS[name](number))

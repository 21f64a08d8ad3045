"""Numbers and texts that follow from words alone, on any machine. PYTEST_DONT_REWRITE"""

import hashlib
from collections.abc import Callable, Mapping
from itertools import chain, count, islice
from typing import Final
from uuid import UUID

WORDS: Final = ("amber", "basin", "cedar", "delta", "fable", "grove", "inlet", "meadow", "orchard", "pebble")
"""What made-up text consists of."""
STEMS: Final[Mapping[str, tuple[str, str]]] = {
    "email": ("", "@example.com"),
    "idn-email": ("", "@example.com"),
    "hostname": ("", ".example.com"),
    "uri": ("https://example.com/", ""),
    "url": ("https://example.com/", ""),
    "iri": ("https://example.com/", ""),
}
"""What stands before and behind the letters of a format."""


def stable_number(*words: object) -> int:
    """A number of 64 bits that follows from words alone, on any machine and under any version of Python."""
    joined = "\0".join(map(str, words)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(joined).digest()[:8], "big")


def letters(number: int, length: int) -> str:
    """So many lower-case letters."""
    digits = chain.from_iterable(f"{stable_number(number, block):016x}" for block in count())
    return "".join(chr(ord("a") + int(digit, 16)) for digit in islice(digits, max(0, length)))


def calendar_date(number: int) -> str:
    """A day of this century that every month has."""
    return f"20{number % 30:02d}-{number // 30 % 12 + 1:02d}-{number // 360 % 28 + 1:02d}"


def time_of_day(number: int) -> str:
    """A second of the day, UTC."""
    return f"{number % 24:02d}:{number // 24 % 60:02d}:{number // 1440 % 60:02d}Z"


FORMATS: Final[Mapping[str, Callable[[int], str]]] = {
    "date": calendar_date,
    "time": time_of_day,
    "date-time": lambda number: f"{calendar_date(number)}T{time_of_day(number // 10080)}",
    "duration": lambda number: f"PT{number % 600 + 1}S",
    "uuid": lambda number: str(UUID(int=number << 64 | stable_number(number), version=4)),
    "ipv4": lambda number: f"192.0.2.{number % 256}",
    "ipv6": lambda number: f"2001:db8::{number % 65536:x}",
}
"""Texts of a format that has no room for more."""

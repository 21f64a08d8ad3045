"""Vectors as the embedding APIs write them, and those that are made up. PYTEST_DONT_REWRITE"""

import base64
import hashlib
import math
import struct
from collections.abc import Sequence
from typing import Any

from pytest_llmreplay.model.jsonvalue import items


def as_base64(vector: Sequence[float]) -> str:
    """Little-endian 32-bit floats, which is what OpenAI's SDK asks for by default."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def vector_of(value: Any) -> tuple[float, ...]:
    """A vector from a list or from base64. Raises ValueError for what is none."""
    try:
        if isinstance(value, str):
            raw = base64.b64decode(value)
            return struct.unpack(f"<{len(raw) // 4}f", raw)
        return tuple(float(each) for each in items(value))
    except (TypeError, OverflowError, struct.error) as error:
        raise ValueError(str(error)) from None


def unit_vector(seed: str, width: int) -> list[float]:
    """A direction fixed by a seed."""
    stream = hashlib.shake_256(seed.encode("utf-8", "replace")).digest(2 * width)
    values = [each / 32768 - 1 for each in struct.unpack(f"<{width}H", stream)]
    length = math.sqrt(sum(each * each for each in values)) or 1.0
    return [each / length for each in values]

import pytest

from pytest_llmreplay.redaction.personal import PERSONAL


def found(kind: str, text: str) -> list[str]:
    return [text[each.start : each.end] for rule in PERSONAL[kind] for each in rule.find(text, text.lower())]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("email", "Write to jane.doe+x@mail.shop.co.uk, or x@y.", ["jane.doe+x@mail.shop.co.uk"]),
        ("email", "info@example.com, a@b.test, @handle, a@b", []),
        ("phone", "Call +49 30 1234567 or (415) 555-2671.", ["+49 30 1234567", "(415) 555-2671"]),
        ("phone", "+1-415-555-2671 and 415.555.2671", ["+1-415-555-2671", "415.555.2671"]),
        ("phone", "Order 1234567890, 2026-11-22, 3-4-5, +5, 192.168.100.1000", []),
        ("card", "4111 1111 1111 1111 and 4111 1111 1111 1112", ["4111 1111 1111 1111"]),
        ("iban", "DE89 3704 0044 0532 0130 00, DE89 3704 0044 0532 0130 01", ["DE89 3704 0044 0532 0130 00"]),
        ("ssn", "536-90-4399, 000-12-3456, 666-12-3456, 123-00-4567, 123-45-0000", ["536-90-4399"]),
        ("ip", "8.8.8.8, 192.168.0.1, 127.0.0.1, 1.2.3, 300.1.1.1", ["8.8.8.8"]),
    ],
)
def test_personal_data_is_known_by_its_look(kind: str, text: str, expected: list[str]) -> None:
    assert found(kind, text) == expected
